import { Admin, orThrow } from '@ottla/admin'
import type { Broker, FaultAction, FaultMatch } from '@ottla/broker'
import { brokerTest as it } from '@ottla/broker/vitest'
import { Cluster, clientOptions } from '@ottla/network'
import { Producer, type ProducerOptions } from '@ottla/producer'
import { decodeRecords, Fetch } from '@ottla/protocol'
import { describe, expect, onTestFinished } from 'vitest'

const partitions = 2
const count = 200

const createTopic = async ({ bootstrapServers }: Broker): Promise<void> => {
  const admin = new Admin({ bootstrapServers })
  orThrow(await admin.createTopics([{ name: 't', partitions, replicationFactor: 1 }]))
  await admin.close()
}

const producerOf = ({ bootstrapServers }: Broker, options: Partial<ProducerOptions> = {}) => {
  const producer = new Producer({
    bootstrapServers,
    requestTimeoutMs: 1000,
    deliveryTimeoutMs: 30_000,
    retryBackoffMs: 10,
    retryBackoffMaxMs: 100,
    batchSize: 512,
    ...options,
  })
  onTestFinished(() => producer.close({ timeoutMs: 500 }).catch(() => {}))
  return producer
}

/** What is in a partition, whatever became of clients meanwhile. */
const stored = async ({ bootstrapServers }: Broker, partition: number): Promise<number[]> => {
  const cluster = new Cluster(clientOptions.resolve({ bootstrapServers }))
  const { response } = await cluster.request(
    Fetch,
    {
      maxWaitMs: 0,
      minBytes: 0,
      maxBytes: 100_000_000,
      topics: [
        {
          topic: 't',
          partitions: [{ partition, fetchOffset: 0n, partitionMaxBytes: 100_000_000 }],
        },
      ],
      replicaState: {},
      forgottenTopicsData: [],
    },
    { maxVersion: 12 },
  )
  await cluster.close()
  const bytes = response.responses[0]?.partitions[0]?.records ?? new Uint8Array(0)
  return [...decodeRecords(bytes)].flatMap((batch) => [...batch].map(({ value }) => Number(value)))
}

/** Sends 0 … count - 1 to each partition, a few at a time, and calls back in the middle. */
const sendAll = async (producer: Producer, middle: () => unknown = () => {}): Promise<void> => {
  const sends: Promise<unknown>[] = []
  for (let i = 0; i < count; i++) {
    for (let partition = 0; partition < partitions; partition++) {
      sends.push(producer.send({ topic: 't', partition, value: `${i}` }))
    }
    if (i % 20 === 19) await Promise.race([sends[sends.length - 40], sends.at(-1)])
    if (i === count / 2) await middle()
  }
  await Promise.all(sends)
}

const onceInOrder = async (broker: Broker): Promise<void> => {
  for (let partition = 0; partition < partitions; partition++) {
    expect(await stored(broker, partition)).toEqual([...Array(count).keys()])
  }
}

const retriable = [
  'NOT_LEADER_OR_FOLLOWER',
  'NOT_ENOUGH_REPLICAS',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'REQUEST_TIMED_OUT',
  'KAFKA_STORAGE_ERROR',
  'LEADER_NOT_AVAILABLE',
  'NETWORK_EXCEPTION',
] as const

const troubles: [string, FaultMatch, FaultAction][] = [
  ...retriable.map((error): [string, FaultMatch, FaultAction] => [
    `${error} for one partition`,
    { api: 'Produce', partition: 1, times: 3 },
    { error },
  ]),
  ...(['before', 'after', 'halfway'] as const).flatMap(
    (drop): [string, FaultMatch, FaultAction][] => [
      [`a connection that ends ${drop} a produce answer`, { api: 'Produce', times: 3 }, { drop }],
      [`a connection that ends ${drop} a metadata answer`, { api: 'Metadata', times: 3 }, { drop }],
      [`a connection that ends ${drop} a handshake`, { api: 'ApiVersions', times: 2 }, { drop }],
      [
        `a connection that ends ${drop} a producer id`,
        { api: 'InitProducerId', times: 2 },
        { drop },
      ],
    ],
  ),
  ['answers that come late', { api: 'Produce', times: 5 }, { delayMs: 100 }],
  ['answers after the request timeout', { api: 'Produce', times: 1 }, { delayMs: 1500 }],
  ['a broker that stops reading', { api: 'Produce', times: 1 }, { stop: 'reading' }],
  ['a broker that stops answering', { api: 'Produce', times: 1 }, { stop: 'answering' }],
  [
    'topics without leaders',
    { api: 'Metadata', topic: 't', times: 3 },
    { error: 'LEADER_NOT_AVAILABLE' },
  ],
  [
    'a partition without a leader',
    { api: 'Metadata', partition: 1, times: 3 },
    { error: 'LEADER_NOT_AVAILABLE' },
  ],
  [
    'producer ids that are not there yet',
    { api: 'InitProducerId', times: 3 },
    { error: 'COORDINATOR_LOAD_IN_PROGRESS' },
  ],
  [
    'an append that failed to replicate in time',
    { api: 'Produce', times: 2 },
    {
      patch: (response) => {
        for (const { partitionResponses } of (response as Produced).responses) {
          for (const partition of partitionResponses) {
            partition.errorCode = 20
            partition.baseOffset = -1n
          }
        }
      },
    },
  ],
  [
    'half of all requests cut',
    { api: 'Produce', probability: 0.5, times: 12, seed: 3 },
    { drop: 'after' },
  ],
]

