import {
  CreateTopics,
  ErrorCode,
  Fetch,
  FindCoordinator,
  Heartbeat,
  Metadata,
  OffsetCommit,
  Produce,
} from '@ottla/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Broker } from '../broker.js'
import { startBroker } from '../start-broker.js'
import { batchOf, RawClient } from '../testing/raw-client.js'

let broker: Broker
let client: RawClient

beforeEach(async () => {
  broker = await startBroker()
  client = await RawClient.connect(broker)
  const topics = ['t', 'u'].map((name) => ({
    name,
    numPartitions: 2,
    replicationFactor: 1,
    assignments: [],
    configs: [],
  }))
  await client.request(CreateTopics, 7, { topics })
})

afterEach(() => broker.close({ timeoutMs: 0 }))

const produce = async (version = 9) => {
  const topicData = ['t', 'u'].map((name) => ({
    name: version >= 13 ? '' : name,
    topicId: version >= 13 ? (topicIds.get(name) ?? '') : undefined,
    partitionData: [0, 1].map((index) => ({ index, records: batchOf(`${name}${index}`) })),
  }))
  const { responses } = await client.request(Produce, version, {
    acks: -1,
    timeoutMs: 1000,
    topicData,
  })
  return Object.fromEntries(
    responses.flatMap(({ name, topicId, partitionResponses }) =>
      partitionResponses.map(({ index, errorCode, baseOffset }) => [
        `${name || nameOf(topicId)}${index}`,
        errorCode === 0 ? Number(baseOffset) : `error ${errorCode}`,
      ]),
    ),
  )
}

const topicIds = new Map<string, string>()
const nameOf = (topicId: string) =>
  [...topicIds].find(([, id]) => id === topicId)?.[0] ?? `unknown ${topicId}`

const metadata = (version = 12) =>
  client.request(Metadata, version, { topics: ['t', 'u'].map((name) => ({ name })) })

const partition = (topic: string, index: number, maxWaitMs = 0, sessionId = 0, sessionEpoch = -1) =>
  client.request(Fetch, 11, {
    maxWaitMs,
    minBytes: 1,
    sessionId,
    sessionEpoch,
    topics: [
      { topic, partitions: [{ partition: index, fetchOffset: 0n, partitionMaxBytes: 1_000_000 }] },
    ],
    replicaState: {},
    forgottenTopicsData: [],
  })

