import { Admin, orThrow } from '@ottla/admin'
import type { Broker, FaultAction, FaultMatch } from '@ottla/broker'
import { brokerTest as it } from '@ottla/broker/vitest'
import { Consumer, type ConsumerOptions } from '@ottla/consumer'
import { Producer } from '@ottla/producer'
import { describe, expect, onTestFinished } from 'vitest'

const partitions = 2
const count = 300

/** Topic `t` with 0 … count - 1 in each partition, in small batches. */
const fill = async ({ bootstrapServers }: Broker): Promise<void> => {
  const admin = new Admin({ bootstrapServers })
  orThrow(await admin.createTopics([{ name: 't', partitions, replicationFactor: 1 }]))
  await admin.close()
  const producer = new Producer({ bootstrapServers })
  for (let from = 0; from < count; from += 30) {
    await producer.send(
      Array.from({ length: 30 * partitions }, (_, i) => ({
        topic: 't',
        partition: i % partitions,
        value: `${from + Math.floor(i / partitions)}`,
      })),
    )
  }
  await producer.close()
}

const consumerOf = ({ bootstrapServers }: Broker, options: Partial<ConsumerOptions> = {}) => {
  const consumer = new Consumer({
    bootstrapServers,
    groupId: 'g',
    topics: ['t'],
    autoOffsetReset: 'earliest',
    requestTimeoutMs: 1000,
    retryBackoffMs: 10,
    retryBackoffMaxMs: 100,
    heartbeatIntervalMs: 50,
    fetchMaxWaitMs: 100,
    maxPartitionFetchBytes: 2000,
    ...options,
  })
  onTestFinished(() => consumer.close({ timeoutMs: 500 }).catch(() => {}))
  return consumer
}

/** Reads to the end of both partitions; what was read of each, and calls back in the middle. */
const readAll = async (
  consumer: Consumer,
  middle: () => unknown = () => {},
): Promise<number[][]> => {
  const values: number[][] = [[], []]
  const isComplete = () => values.every((list) => new Set(list).size === count)
  let read = 0
  for await (const { partition, value } of consumer) {
    values[partition]?.push(Number(value))
    read += 1
    if (read === count) await middle()
    if (isComplete()) break
  }
  return values
}

const onceInOrder = (values: number[][]): void => {
  for (const list of values) expect(list).toEqual([...Array(count).keys()])
}

/** All but the record at which the reading was left, which does not count as finished. */
const allCommitted = async ({ waitFor }: Broker): Promise<void> => {
  for (let partition = 0; partition < partitions; partition++) {
    await waitFor.committed('g', 't', partition, count - 1)
  }
}

type Trouble = [string, FaultMatch, FaultAction]

const errors = (
  api: FaultMatch['api'],
  names: readonly string[],
  more: FaultMatch = {},
): Trouble[] =>
  names.map(
    (error): Trouble => [
      `${error} for ${String(api)}`,
      { api, times: 2, ...more },
      { error } as FaultAction,
    ],
  )

const troubles: Trouble[] = [
  ...errors(
    'Fetch',
    [
      'NOT_LEADER_OR_FOLLOWER',
      'FENCED_LEADER_EPOCH',
      'UNKNOWN_LEADER_EPOCH',
      'UNKNOWN_TOPIC_OR_PARTITION',
      'UNKNOWN_TOPIC_ID',
      'KAFKA_STORAGE_ERROR',
      'REPLICA_NOT_AVAILABLE',
      'OFFSET_NOT_AVAILABLE',
    ],
    { topic: 't', partition: 1 },
  ),
  ...errors('Fetch', [
    'FETCH_SESSION_ID_NOT_FOUND',
    'INVALID_FETCH_SESSION_EPOCH',
    'FETCH_SESSION_TOPIC_ID_ERROR',
  ]),
  ...errors('ListOffsets', [
    'NOT_LEADER_OR_FOLLOWER',
    'LEADER_NOT_AVAILABLE',
    'OFFSET_NOT_AVAILABLE',
    'UNKNOWN_TOPIC_OR_PARTITION',
  ]),
  ...errors('FindCoordinator', ['COORDINATOR_NOT_AVAILABLE', 'COORDINATOR_LOAD_IN_PROGRESS']),
  ...errors('JoinGroup', [
    'COORDINATOR_LOAD_IN_PROGRESS',
    'COORDINATOR_NOT_AVAILABLE',
    'NOT_COORDINATOR',
    'UNKNOWN_MEMBER_ID',
    'REBALANCE_IN_PROGRESS',
  ]),
  ...errors('SyncGroup', [
    'COORDINATOR_LOAD_IN_PROGRESS',
    'COORDINATOR_NOT_AVAILABLE',
    'NOT_COORDINATOR',
    'REBALANCE_IN_PROGRESS',
    'ILLEGAL_GENERATION',
  ]),
  ...errors('OffsetFetch', [
    'COORDINATOR_LOAD_IN_PROGRESS',
    'NOT_COORDINATOR',
    'UNSTABLE_OFFSET_COMMIT',
  ]),
  ...(
    [
      'Fetch',
      'ListOffsets',
      'FindCoordinator',
      'JoinGroup',
      'SyncGroup',
      'OffsetFetch',
      'Metadata',
      'ApiVersions',
    ] as const
  ).flatMap((api) =>
    (['before', 'after', 'halfway'] as const).map(
      (drop): Trouble => [
        `a connection that ends ${drop} a ${api} answer`,
        { api, times: 2 },
        { drop },
      ],
    ),
  ),
  ['fetches answered late', { api: 'Fetch', times: 5 }, { delayMs: 100 }],
  ['a fetch answered after the request timeout', { api: 'Fetch', times: 1 }, { delayMs: 2500 }],
  ['a broker that stops reading', { api: 'Fetch', times: 1 }, { stop: 'reading' }],
  ['a broker that stops answering', { api: 'Fetch', times: 1 }, { stop: 'answering' }],
  ['a join that is not answered', { api: 'JoinGroup', times: 1 }, { drop: 'after', delayMs: 200 }],
]

