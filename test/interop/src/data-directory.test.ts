import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Broker, startBroker } from '@ottla/broker'
import { DescribeConfigs, ErrorCode, IncrementalAlterConfigs } from '@ottla/protocol'
import {
  type ApacheKafka,
  createTopic,
  javaConsume,
  javaProduce,
  request,
  requires,
  type SeenRecord,
  startApacheKafka,
} from '@ottla-test/apache-kafka'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { complaints, dumpLog, logFiles } from './dump-log.js'
import { kcat, kcatConsume, kcatProduce } from './kcat.js'

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
const PARTITIONS = 2
const GROUP = 'readers'
/** Of the metadata log. */
const FIRST_SEGMENT = '00000000000000000000.log'

const byPlace = (a: SeenRecord, b: SeenRecord) => a.partition - b.partition || a.offset - b.offset

const pairsOf = (who: string): [string, string][] =>
  Array.from({ length: 40 }, (_, index) => [`key-${index % 7}`, `${who} ${index}`])

const COMPACTED = 'compacted'
const COMPACTED_CONFIGS = {
  'cleanup.policy': 'compact',
  'segment.bytes': '1048576',
  'min.cleanable.dirty.ratio': '0.01',
}
/** About 3 MB: segments of a megabyte end, and only ended ones are compacted. */
const updatesOf = (who: string): [string, string][] =>
  Array.from({ length: 600 }, (_, index) => [
    `key-${index % 7}`,
    `${who} ${index} ${'x'.repeat(5000)}`,
  ])

/** Configs of a group (32) and of a subscription to client metrics (16), by which alone these exist. */
const CONFIGURED = [
  { resourceType: 32, resourceName: GROUP, name: 'consumer.session.timeout.ms' },
  { resourceType: 16, resourceName: 'subscription', name: 'interval.ms' },
]

const readConfig = async (
  address: string,
  { resourceType, resourceName, name }: (typeof CONFIGURED)[number],
): Promise<string | null | undefined> => {
  const resources = [{ resourceType, resourceName, configurationKeys: [name] }]
  const body = { resources, includeSynonyms: false, includeDocumentation: false }
  const { results } = await request(address, DescribeConfigs, 4, body)
  return results[0]?.configs[0]?.value
}

const setConfig = async (
  address: string,
  { resourceType, resourceName, name }: (typeof CONFIGURED)[number],
  value: string,
): Promise<void> => {
  const configs = [{ name, configOperation: 0, value }]
  const body = { resources: [{ resourceType, resourceName, configs }], validateOnly: false }
  const { responses } = await request(address, IncrementalAlterConfigs, 1, body)
  expect(responses).toMatchObject([{ errorCode: ErrorCode.NONE }])
}

/** The newest value of each key. */
const newestOf = (pairs: Iterable<readonly [string, string]>): Map<string, string> => new Map(pairs)

