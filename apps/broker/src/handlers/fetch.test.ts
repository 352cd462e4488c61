import {
  CreateTopics,
  DeleteTopics,
  decodeRecords,
  ErrorCode,
  Fetch,
  type FetchRequestInput,
  type FetchResponse,
  Produce,
} from '@ottla/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Broker } from '../broker.js'
import type { Purgatory } from '../partition/purgatory.js'
import { startBroker } from '../start-broker.js'
import { batchOf, RawClient } from '../testing/raw-client.js'
import { servicesOf } from '../testing/services-of.js'

const topic = 'orders'

const from = (fetchOffset: bigint, more: Partial<FetchRequestInput> = {}): FetchRequestInput => ({
  maxWaitMs: 0,
  minBytes: 1,
  maxBytes: 1_000_000,
  topics: [{ topic, partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: 1_000_000 }] }],
  ...sessionless,
  ...more,
})

const sessionless = {
  replicaState: {},
  forgottenTopicsData: [],
} as const

const valuesOf = (response: FetchResponse): string[] => {
  const values: string[] = []
  for (const { partitions } of response.responses) {
    for (const { records } of partitions) {
      for (const batch of decodeRecords(records ?? new Uint8Array(0))) {
        for (const record of batch) values.push(String(record.value))
      }
    }
  }
  return values
}

const purgatoryOf = (broker: Broker): Purgatory => servicesOf(broker).purgatory