describe('a consumer reads everything once and in order', () => {
  it.for(troubles)('with %s', async ([, match, action], { broker }) => {
    await fill(broker)
    const fault = broker.faults.add(match, action)
    onceInOrder(await readAll(consumerOf(broker)))
    expect(fault.hits).toBeGreaterThan(0)
  })

  it.for(['stop', 'kill'] as const)('over a broker’s %s and restart', async (end, { broker }) => {
    await fill(broker)
    const values = await readAll(consumerOf(broker), async () => {
      await broker[end]()
      await broker.restart()
    })
    onceInOrder(values)
  })

  it('over elections and a partition without a leader for a while', async ({ broker }) => {
    await fill(broker)
    const values = await readAll(consumerOf(broker), async () => {
      await broker.electLeader('t', 0)
      await broker.removeLeader('t', 1)
      await broker.waitFor.request('Metadata')
      await broker.electLeader('t', 1)
    })
    onceInOrder(values)
  })

  it('while its group loads and its coordinator goes away and comes back', async ({ broker }) => {
    await fill(broker)
    const values = await readAll(consumerOf(broker), async () => {
      const loading = broker.loadingGroups()
      await loading.hit(2)
      loading.remove()
      for (let partition = 0; partition < 50; partition++) {
        await broker.removeLeader('__consumer_offsets', partition)
      }
      await broker.waitFor.request('FindCoordinator')
      for (let partition = 0; partition < 50; partition++) {
        await broker.electLeader('__consumer_offsets', partition)
      }
    })
    onceInOrder(values)
  })
})

describe('a member', () => {
  it('that is unknown in SyncGroup joins anew, once the group has given up its old self', async ({
    broker,
  }) => {
    await fill(broker)
    const fault = broker.faults.add({ api: 'SyncGroup', times: 1 }, { error: 'UNKNOWN_MEMBER_ID' })
    const reading = readAll(consumerOf(broker))
    await fault.hit()
    await broker.waitFor.request('JoinGroup', ({ body }) => body.memberId !== '')
    await broker.advanceTime(46_000)
    onceInOrder(await reading)
  })

  it.for([
    'UNKNOWN_MEMBER_ID',
    'ILLEGAL_GENERATION',
    'REBALANCE_IN_PROGRESS',
    'NOT_COORDINATOR',
    'COORDINATOR_NOT_AVAILABLE',
    'COORDINATOR_LOAD_IN_PROGRESS',
  ] as const)(
    'goes on reading and committing after a heartbeat got %s',
    async (error, { broker }) => {
      await fill(broker)
      const consumer = consumerOf(broker)
      const values = await readAll(consumer, async () => {
        await broker.faults.add({ api: 'Heartbeat', times: 1 }, { error }).hit()
      })
      for (const list of values) {
        expect([...new Set(list)].sort((a, b) => a - b)).toEqual([...Array(count).keys()])
      }
      await consumer.close()
      await allCommitted(broker)
    },
  )

  it.for([
    'COORDINATOR_LOAD_IN_PROGRESS',
    'NOT_COORDINATOR',
    'COORDINATOR_NOT_AVAILABLE',
    'REQUEST_TIMED_OUT',
    'UNKNOWN_TOPIC_OR_PARTITION',
  ] as const)('commits again after %s', async (error, { broker }) => {
    await fill(broker)
    const consumer = consumerOf(broker)
    const fault = broker.faults.add({ api: 'OffsetCommit', partition: 1, times: 2 }, { error })
    await readAll(consumer)
    await consumer.close()
    expect(fault.hits).toBeGreaterThan(0)
    await allCommitted(broker)
  })

  it.for(['before', 'after', 'halfway'] as const)(
    'commits over a connection that ends %s the answer',
    async (drop, { broker }) => {
      await fill(broker)
      const consumer = consumerOf(broker)
      broker.faults.add({ api: 'OffsetCommit', times: 2 }, { drop })
      await readAll(consumer)
      await consumer.close()
      await allCommitted(broker)
    },
  )

  it('that falls silent loses its place, and the other takes over what it has not committed', async ({
    broker,
  }) => {
    await fill(broker)
    const first = consumerOf(broker, { clientId: 'first', enableAutoCommit: false })
    const reading = readAll(first)
    reading.catch(() => {})
    await broker.waitFor.groupStable('g', { members: 1 })
    broker.faults.add({ clientId: 'first' }, { stop: 'answering' })
    await broker.advanceTime(60_000)
    onceInOrder(await readAll(consumerOf(broker, { clientId: 'second' })))
    await first.close({ timeoutMs: 100 }).catch(() => {})
  })
})