/** A directory that is handed back and forth between our broker and Apache Kafka. */
describe.runIf(requires('java', 'maven', 'kcat'))('a data directory', () => {
  let dataDir: string
  let ottla: Broker | undefined
  let kafka: ApacheKafka | undefined
  /** What each topic holds, as whoever wrote last has read it. */
  const held = new Map<string, SeenRecord[]>()

  const updates: [string, string][] = []

  /** The newest value of each key is there, superseded ones are on their way out; then come more updates. */
  const visitCompacted = async (address: string, who: string): Promise<void> => {
    if (updates.length === 0) await createTopic(address, COMPACTED, 1, COMPACTED_CONFIGS)
    else {
      const seen = await kcatConsume(address, COMPACTED)
      expect(newestOf(seen.map(({ key, value }) => [key, value] as const))).toEqual(
        newestOf(updates),
      )
      expect(seen.length, `records as ${who}`).toBeLessThan(updates.length)
    }
    await kcatProduce(address, COMPACTED, updatesOf(who), ['compression.codec=none'])
    updates.push(...updatesOf(who))
  }

  /** What was set last; Kafka answers before all of its parts know of it. */
  let lastValue: string | undefined
  const visitConfigured = async (address: string): Promise<void> => {
    const next = String(Number(lastValue ?? 50_000) + 1)
    for (const config of CONFIGURED) {
      if (lastValue !== undefined) expect(await readConfig(address, config)).toBe(lastValue)
      await setConfig(address, config, next)
      await vi.waitFor(async () => expect(await readConfig(address, config)).toBe(next), 10_000)
    }
    lastValue = next
  }

  /** Snapshots of the metadata are written soon, and what they cover is given up. */
  const metadataConfigs = {
    'metadata.log.max.record.bytes.between.snapshots': 100,
    'metadata.log.segment.ms': 1000,
    'metadata.max.retention.bytes': 2000,
  }
  type End = 'stop' | 'kill'

  /** Lets one of them work on the directory, and ends it. */
  const withOttla = async (
    work: (address: string) => Promise<void>,
    end: End = 'stop',
  ): Promise<void> => {
    ottla = await startBroker({ dataDir, nodeId: 1, configs: metadataConfigs })
    await work(ottla.bootstrapServers)
    if (end === 'kill') await ottla.kill()
    await ottla.close()
    ottla = undefined
  }
  const withKafka = async (
    work: (address: string) => Promise<void>,
    end: End = 'stop',
  ): Promise<void> => {
    const configs = { 'log.cleaner.backoff.ms': 100, ...metadataConfigs }
    kafka = await startApacheKafka({ dataDir, configs })
    await work(kafka.bootstrapServers)
    await kafka[end]()
    await kafka.remove()
    kafka = undefined
  }
  const snapshots = async (): Promise<string[]> =>
    (await readdir(join(dataDir, '__cluster_metadata-0'))).filter((name) =>
      name.endsWith('.checkpoint'),
    )

  /** Every topic holds what it held, then every codec and an idempotent producer write more. */
  const visit = async (address: string, who: string): Promise<void> => {
    const names = await readdir(dataDir)
    expect(names.filter((name) => /-stray$|-delete$/.test(name))).toEqual([])
    for (const [topic, records] of held) {
      expect((await kcatConsume(address, topic)).sort(byPlace), `${topic} as ${who}`).toEqual(
        records,
      )
    }
    for (const codec of CODECS) {
      const topic = `codec-${codec}`
      if (!held.has(topic)) await createTopic(address, topic, PARTITIONS)
      const idempotence = ['enable.idempotence=true', `compression.codec=${codec}`]
      await kcatProduce(address, topic, pairsOf(who), idempotence)
      held.set(topic, (await kcatConsume(address, topic)).sort(byPlace))
    }
    await visitCompacted(address, who)
    await visitConfigured(address)
    await javaProduce(address, 'codec-none', pairsOf(`${who} java`), 'none')
    held.set('codec-none', (await kcatConsume(address, 'codec-none')).sort(byPlace))
  }

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'ottla-directory-'))
  })
  afterAll(async () => {
    await ottla?.close()
    await kafka?.remove()
    await rm(dataDir, { recursive: true, force: true })
  })

  test('is made by our broker', () =>
    withOttla(async (address) => {
      await visit(address, 'ottla')
      await javaConsume(address, 'codec-none', 50, GROUP)
      // Kafka starts from what our broker has written down of the metadata.
      expect(await snapshots()).not.toEqual([])
      expect(await readdir(join(dataDir, '__cluster_metadata-0'))).not.toContain(FIRST_SEGMENT)
    }))

  test('is opened by Apache Kafka, without a format step', () =>
    withKafka(async (address) => {
      await visit(address, 'kafka')
      // The group goes on behind the 50 records that it has committed.
      const left = (held.get('codec-none')?.length ?? 0) - 50
      expect(await javaConsume(address, 'codec-none', left, GROUP)).toHaveLength(left)
      await expect(kcat(address, ['-L', '-J'])).resolves.toBeDefined()
    }))

  test('is opened by our broker again', () =>
    withOttla(async (address) => {
      await visit(address, 'ottla again')
      const fresh = pairsOf('').length * 2
      expect(await javaConsume(address, 'codec-none', fresh, GROUP)).toHaveLength(fresh)
    }))

  test('and by Apache Kafka again', () => withKafka((address) => visit(address, 'kafka again')))

  test('is opened by Apache Kafka after our broker was killed', async () => {
    await withOttla((address) => visit(address, 'ottla to be killed'), 'kill')
    await withKafka((address) => visit(address, 'kafka to be killed'), 'kill')
  })

  test('is opened by our broker after Apache Kafka was killed', () =>
    withOttla((address) => visit(address, 'ottla at last')))

  test('has no fault that DumpLogSegments finds', async () => {
    // Kafka leaves the index of the metadata log's last segment preallocated.
    const files = (await logFiles([dataDir])).filter((path) => !path.includes('__cluster_metadata'))
    const found = complaints(await dumpLog(files, ['--deep-iteration']))
    // Gaps are what compaction is about.
    const isGap = /^Non-consecutive offsets in .*\/compacted-/
    expect(found.filter((line) => !isGap.test(line))).toEqual([])
  })
})
