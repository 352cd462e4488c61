import { partitionForKey } from '@ottla/protocol'
import {
  createTopic,
  javaConsume,
  javaProduce,
  type KafkaTarget,
  requires,
  runTool,
  type SeenRecord,
} from '@ottla-test/apache-kafka'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kcatConsume, kcatProduce } from './kcat.js'
import { startTarget } from './target.js'

const PARTITIONS = 3
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
const CLIENTS = ['kcat', 'java']

/** Records of one client: enough for several batches of each partition, few enough keys that order can be seen. */
function pairsOf(client: string): [key: string, value: string][] {
  return Array.from({ length: 300 }, (_, index) => [
    `klíč-${index % 20}`,
    `${client} ${index} ${'x'.repeat(index % 50)}`,
  ])
}

const byPlace = (a: SeenRecord, b: SeenRecord) => a.partition - b.partition || a.offset - b.offset

describe.runIf(requires('java', 'maven', 'kcat'))('foreign clients', () => {
  let target: KafkaTarget

  beforeAll(async () => {
    target = await startTarget()
  })
  afterAll(() => target?.remove())

  describe.each(CODECS)('%s', (codec) => {
    const topic = `records-${codec}`
    let seen: SeenRecord[]

    beforeAll(async () => {
      const address = target.bootstrapServers
      await createTopic(address, topic, PARTITIONS)
      await kcatProduce(address, topic, pairsOf('kcat'), [`compression.codec=${codec}`])
      await javaProduce(address, topic, pairsOf('java'), codec)
      seen = (await kcatConsume(address, topic)).sort(byPlace)
    })

    test('every record comes back once, in the order of its key', () => {
      for (const client of CLIENTS) {
        for (const key of new Set(pairsOf(client).map(([key]) => key))) {
          const values = seen.filter((record) => record.key === key).map(({ value }) => value)
          expect(values.filter((value) => value.startsWith(client))).toEqual(
            pairsOf(client).flatMap((pair) => (pair[0] === key ? [pair[1]] : [])),
          )
        }
      }
      expect(seen).toHaveLength(pairsOf('').length * CLIENTS.length)
    })

    test('offsets of each partition count up from 0', () => {
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const offsets = seen.filter((r) => r.partition === partition).map(({ offset }) => offset)
        expect(offsets).toEqual(offsets.map((_, index) => index))
      }
    })

    test('both producers put a key where our hash says', () => {
      for (const { partition, key } of seen) {
        expect([key, partition]).toEqual([key, partitionForKey(Buffer.from(key), PARTITIONS)])
      }
    })

    test('the console consumer reads the same', async () => {
      const java = await javaConsume(target.bootstrapServers, topic, seen.length)
      expect(java.sort(byPlace)).toEqual(seen)
    })
  })

  test('idempotent kcat, acks of all', async () => {
    const topic = 'idempotent'
    await createTopic(target.bootstrapServers, topic, 1)
    const batching = ['batch.num.messages=10', 'max.in.flight=5']
    const settings = ['enable.idempotence=true', 'acks=all', ...batching]
    await kcatProduce(target.bootstrapServers, topic, pairsOf('kcat'), settings)
    const values = (await kcatConsume(target.bootstrapServers, topic)).map(({ value }) => value)
    expect(values).toEqual(pairsOf('kcat').map(([, value]) => value))
  })

  test('a group of console consumers goes on where it has committed', async () => {
    const topic = 'resumed'
    await createTopic(target.bootstrapServers, topic, 1)
    await kcatProduce(target.bootstrapServers, topic, pairsOf('kcat'))
    const first = await javaConsume(target.bootstrapServers, topic, 100, 'readers')
    await target.restart()
    const second = await javaConsume(target.bootstrapServers, topic, 200, 'readers')
    const offsets = [...first, ...second].map(({ offset }) => offset)
    expect(offsets).toEqual(Array.from({ length: 300 }, (_, index) => index))
  })

  test('GetOffsetShell sees the ends', async () => {
    await createTopic(target.bootstrapServers, 'ends', 2)
    await kcatProduce(target.bootstrapServers, 'ends', pairsOf('kcat'))
    const counts = [0, 0]
    for (const [key] of pairsOf('kcat')) {
      const partition = partitionForKey(Buffer.from(key), 2)
      counts[partition] = (counts[partition] ?? 0) + 1
    }
    const { stdout } = await runTool('get-offsets', target.bootstrapServers, ['--topic', 'ends'])
    expect(stdout.trim().split('\n').sort()).toEqual(counts.map((end, i) => `ends:${i}:${end}`))
  })
})