describe('Fetch', () => {
  let broker: Broker
  let reader: RawClient
  let writer: RawClient

  beforeEach(async () => {
    broker = await startBroker()
    reader = await RawClient.connect(broker)
    writer = await RawClient.connect(broker)
    await writer.request(CreateTopics, 4, {
      topics: [
        { name: topic, numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] },
      ],
    })
  })

  afterEach(async () => {
    reader.close()
    writer.close()
    await broker.close()
  })

  const produce = (partition: number, ...values: string[]) =>
    writer.request(Produce, 9, {
      acks: -1,
      timeoutMs: 1000,
      topicData: [
        { name: topic, partitionData: [{ index: partition, records: batchOf(...values) }] },
      ],
    })

  const parked = async (): Promise<void> => {
    while (purgatoryOf(broker).stats.parked === 0)
      await new Promise((resolve) => setImmediate(resolve))
  }

  it('returns what was produced, at every version that names topics', async () => {
    await produce(0, 'a', 'b')
    for (let version = 4; version <= 12; version += 1) {
      const response = await reader.request(Fetch, version, from(0n))
      expect(valuesOf(response)).toEqual(['a', 'b'])
      expect(response.responses[0]?.partitions[0]).toMatchObject({
        errorCode: 0,
        highWatermark: 2n,
      })
    }
  })

  it('reports what cannot be read', async () => {
    const past = await reader.request(Fetch, 11, from(5n))
    expect(past.responses[0]?.partitions[0]?.errorCode).toBe(ErrorCode.OFFSET_OUT_OF_RANGE)
    const unknown = await reader.request(Fetch, 11, {
      ...from(0n),
      topics: [
        { topic: 'nobody', partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1 }] },
      ],
    })
    expect(unknown.responses[0]?.partitions[0]?.errorCode).toBe(
      ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    )
    const asked = { partition: 0, fetchOffset: 0n, partitionMaxBytes: 1, currentLeaderEpoch: 9 }
    const epoch = await reader.request(Fetch, 11, {
      ...from(0n),
      topics: [{ topic, partitions: [asked] }],
    })
    expect(epoch.responses[0]?.partitions[0]?.errorCode).toBe(ErrorCode.UNKNOWN_LEADER_EPOCH)
  })

  it('returns one whole batch however small the limit', async () => {
    await produce(0, 'x'.repeat(1000))
    await produce(0, 'y')
    const response = await reader.request(Fetch, 11, from(0n, { maxBytes: 10 }))
    expect(valuesOf(response)).toEqual(['x'.repeat(1000)])
  })

  it('wakes a parked fetch once per append it waits for, and never otherwise', async () => {
    const waiting = reader.request(Fetch, 11, from(0n, { maxWaitMs: 60_000 }))
    await parked()
    const before = purgatoryOf(broker).stats
    await produce(1, 'elsewhere')
    await produce(1, 'elsewhere')
    expect(purgatoryOf(broker).stats).toEqual(before)
    await produce(0, 'here')
    expect(valuesOf(await waiting)).toEqual(['here'])
    const after = purgatoryOf(broker).stats
    expect(after).toEqual({ parked: 0, wakeUps: before.wakeUps + 1, expired: 0 })
  })

  it('waits for minBytes across appends', async () => {
    const waiting = reader.request(Fetch, 11, from(0n, { maxWaitMs: 60_000, minBytes: 250 }))
    await parked()
    await produce(0, 'a'.repeat(100))
    expect(purgatoryOf(broker).stats.parked).toBe(1)
    await produce(0, 'b'.repeat(100))
    expect(valuesOf(await waiting)).toHaveLength(2)
  })

  it('answers at the deadline with what there is', async () => {
    const response = await reader.request(Fetch, 11, from(0n, { maxWaitMs: 20 }))
    expect(valuesOf(response)).toEqual([])
    expect(purgatoryOf(broker).stats.expired).toBe(1)
  })

  it('tells a parked fetch that its topic is gone', async () => {
    const waiting = reader.request(Fetch, 11, from(0n, { maxWaitMs: 60_000 }))
    await parked()
    await writer.request(DeleteTopics, 5, { topicNames: [topic], timeoutMs: 1000 })
    const response = await waiting
    expect(response.responses[0]?.partitions[0]?.errorCode).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
  })

  it('forgets a parked fetch whose client has left', async () => {
    reader.send(Fetch, 11, from(0n, { maxWaitMs: 60_000 }))
    await parked()
    reader.close()
    while (purgatoryOf(broker).stats.parked > 0)
      await new Promise((resolve) => setImmediate(resolve))
  })

  it('answers later requests’ work while a fetch is parked, in the order of the requests', async () => {
    const body = {
      acks: 1,
      timeoutMs: 1000,
      topicData: [{ name: topic, partitionData: [{ index: 0, records: batchOf('own') }] }],
    }
    const fetched = reader.request(Fetch, 11, from(0n, { maxWaitMs: 60_000 }))
    const produced = reader.request(Produce, 9, body)
    expect(valuesOf(await fetched)).toEqual(['own'])
    expect((await produced).responses[0]?.partitionResponses[0]?.baseOffset).toBe(0n)
    expect(reader.answered).toEqual([1, 2])
  })

  it('keeps a session and answers only for what has news', async () => {
    await produce(0, 'a')
    const both = [0, 1].map((partition) => ({
      partition,
      fetchOffset: 0n,
      partitionMaxBytes: 1000,
    }))
    const opened = await reader.request(Fetch, 11, {
      ...from(0n),
      sessionEpoch: 0,
      topics: [{ topic, partitions: both }],
    })
    expect(opened.sessionId).toBeGreaterThan(0)
    expect(opened.responses[0]?.partitions).toHaveLength(2)
    const session = { ...from(0n), sessionId: opened.sessionId }

    await produce(1, 'b')
    const moved = [{ partition: 0, fetchOffset: 1n, partitionMaxBytes: 1000 }]
    const next = await reader.request(Fetch, 11, {
      ...session,
      sessionEpoch: 1,
      topics: [{ topic, partitions: moved }],
    })
    expect(next.responses[0]?.partitions.map(({ partitionIndex }) => partitionIndex)).toEqual([1])
    expect(valuesOf(next)).toEqual(['b'])

    const wrong = await reader.request(Fetch, 11, { ...session, sessionEpoch: 7, topics: [] })
    expect(wrong.errorCode).toBe(ErrorCode.INVALID_FETCH_SESSION_EPOCH)
    const other = await reader.request(Fetch, 11, {
      ...from(0n),
      sessionId: 1,
      sessionEpoch: 3,
      topics: [],
    })
    expect(other.errorCode).toBe(ErrorCode.FETCH_SESSION_ID_NOT_FOUND)
  })
})