interface Produced {
  responses: { partitionResponses: { errorCode: number; baseOffset: bigint }[] }[]
}

describe('an idempotent producer stores everything once and in order', () => {
  it.for(troubles)('with %s', async ([, match, action], { broker }) => {
    await createTopic(broker)
    const producer = producerOf(broker)
    const fault = broker.faults.add(match, action)
    await sendAll(producer)
    expect(fault.hits).toBeGreaterThan(0)
    fault.remove()
    await onceInOrder(broker)
  })

  it.for(['stop', 'kill'] as const)('over a broker’s %s and restart', async (end, { broker }) => {
    await createTopic(broker)
    const producer = producerOf(broker)
    await sendAll(producer, async () => {
      await broker[end]()
      await broker.restart()
    })
    await onceInOrder(broker)
  })

  it('over elections and a partition that has no leader for a while', async ({ broker }) => {
    await createTopic(broker)
    const producer = producerOf(broker)
    await sendAll(producer, async () => {
      await broker.electLeader('t', 0)
      await broker.removeLeader('t', 1)
      const asked = broker.waitFor.request('Metadata')
      void producer.send({ topic: 't', partition: 0, value: 'x' }).catch(() => {})
      await asked.catch(() => {})
      await broker.electLeader('t', 1)
    })
    const [first, second] = [await stored(broker, 0), await stored(broker, 1)]
    expect(first.filter((value) => !Number.isNaN(value))).toEqual([...Array(count).keys()])
    expect(second).toEqual([...Array(count).keys()])
  })
})

describe('a producer', () => {
  it.for([
    ['Produce', 7],
    ['Metadata', 8],
  ] as const)(
    'tells who sent what was lost to garbled %s bytes, and goes on',
    async ([api, seed], { broker }) => {
      await createTopic(broker)
      const producer = producerOf(broker)
      const fault = broker.faults.add({ api, times: 1, seed }, { corrupt: true })
      const acknowledged: number[] = []
      const errors: unknown[] = []
      for (let i = 0; i < 20; i++) {
        const sent = producer.send({ topic: 't', partition: 0, value: `${i}` })
        await sent.then(
          () => acknowledged.push(i),
          (error) => errors.push(error),
        )
      }
      expect(fault.hits).toBe(1)
      expect(errors).toMatchObject([{ code: 'OTTLA_WIRE' }])
      expect(acknowledged).toHaveLength(19)
      const values = await stored(broker, 0)
      expect(values.filter((value) => acknowledged.includes(value))).toEqual(acknowledged)
      expect(new Set(values).size).toBe(values.length)
    },
  )

  it.for(['TOPIC_AUTHORIZATION_FAILED', 'INVALID_RECORD', 'MESSAGE_TOO_LARGE'] as const)(
    'fails the batch that gets %s, and no other',
    async (error, { broker }) => {
      await createTopic(broker)
      const producer = producerOf(broker)
      const sent = await producer.send({ topic: 't', partition: 0, value: '0' })
      expect(sent.offset).toBe(0n)
      broker.faults.add({ api: 'Produce', topic: 't', partition: 0, times: 1 }, { error })
      const failed = producer.send({ topic: 't', partition: 0, value: 'lost' })
      const other = producer.send({ topic: 't', partition: 1, value: '0' })
      await expect(failed).rejects.toMatchObject({
        code: `OTTLA_BROKER_${error}`,
        topic: 't',
        partition: 0,
      })
      await other
      await producer.send({ topic: 't', partition: 0, value: '1' })
      await producer.send({ topic: 't', partition: 1, value: '1' })
      expect(await stored(broker, 0)).toEqual([0, 1])
      expect(await stored(broker, 1)).toEqual([0, 1])
    },
  )

  it('gives up after the delivery timeout, saying why', async ({ broker }) => {
    await createTopic(broker)
    const producer = producerOf(broker, { deliveryTimeoutMs: 1500 })
    broker.faults.add({ api: 'Produce' }, { error: 'NOT_ENOUGH_REPLICAS' })
    await expect(producer.send({ topic: 't', value: 'v' })).rejects.toThrow(/NOT_ENOUGH_REPLICAS/)
  })
})
