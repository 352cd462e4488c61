import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brokerJars, CURRENT_RELEASE, LAST_3_RELEASE } from './jar-sets.js'
import { runJavaProgram } from './java.js'
import type { Jars } from './maven.js'
import { countPairs, joinReleases, type SchemaVersions } from './pairs.js'
import { type KafkaSchema, readSchemas } from './schemas.js'
import type { MessageVectors, Vector } from './vectors.js'

/** What was written. */
export interface VectorCounts {
  messages: number
  pairs: number
  vectors: number
}

/** One line of the Java program's output. */
interface JavaVector {
  message: string
  version: number
  mode: string
  bytes: string
  value: object
}

/** Writes the golden vectors of all messages and of record batches into a folder, with Kafka's own classes. */
export async function writeVectors(folder: string): Promise<VectorCounts> {
  const current = await brokerJars(CURRENT_RELEASE)
  const last3 = await brokerJars(LAST_3_RELEASE)
  const pairs = joinReleases(await readSchemas(current), await readSchemas(last3))
  const scratch = await mkdtemp(join(tmpdir(), 'ottla-vectors-'))
  try {
    const vectors = [
      ...(await runWriter(last3, pairs.dropped, scratch)),
      ...(await runWriter(current, pairs.current, scratch)),
    ]
    await mkdir(join(folder, 'messages'), { recursive: true })
    const schemas = [...pairs.dropped, ...pairs.current].map(({ schema }) => schema)
    const files = groupByMessage(schemas, vectors)
    for (const file of files) {
      await writeFile(join(folder, 'messages', `${file.message}.json`), formatVectors(file))
    }
    await runJavaProgram(current, 'WriteRecordVectors.java', [join(folder, 'records.json')])
    return {
      messages: files.length,
      pairs: countPairs(pairs.current) + countPairs(pairs.dropped),
      vectors: files.reduce((sum, file) => sum + file.vectors.length, 0),
    }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function runWriter(
  jars: Jars,
  plan: readonly SchemaVersions[],
  scratch: string,
): Promise<JavaVector[]> {
  const planFile = join(scratch, 'plan.json')
  const outFile = join(scratch, 'out.jsonl')
  await writeFile(planFile, JSON.stringify(plan))
  await runJavaProgram(jars, 'WriteVectors.java', [planFile, outFile], { timeoutMs: 300_000 })
  const lines = (await readFile(outFile, 'utf8')).trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as JavaVector)
}

/** Joins vectors that are the same in several versions, and sorts everything so that the files are stable. */
function groupByMessage(
  schemas: readonly KafkaSchema[],
  vectors: readonly JavaVector[],
): MessageVectors[] {
  const files = new Map<string, MessageVectors>()
  for (const { name, type, apiKey } of schemas) {
    files.set(name, {
      message: name,
      type,
      ...(apiKey === undefined ? {} : { apiKey }),
      vectors: [],
    })
  }
  const joined = new Map<string, Vector>()
  for (const { message, version, mode, bytes, value } of vectors) {
    const key = JSON.stringify([message, mode, bytes, value])
    const known = joined.get(key)
    if (known !== undefined) {
      known.versions.push(version)
      continue
    }
    const vector = { mode, versions: [version], bytes, value }
    joined.set(key, vector)
    files.get(message)?.vectors.push(vector)
  }
  return [...files.values()]
}

/** One vector a line, so that a difference shows which vector changed. */
function formatVectors({ vectors, ...head }: MessageVectors): string {
  const lines = vectors.map((vector) => JSON.stringify(vector)).join(',\n')
  return `${JSON.stringify(head).slice(0, -1)},"vectors":[\n${lines}\n]}\n`
}

if (process.argv[1] === import.meta.filename) {
  const folder = join(import.meta.dirname, '..', 'vectors')
  await rm(folder, { recursive: true, force: true })
  const counts = await writeVectors(folder)
  console.log(
    `${counts.vectors} vectors of ${counts.pairs} (message, version) pairs, ${counts.messages} messages`,
  )
}
