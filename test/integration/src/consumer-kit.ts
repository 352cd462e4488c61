import { type Broker, startBroker } from '@ottla/broker'
import { Consumer, type ConsumerOptions, type ConsumerRecord } from '@ottla/consumer'
import { Cluster, clientOptions } from '@ottla/network'
import { Producer, type ProducerOptions, type ProducerRecord } from '@ottla/producer'
import { CreatePartitions, CreateTopics } from '@ottla/protocol'
import { onTestFinished } from 'vitest'

/** A broker for one test, and ways to fill it; everything is closed when the test ends. */
export interface ConsumerKit {
  readonly broker: Broker
  createTopic(name: string, partitions?: number, configs?: Record<string, string>): Promise<void>
  /** Raises the number of partitions to `count`. */
  growTopic(name: string, count: number): Promise<void>
  produce(records: readonly ProducerRecord[], options?: Partial<ProducerOptions>): Promise<void>
  consumer(options?: Partial<ConsumerOptions>): Consumer
}

/** Starts a broker in memory. */
export async function startKit(): Promise<ConsumerKit> {
  const broker = await startBroker()
  const { bootstrapServers } = broker
  const cluster = new Cluster(clientOptions.resolve({ bootstrapServers }))
  onTestFinished(async () => {
    await cluster.close()
    await broker.close()
  })
  return {
    broker,
    async createTopic(name, partitions = 1, configs = {}) {
      const { response } = await cluster.request(
        CreateTopics,
        {
          topics: [
            {
              name,
              numPartitions: partitions,
              replicationFactor: 1,
              assignments: [],
              configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
            },
          ],
          timeoutMs: 10_000,
          validateOnly: false,
        },
        { node: 'controller' },
      )
      const code = response.topics[0]?.errorCode
      if (code !== 0) throw new Error(`topic ${name} was not created: error ${code}`)
    },
    async growTopic(name, count) {
      const topics = [{ name, count, assignments: null }]
      const input = { topics, timeoutMs: 10_000, validateOnly: false }
      const { response } = await cluster.request(CreatePartitions, input, { node: 'controller' })
      const code = response.results[0]?.errorCode
      if (code !== 0) throw new Error(`topic ${name} did not grow: error ${code}`)
    },
    async produce(records, options = {}) {
      const producer = new Producer({ bootstrapServers, ...options })
      try {
        await producer.send(records)
      } finally {
        await producer.close()
      }
    },
    consumer(options = {}) {
      const consumer = new Consumer({ bootstrapServers, autoOffsetReset: 'earliest', ...options })
      onTestFinished(() => consumer.close({ timeoutMs: 1000 }))
      return consumer
    },
  }
}

/** `count` records of a topic with values `0`, `1` …, keyed so that keys repeat every `keys` records. */
export const numbered = (
  topic: string,
  count: number,
  { keys = 7, from = 0 }: { readonly keys?: number; readonly from?: number } = {},
): ProducerRecord[] =>
  Array.from({ length: count }, (_, index) => ({
    topic,
    key: `key-${(from + index) % keys}`,
    value: String(from + index),
  }))

/** Reads `count` records, committing the last one of each partition if `commit` is set, and leaves the loop. */
export async function take(
  consumer: Consumer,
  count: number,
  { commit = true }: { readonly commit?: boolean } = {},
): Promise<ConsumerRecord[]> {
  const records: ConsumerRecord[] = []
  for await (const record of consumer) {
    records.push(record)
    if (records.length < count) continue
    if (commit) {
      await consumer.commit()
      await consumer.commit(record)
    }
    break
  }
  return records
}

/** Values as numbers. */
export const valuesOf = (records: readonly ConsumerRecord[]): number[] =>
  records.map((record) => Number(record.value))

/** A promise and the function that resolves it. */
export function deferred<T = void>() {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

/** 0 … count - 1. */
export const upTo = (count: number): number[] => [...Array(count).keys()]

/** Numbers in rising order. */
export const sorted = (numbers: Iterable<number>): number[] => [...numbers].sort((a, b) => a - b)