describe('faults', () => {
  it('refuse one partition, do not do what they refuse, and serve the rest', async () => {
    const { topics } = await metadata()
    for (const { name, topicId } of topics) topicIds.set(name ?? '', topicId)
    for (const version of [3, 9, 13]) {
      const fault = broker.faults.add(
        { api: 'Produce', topic: 't', partition: 1, times: 1 },
        { error: 'NOT_LEADER_OR_FOLLOWER' },
      )
      const before = await produce(version)
      const after = await produce(version)
      const base = Number(before.t0)
      expect(before).toEqual({ t0: base, t1: 'error 6', u0: base, u1: base })
      expect(fault.hits).toBe(1)
      expect(broker.faults.size).toBe(0)
      expect(Number(after.t0) - Number(after.t1)).toBe(1)
      await client.request(Produce, 9, {
        acks: -1,
        timeoutMs: 1000,
        topicData: [{ name: 't', partitionData: [{ index: 1, records: batchOf('t1 again') }] }],
      })
    }
  })

  it('refuse a topic, a whole request, an error of no partition', async () => {
    broker.faults.add(
      { api: 'Produce', topic: 'u', times: 1 },
      { error: 'INVALID_TOPIC_EXCEPTION' },
    )
    expect(await produce()).toEqual({ t0: 0, t1: 0, u0: 'error 17', u1: 'error 17' })
    broker.faults.add({ api: 'Produce', times: 1 }, { error: 19 })
    expect(new Set(Object.values(await produce()))).toEqual(new Set(['error 19']))
    broker.faults.add({ api: 'Heartbeat' }, { error: 'REBALANCE_IN_PROGRESS' })
    const heartbeat = { groupId: 'g', generationId: 1, memberId: 'm' }
    expect(await client.request(Heartbeat, 4, heartbeat)).toMatchObject({ errorCode: 27 })
    broker.faults.add({ api: 'OffsetCommit' }, { error: 'NOT_COORDINATOR' })
    const committed = await client.request(OffsetCommit, 8, {
      groupId: 'g',
      topics: [
        {
          name: 't',
          partitions: [{ partitionIndex: 1, committedOffset: 1n, committedMetadata: '' }],
        },
      ],
    })
    expect(committed.topics).toMatchObject([
      { name: 't', partitions: [{ partitionIndex: 1, errorCode: 16 }] },
    ])
  })

  it('answer FindCoordinator in both its forms', async () => {
    broker.faults.add({ api: 'FindCoordinator' }, { error: 'COORDINATOR_NOT_AVAILABLE' })
    expect(await client.request(FindCoordinator, 3, { key: 'g' })).toMatchObject({
      errorCode: 15,
      nodeId: -1,
    })
    const { coordinators } = await client.request(FindCoordinator, 4, {
      keyType: 0,
      coordinatorKeys: ['a', 'b'],
    })
    expect(coordinators).toMatchObject([
      { key: 'a', errorCode: 15 },
      { key: 'b', errorCode: 15 },
    ])
  })

  it('refuse topics and partitions in metadata, which keeps its brokers', async () => {
    broker.faults.add({ api: 'Metadata', topic: 't', times: 1 }, { error: 'LEADER_NOT_AVAILABLE' })
    const refused = await metadata()
    expect(refused.brokers).toHaveLength(1)
    expect(refused.topics).toMatchObject([
      { name: 't', errorCode: 5, partitions: [] },
      { name: 'u', errorCode: 0, partitions: [{ errorCode: 0 }, { errorCode: 0 }] },
    ])
    broker.faults.add(
      { api: 'Metadata', partition: 1, times: 1 },
      { error: 'LEADER_NOT_AVAILABLE' },
    )
    expect((await metadata()).topics[0]?.partitions).toMatchObject([
      { partitionIndex: 0, errorCode: 0, leaderId: 1 },
      { partitionIndex: 1, errorCode: 5, leaderId: -1 },
    ])
  })

  it('refuse partitions of a fetch, also those only its session knows, without waiting', async () => {
    await produce()
    const first = await partition('t', 0, 0, 0, 0)
    expect(first.responses[0]?.partitions[0]?.errorCode).toBe(0)
    broker.faults.add(
      { api: 'Fetch', topic: 't', partition: 0, times: 1 },
      { error: 'FENCED_LEADER_EPOCH' },
    )
    const { sessionId } = first
    const next = await client.request(Fetch, 11, {
      maxWaitMs: 60_000,
      minBytes: 1_000_000,
      sessionId,
      sessionEpoch: 1,
      topics: [],
      replicaState: {},
      forgottenTopicsData: [],
    })
    expect(next).toMatchObject({ errorCode: 0, sessionId })
    expect(next.responses).toMatchObject([
      { topic: 't', partitions: [{ partitionIndex: 0, errorCode: 74, records: null }] },
    ])
    broker.faults.add({ api: 'Fetch', times: 1 }, { error: 'FETCH_SESSION_ID_NOT_FOUND' })
    expect(await partition('t', 0)).toMatchObject({ errorCode: 70, responses: [] })
  })

  it('end connections before, after and in the middle of an answer', async () => {
    const stored: number[] = []
    for (const drop of ['before', 'after', 'halfway'] as const) {
      broker.faults.add({ api: 'Produce', times: 1 }, { drop })
      await expect(produce()).rejects.toThrow('closed before the answer')
      client = await RawClient.connect(broker)
      stored.push(Number((await produce()).t0))
    }
    expect(stored).toEqual([0, 2, 4])
  })

  it('stop reading and answering until they are removed', async () => {
    for (const stop of ['reading', 'answering'] as const) {
      using fault = broker.faults.add({ api: 'Metadata', times: 1 }, { stop })
      const held = metadata()
      const behind = produce()
      await fault.hit()
      expect(client.answered.at(-1)).not.toBe(0)
      const other = await RawClient.connect(broker)
      await other.request(Metadata, 12, { topics: [] })
      const before = client.answered.length
      fault.remove()
      expect((await held).topics).toHaveLength(2)
      expect(Number((await behind).t0)).toBeGreaterThanOrEqual(0)
      expect(client.answered.length - before).toBe(2)
    }
  })

  it('delay by the broker’s clock, and hold up what follows', async () => {
    const fault = broker.faults.add({ api: 'Metadata', times: 1 }, { delayMs: 3_600_000 })
    const held = metadata()
    await fault.hit()
    const sent = produce()
    await broker.waitFor.highWatermark('t', 0, 1)
    await broker.advanceTime(3_600_000)
    expect((await held).topics).toHaveLength(2)
    expect(await sent).toMatchObject({ t0: 0 })
  })

  it('change and replace answers, and corrupt bytes the same way each time', async () => {
    broker.faults.add(
      { api: 'Metadata', times: 1 },
      {
        patch: (response) => {
          for (const broker of response.brokers ?? []) broker.port = 1
        },
      },
    )
    expect((await metadata()).brokers[0]?.port).toBe(1)
    expect((await metadata()).brokers[0]?.port).toBe(broker.port)
    broker.faults.add(
      { api: 'Heartbeat', when: ({ body }) => body.memberId === 'm', times: 1 },
      { answer: ({ body }) => ({ throttleTimeMs: body.generationId, errorCode: 0 }) },
    )
    const heartbeat = { groupId: 'g', generationId: 7, memberId: 'm' }
    expect((await client.request(Heartbeat, 4, heartbeat)).throttleTimeMs).toBe(7)
    const garbled: unknown[] = []
    for (let i = 0; i < 2; i++) {
      broker.faults.add({ api: 'Metadata', times: 1, seed: 5 }, { corrupt: true })
      garbled.push(await metadata().then(JSON.stringify, String))
    }
    expect(garbled[0]).toBe(garbled[1])
    expect(garbled[0]).not.toBe(JSON.stringify(await metadata()))
  })

  it('choose by client, version, connection and chance', async () => {
    const errorOf = async (version: number) => (await metadata(version)).topics[0]?.errorCode
    broker.faults.add({ api: 'Metadata', version: 11 }, { error: 'LEADER_NOT_AVAILABLE' })
    broker.faults.add({ api: 'Metadata', clientId: 'someone else' }, { drop: 'before' })
    broker.faults.add({ connection: -1 }, { drop: 'before' })
    expect([await errorOf(11), await errorOf(12)]).toEqual([ErrorCode.LEADER_NOT_AVAILABLE, 0])
    broker.faults.clear()
    const half = broker.faults.add({ api: 'Metadata', probability: 0.5, seed: 3 }, { error: 5 })
    for (let i = 0; i < 200; i++) await errorOf(12)
    expect(half.hits).toBeGreaterThan(60)
    expect(half.hits).toBeLessThan(140)
  })

  it('say what is wrong with them', async () => {
    const add = (match: object, action: object) => () =>
      broker.faults.add(match as { api: 'Fetch' }, action as { delayMs: 1 })
    expect(add({ api: 'Fletch' }, { delayMs: 1 })).toThrow(/serves no 'Fletch'/)
    expect(add({}, { drop: 'later' })).toThrow(/drop must be one of before, after, halfway/)
    expect(add({}, { error: 'OOPS' })).toThrow(/no error 'OOPS'/)
    expect(add({}, { error: 1, drop: 'after' })).toThrow(/one thing/)
    expect(add({}, {})).toThrow(/needs one of/)
    expect(add({ probability: 2 }, { delayMs: 1 })).toThrow(/from 0 to 1/)
    const delay = { delayMs: 1 }
    expect(add({ api: 'JoinGruop' }, delay)).toThrow(/serves no 'JoinGruop'; is it JoinGroup\?/)
    expect(add({ apis: 'Produce' }, delay)).toThrow(/cannot match 'apis'; is it api\?/)
    expect(add({ partitoin: 0 }, delay)).toThrow(/cannot match 'partitoin'; is it partition\?/)
    expect(add({ partition: '0' }, delay)).toThrow(/partition must be a number, not '0'/)
    expect(add({ when: true }, delay)).toThrow(/when must be a function, not true/)
    expect(add({}, { delay: 1 })).toThrow(/does 'delay'; is it delayMs\?/)
    expect(add({}, { delayMs: '1' })).toThrow(/delayMs must be a number from 0 on, not '1'/)
    expect(add({}, { patch: {} })).toThrow(/patch must be a function/)
    expect(() => Reflect.apply(broker.faults.add, broker.faults, [{}])).toThrow(
      /needs a match and an action, such as .*; the action is undefined/,
    )
    expect(broker.faults.size).toBe(0)
    await expect(broker.waitFor.request('JoinGruop' as 'JoinGroup')).rejects.toThrow(
      /serves no 'JoinGruop'; is it JoinGroup/,
    )
    const fault = broker.faults.add({ api: 'Fetch', topic: 't' }, { delayMs: 1 })
    await expect(fault.hit(1, { timeoutMs: 1 })).rejects.toThrow(
      /1 requests for the fault .*"topic":"t".*: not within 1 ms; it has taken 0/,
    )
  })
})
