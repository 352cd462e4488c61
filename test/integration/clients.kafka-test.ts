import { Consumer, type ConsumerRecord } from '@ottla/consumer'
import {
  Producer,
  type ProducerOptions,
  type ProducerRecord,
  type RecordMetadata,
} from '@ottla/producer'
import { type CompressionName, partitionForKey } from '@ottla/protocol'
import {
  type ApacheKafka,
  CURRENT_RELEASE,
  createTopic,
  javaConsume,
  javaProduce,
  LAST_3_RELEASE,
  requires,
  type SeenRecord,
  startApacheKafka,
} from '@ottla-test/apache-kafka'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const CODECS: CompressionName[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
const PARTITIONS = 4
const COUNT = 500
const WAIT_MS = 60_000

/** Keys with characters of one to four bytes, few enough that order within a key can be seen. */
function pairs(): [key: string, value: string][] {
  return Array.from({ length: COUNT }, (_, index) => [
    `${['a', 'ž', '€', '𝄞'][index % 4]}${index % 20}`,
    `value ${index} ${'x'.repeat(index)}`,
  ])
}

const toRecords = (topic: string): ProducerRecord[] =>
  pairs().map(([key, value], index) => ({
    topic,
    key,
    value,
    headers: [['index', String(index)]],
    timestamp: 1_700_000_000_000 + index,
  }))

const byPlace = (a: SeenRecord, b: SeenRecord) => a.partition - b.partition || a.offset - b.offset

function seen({ partition, offsetNumber, key, value }: ConsumerRecord): SeenRecord {
  return { partition, offset: offsetNumber, key: String(key), value: String(value) }
}

/** Reads this many records, and leaves the last one finished. */
async function collect(consumer: Consumer, count: number): Promise<ConsumerRecord[]> {
  const records: ConsumerRecord[] = []
  for await (const record of consumer.records({ signal: AbortSignal.timeout(WAIT_MS) })) {
    records.push(record)
    if (records.length < count) continue
    if (consumer.groupId !== undefined) await consumer.commit(record)
    break
  }
  return records
}

/** Sends records with a producer of its own. */
async function produce(
  options: ProducerOptions,
  records: readonly ProducerRecord[],
): Promise<RecordMetadata[]> {
  const producer = new Producer(options)
  try {
    return await producer.send(records)
  } finally {
    await producer.close()
  }
}

const isPossible = requires('java', 'maven')

describe.runIf(isPossible).each([CURRENT_RELEASE, LAST_3_RELEASE])(
  'our clients on Apache Kafka %s',
  (version) => {
    let kafka: ApacheKafka

    beforeAll(async () => {
      kafka = await startApacheKafka({ version })
    })
    afterAll(() => kafka?.remove())

    /** All that is in a topic, read by our consumer without a group. */
    async function readAll(topic: string, count: number): Promise<ConsumerRecord[]> {
      const consumer = new Consumer({ bootstrapServers: kafka.bootstrapServers })
      try {
        const all = await consumer.partitionsFor(topic)
        consumer.assign(all.map((partition) => ({ ...partition, offset: 0 })))
        return await collect(consumer, count)
      } finally {
        await consumer.close()
      }
    }

    describe.each(CODECS)('%s', (compression) => {
      const ours = `ours-${compression}`
      const theirs = `theirs-${compression}`
      let results: RecordMetadata[]
      let records: ConsumerRecord[]

      beforeAll(async () => {
        const { bootstrapServers } = kafka
        await createTopic(bootstrapServers, ours, PARTITIONS)
        await createTopic(bootstrapServers, theirs, PARTITIONS)
        await javaProduce(bootstrapServers, theirs, pairs(), compression)
        results = await produce({ bootstrapServers, compression }, toRecords(ours))
        records = await readAll(ours, COUNT)
      })

      test('our producer is told where each record went, by the hash of its key', () => {
        const next = new Map<number, number>()
        for (const [index, [key]] of pairs().entries()) {
          const partition = partitionForKey(Buffer.from(key), PARTITIONS)
          const at = next.get(partition) ?? 0
          next.set(partition, at + 1)
          const timestamp = 1_700_000_000_000 + index
          const expected = { topic: ours, partition, offset: BigInt(at), timestamp }
          expect({ ...results[index] }).toEqual(expected)
        }
      })

      test('our consumer reads them with headers and timestamps', () => {
        expect(records).toHaveLength(COUNT)
        for (const { headers, timestamp, value } of records) {
          const index = timestamp - 1_700_000_000_000
          const texts = headers.map(([name, text]) => [name, String(text)])
          expect([texts, String(value)]).toEqual([[['index', String(index)]], pairs()[index]?.[1]])
        }
      })

      test('the console consumer reads the same', async () => {
        const java = await javaConsume(kafka.bootstrapServers, ours, COUNT)
        expect(java.sort(byPlace)).toEqual(records.map(seen).sort(byPlace))
      })

      test('our consumer reads what the console producer wrote, keys on the same partitions', async () => {
        const found = (await readAll(theirs, COUNT)).map(seen).sort(byPlace)
        expect(found).toEqual(records.map(seen).sort(byPlace))
      })
    })

    test.each([0, 1, 'all'] as const)('acks of %s, one send after the other', async (acks) => {
      const { bootstrapServers } = kafka
      const topic = `acks-${acks}`
      await createTopic(bootstrapServers, topic, 1)
      const producer = new Producer({ bootstrapServers, acks, enableIdempotence: acks === 'all' })
      try {
        for (const value of ['one', 'two', 'three']) await producer.send({ topic, value })
      } finally {
        await producer.close()
      }
      const values = (await readAll(topic, 3)).map(({ value }) => String(value))
      expect(values).toEqual(['one', 'two', 'three'])
    })

    test('a group of ours goes on after a restart of the broker where it has committed', async () => {
      const { bootstrapServers } = kafka
      await createTopic(bootstrapServers, 'resumed', 1)
      const producer = new Producer({ bootstrapServers })
      const options = {
        groupId: 'resumed',
        topics: 'resumed',
        autoOffsetReset: 'earliest',
      } as const
      try {
        await producer.send(toRecords('resumed'))
        const first = new Consumer({ bootstrapServers, ...options })
        const before = await collect(first, 200)
        await first.close()
        await kafka.restart()
        await producer.send({ topic: 'resumed', key: 'last', value: 'after the restart' })
        const second = new Consumer({ bootstrapServers, ...options })
        const after = await collect(second, COUNT - 200 + 1)
        await second.close()
        const offsets = [...before, ...after].map(({ offsetNumber }) => offsetNumber)
        expect(offsets).toEqual(Array.from({ length: COUNT + 1 }, (_, index) => index))
        expect(String(after.at(-1)?.value)).toBe('after the restart')
      } finally {
        await producer.close()
      }
    })

    test('ours and the console consumer share one group', async () => {
      const { bootstrapServers } = kafka
      await createTopic(bootstrapServers, 'shared', PARTITIONS)
      let halve = () => {}
      const halved = new Promise<void>((resolve) => {
        halve = resolve
      })
      const consumer = new Consumer({
        bootstrapServers,
        groupId: 'shared',
        topics: 'shared',
        autoOffsetReset: 'earliest',
        onAssigned: (partitions) => {
          if (partitions.length === PARTITIONS / 2) halve()
        },
      })
      const producer = new Producer({ bootstrapServers })
      const half = COUNT
      try {
        const own = collect(consumer, half)
        const java = javaConsume(bootstrapServers, 'shared', half, 'shared')
        await halved
        const records = Array.from({ length: half * 2 }, (_, index) => ({
          topic: 'shared',
          partition: index % PARTITIONS,
          value: String(index),
        }))
        await producer.send(records)
        const values = [...(await own).map(seen), ...(await java)].map(({ value }) => Number(value))
        expect(values.sort((a, b) => a - b)).toEqual(records.map((_, index) => index))
      } finally {
        await consumer.close()
        await producer.close()
      }
    })
  },
)
