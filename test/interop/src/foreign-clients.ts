import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  cacheFolder,
  goProgram,
  newestNode,
  run,
  type ToolName,
  toolsJars,
  withLock,
} from '@ottla-test/apache-kafka'

const CLIENTS = join(import.meta.dirname, '..', 'clients')
const INSTALL_TIMEOUT_MS = 300_000

/** A client of the matrix: a program that takes the commands of `clients/README.md`. */
export interface ForeignClient {
  readonly name: string
  readonly requires: readonly ToolName[]
  /** The codecs it can write; it reads those of all others, unless `readsCodecs` says less. */
  readonly codecs: readonly string[]
  readonly readsCodecs?: readonly string[]
  /** Prints a line for each record; otherwise a line for each partition of a batch. */
  readonly reportsEachRecord: boolean
  /** Fetches what it needs and gives the command to run it. */
  prepare(): Promise<readonly string[]>
}

const EVERY_CODEC = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

export const foreignClients: readonly ForeignClient[] = [
  {
    name: 'franz-go',
    requires: ['go'],
    codecs: EVERY_CODEC,
    reportsEachRecord: true,
    prepare: async () => [await goProgram(join(CLIENTS, 'franz-go'))],
  },
  {
    name: 'kafka-python',
    requires: ['python'],
    codecs: EVERY_CODEC,
    reportsEachRecord: true,
    prepare: async () => [await python(), join(CLIENTS, 'python', 'kafka_python_client.py')],
  },
  {
    name: 'confluent-kafka-python',
    requires: ['python'],
    codecs: EVERY_CODEC,
    reportsEachRecord: true,
    prepare: async () => [await python(), join(CLIENTS, 'python', 'confluent_client.py')],
  },
  {
    name: 'Java',
    requires: ['java', 'maven'],
    codecs: EVERY_CODEC,
    reportsEachRecord: true,
    prepare: javaClient,
  },
  {
    name: 'kafkajs',
    requires: [],
    codecs: ['none', 'gzip'],
    readsCodecs: ['none', 'gzip'],
    reportsEachRecord: false,
    prepare: async () => [process.execPath, join(CLIENTS, 'node', 'kafkajs-client.mjs')],
  },
  {
    name: 'platformatic',
    requires: [],
    codecs: EVERY_CODEC,
    reportsEachRecord: false,
    prepare: async () => [await newestNode(), join(CLIENTS, 'node', 'platformatic-client.mjs')],
  },
]

/** The Java client, compiled once until its source changes: each of its runs would compile it anew otherwise. */
async function javaClient(): Promise<readonly string[]> {
  const { classPath } = await toolsJars()
  const source = join(CLIENTS, 'java', 'JavaClient.java')
  const folder = join(cacheFolder(), 'java-client')
  const compiled = join(folder, 'JavaClient.java')
  await withLock('java-client', async () => {
    const wanted = await readFile(source, 'utf8')
    if ((await readFile(compiled, 'utf8').catch(() => '')) === wanted) return
    await run('javac', ['-cp', classPath, '-d', folder, source])
    await writeFile(compiled, wanted)
  })
  return ['java', '-XX:TieredStopAtLevel=1', '-cp', `${folder}:${classPath}`, 'JavaClient']
}

/** A Python with the packages of `requirements.txt`, kept in the cache until that file changes. */
async function python(): Promise<string> {
  const requirements = join(CLIENTS, 'python', 'requirements.txt')
  const folder = join(cacheFolder(), 'python')
  const installed = join(folder, 'requirements.txt')
  const interpreter = join(folder, 'bin', 'python')
  return withLock('python', async () => {
    const wanted = await readFile(requirements, 'utf8')
    if ((await readFile(installed, 'utf8').catch(() => '')) === wanted) return interpreter
    const options = { timeoutMs: INSTALL_TIMEOUT_MS }
    await run('python3', ['-m', 'venv', folder], options)
    await run(interpreter, ['-m', 'pip', 'install', '--quiet', '-r', requirements], options)
    await writeFile(installed, wanted)
    return interpreter
  })
}
