import { createHash } from 'node:crypto'
import { copyFile, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createTopic, javaConsume, type KafkaTarget, requires } from '@ottla-test/apache-kafka'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { complaints, dumpLog, logFiles } from './dump-log.js'
import { kcatProduce } from './kcat.js'
import { startTarget } from './target.js'

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
/** The smallest that Kafka accepts since 4.0 (KIP-1030). */
const SEGMENT_BYTES = 1 << 20
/** At about 1 KB each, more than two segments also when compressed to half. */
const RECORDS = 4_000

/** Hexadecimal noise, which codecs shrink to half and not to nothing. */
function pairs(): [key: string, value: string][] {
  return Array.from({ length: RECORDS }, (_, index) => {
    const parts = Array.from({ length: 8 }, (_, part) => hash(`${index}/${part}`))
    return [`key-${index % 7}`, `${index} ${parts.join('')}`]
  })
}

function hash(text: string): string {
  return createHash('sha512').update(text).digest('hex')
}

/** Kafka itself may leave the metadata log's time index unfinished when it stops; ours has to close every file. */
function isClosed(file: string): boolean {
  return process.env.OTTLA_TARGET !== 'apache-kafka' || !file.includes('/__cluster_metadata-0/')
}

describe.runIf(requires('java', 'maven', 'kcat'))('DumpLogSegments', () => {
  let target: KafkaTarget
  let allFiles: string[]
  let files: string[]

  beforeAll(async () => {
    target = await startTarget()
    const configs = { 'segment.bytes': String(SEGMENT_BYTES) }
    for (const codec of CODECS) {
      await createTopic(target.bootstrapServers, codec, 1, configs)
      // A batch of one record may grow by compression, and kcat then leaves it as it is; with linger there is none.
      const batching = ['batch.num.messages=100', 'linger.ms=500']
      const settings = [`compression.codec=${codec}`, ...batching]
      await kcatProduce(target.bootstrapServers, codec, pairs(), settings)
    }
    // A committed group, so that the log of offsets is among the files.
    await javaConsume(target.bootstrapServers, 'none', 10, 'dumped')
    await target.stop()
    allFiles = await logFiles(target.dataDirs)
    files = allFiles.filter(isClosed)
  })
  afterAll(() => target?.remove())

  test.each(CODECS)('%s: several segments, each with both indexes', (codec) => {
    const names = files.filter((file) => file.includes(`/${codec}-0/`)).map((f) => basename(f))
    const segments = names.filter((name) => name.endsWith('.log'))
    expect(segments.length).toBeGreaterThan(2)
    for (const segment of segments) {
      expect(names).toContain(segment.replace('.log', '.index'))
      expect(names).toContain(segment.replace('.log', '.timeindex'))
    }
  })

  test('the log of committed offsets is there', () => {
    expect(files.filter((file) => file.includes('/__consumer_offsets-'))).not.toEqual([])
  })

  test.each(CODECS)('%s: deep iteration finds every record and nothing wrong', async (codec) => {
    const own = files.filter((file) => file.includes(`/${codec}-0/`))
    const lines = await dumpLog(own, ['--deep-iteration'])
    expect(complaints(lines)).toEqual([])
    const records = lines.filter((line) => line.startsWith('| offset:'))
    const offsets = records.map((line) => Number(/offset: (\d+)/.exec(line)?.[1]))
    expect(offsets).toEqual(Array.from({ length: RECORDS }, (_, index) => index))
    const batches = lines.filter((line) => line.startsWith('baseOffset:'))
    expect(batches.filter((line) => !line.includes(`compresscodec: ${codec} `))).toEqual([])
    expect(batches.filter((line) => !line.includes('isvalid: true'))).toEqual([])
  })

  test('no file of any partition has anything wrong', async () => {
    expect(complaints(await dumpLog(files, ['--deep-iteration']))).toEqual([])
  })

  test('every index passes the sanity check', async () => {
    const indexes = files.filter((file) => /\.(index|timeindex)$/.test(file))
    const lines = await dumpLog(indexes, ['--index-sanity-check'])
    expect(complaints(lines)).toEqual([])
    const judged = lines.filter((line) => /(passed sanity check|is empty)\.$/.test(line))
    expect(judged).toHaveLength(indexes.length)
  })

  test('every index entry points at the batch of its offset', async () => {
    const indexes = files.filter((file) => file.includes('/none-0/') && file.endsWith('.index'))
    const lines = await dumpLog(indexes, ['--verify-index-only'])
    expect(complaints(lines)).toEqual([])
    const entries = await dumpLog(indexes, [])
    const counted = entries.filter((line) => /^offset: \d+ position: [1-9]/.test(line))
    expect(counted.length).toBeGreaterThan(RECORDS / 200)
  })

  test('Kafka decodes the committed offset', async () => {
    const logs = allFiles.filter((file) => /__consumer_offsets-\d+\/\d+\.log$/.test(file))
    const lines = await dumpLog(logs, ['--offsets-decoder'])
    const commits = lines.filter((line) => line.includes('"group":"dumped","topic":"none"'))
    expect(commits.at(-1)).toMatch(/"partition":0\}\} payload: .*"offset":10,/)
  })

  test('Kafka decodes the records of the metadata log', async () => {
    const logs = allFiles.filter((file) => /__cluster_metadata-0\/\d+\.log$/.test(file))
    const lines = await dumpLog(logs, ['--cluster-metadata-decoder'])
    const names = lines.map((line) => /"TOPIC_RECORD".*"name":"([^"]+)"/.exec(line)?.[1])
    expect(names.filter((name) => CODECS.includes(name ?? ''))).toEqual(CODECS)
  })

  describe('sees damage', () => {
    let folder: string

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'ottla-damage-'))
      for (const file of files.filter((name) => name.includes('/none-0/00000000000000000000.'))) {
        await copyFile(file, join(folder, basename(file)))
      }
    })
    afterAll(() => rm(folder, { recursive: true, force: true }))

    test.each([
      ['log', 5_000],
      ['index', 15],
    ])('in a .%s', async (kind, position) => {
      const damaged = join(folder, `00000000000000000000.${kind}`)
      const handle = await open(damaged, 'r+')
      const byte = new Uint8Array(1)
      await handle.read(byte, 0, 1, position)
      await handle.write(Uint8Array.of((byte[0] as number) ^ 1), 0, 1, position)
      await handle.close()
      const lines = await dumpLog([damaged], ['--deep-iteration']).catch((error: Error) => [
        error.message,
      ])
      expect(complaints(lines)).not.toEqual([])
    })
  })
})
