import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSimulatedPlatform } from '@ottla/network/simulation'
import {
  CreateTopics,
  decodeRecords,
  ErrorCode,
  Fetch,
  FindCoordinator,
  Heartbeat,
  IncrementalAlterConfigs,
  InitProducerId,
  JoinGroup,
  ListOffsets,
  Metadata,
  OffsetCommit,
  OffsetFetch,
  Produce,
  SyncGroup,
} from '@ottla/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Broker } from '../broker.js'
import type { BrokerOptions } from '../options.js'
import { startBroker } from '../start-broker.js'
import { batchAt, batchOf, RawClient } from '../testing/raw-client.js'

const start = async (options: BrokerOptions = {}): Promise<Broker> => {
  const broker = await startBroker(options)
  onTestFinished(() => broker.close({ timeoutMs: 0 }))
  return broker
}

const createTopic = (
  client: RawClient,
  name: string,
  configs: { name: string; value: string }[] = [],
) =>
  client.request(CreateTopics, 7, {
    topics: [{ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs }],
  })

const produce = async (client: RawClient, name: string, records = batchOf('v')) => {
  const { responses } = await client.request(Produce, 9, {
    acks: -1,
    timeoutMs: 1000,
    topicData: [{ name, partitionData: [{ index: 0, records }] }],
  })
  return responses[0]?.partitionResponses[0]
}

const read = async (client: RawClient, topic: string, currentLeaderEpoch = -1) => {
  const partition = {
    partition: 0,
    fetchOffset: 0n,
    partitionMaxBytes: 1_000_000,
    currentLeaderEpoch,
  }
  const { responses } = await client.request(Fetch, 11, {
    maxWaitMs: 0,
    minBytes: 1,
    topics: [{ topic, partitions: [partition] }],
    replicaState: {},
    forgottenTopicsData: [],
  })
  const answer = responses[0]?.partitions[0]
  const values: string[] = []
  for (const batch of decodeRecords(answer?.records ?? new Uint8Array(0))) {
    for (const record of batch) values.push(String(record.value))
  }
  return { errorCode: answer?.errorCode, values }
}

const joinGroup = async (
  client: RawClient,
  groupId: string,
  memberId = '',
): Promise<{ groupId: string; generationId: number; memberId: string }> => {
  await client.request(FindCoordinator, 3, { key: groupId })
  const protocols = [{ name: 'range', metadata: new Uint8Array(0) }]
  const joined = await client.request(JoinGroup, 5, {
    groupId,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 60_000,
    memberId,
    protocolType: 'consumer',
    protocols,
  })
  if (joined.errorCode === ErrorCode.MEMBER_ID_REQUIRED) {
    return joinGroup(client, groupId, joined.memberId)
  }
  const { generationId } = joined
  const assignments = [{ memberId: joined.memberId, assignment: new Uint8Array(0) }]
  const member = { groupId, generationId, memberId: joined.memberId }
  await client.request(SyncGroup, 3, { ...member, assignments })
  return member
}

const commit = (
  client: RawClient,
  { groupId, generationId, memberId }: Awaited<ReturnType<typeof joinGroup>>,
  committedOffset: bigint,
) =>
  client.request(OffsetCommit, 8, {
    groupId,
    generationIdOrMemberEpoch: generationId,
    memberId,
    topics: [
      { name: 't', partitions: [{ partitionIndex: 0, committedOffset, committedMetadata: '' }] },
    ],
  })

const committed = async (client: RawClient) => {
  const { topics } = await client.request(OffsetFetch, 7, {
    groupId: 'g',
    topics: [{ name: 't', partitionIndexes: [0] }],
  })
  return topics[0]?.partitions[0]?.committedOffset
}

const dataDirectory = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'ottla-life-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

describe.each([
  ['in memory', () => ({})],
  ['on disk', () => ({ dataDir: dataDirectory() })],
])('a broker %s', (_, options) => {
  it.each(['stop', 'kill'] as const)('keeps port, id and data over %s and restart', async (end) => {
    const broker = await start(options())
    const { bootstrapServers, clusterId } = broker
    let client = await RawClient.connect(broker)
    await createTopic(client, 't')
    await produce(client, 't', batchOf('before'))
    const member = await joinGroup(client, 'g')
    await commit(client, member, 1n)
    const events: string[] = []
    broker.events.on('topic', ({ topic }) => events.push(topic))
    await broker[end]()
    await broker[end]()
    await client.closed
    expect(broker.isRunning).toBe(false)
    await expect(RawClient.connect(broker)).rejects.toThrow(/nothing listens there/)
    await expect(broker.reset()).rejects.toThrow(/reset: the broker is stopped; restart it/)
    await broker.restart()
    expect([broker.bootstrapServers, broker.clusterId]).toEqual([bootstrapServers, clusterId])
    client = await RawClient.connect(broker)
    expect(await read(client, 't')).toEqual({ errorCode: 0, values: ['before'] })
    expect(await committed(client)).toBe(1n)
    expect(await client.request(Heartbeat, 4, member)).toMatchObject({ errorCode: 0 })
    expect((await produce(client, 't', batchOf('after')))?.baseOffset).toBe(1n)
    await createTopic(client, 'later')
    expect(events).toEqual(['later'])
  })

  it('is empty after a reset, with port and connections in use', async () => {
    const broker = await start(options())
    const client = await RawClient.connect(broker)
    await createTopic(client, 't')
    await produce(client, 't')
    await joinGroup(client, 'g')
    const resources = [
      {
        resourceType: 4,
        resourceName: '',
        configs: [{ name: 'log.retention.ms', configOperation: 0, value: '1000' }],
      },
    ]
    await client.request(IncrementalAlterConfigs, 1, { resources, validateOnly: false })
    const first = await client.request(InitProducerId, 4, {
      transactionalId: null,
      transactionTimeoutMs: 1,
    })
    broker.faults.add({ api: 'Metadata' }, { drop: 'before' })
    await broker.reset()
    expect(broker.requests.list()).toEqual([])
    const { topics } = await client.request(Metadata, 12, { topics: null })
    expect(topics).toEqual([])
    const again = await client.request(InitProducerId, 4, {
      transactionalId: null,
      transactionTimeoutMs: 1,
    })
    expect(again.producerId).toBeGreaterThan(first.producerId)
    await createTopic(client, 't')
    expect((await produce(client, 't'))?.baseOffset).toBe(0n)
    const member = await joinGroup(client, 'g')
    expect(member.generationId).toBe(1)
    expect(await committed(client)).toBe(-1n)
    expect(broker.requests.list('JoinGroup').length).toBeGreaterThan(0)
  })
})

describe('time', () => {
  it('passes for members that no longer call', async () => {
    const broker = await start()
    const client = await RawClient.connect(broker)
    await joinGroup(client, 'g')
    const states: string[] = []
    broker.events.on('group', ({ to }) => states.push(to))
    await broker.advanceTime(9_000)
    expect(states).toEqual([])
    await broker.advanceTime(1_100)
    expect(states).toContain('Empty')
  })

  it('passes for retention, also of records that clients have stamped', async () => {
    const broker = await start()
    let client = await RawClient.connect(broker)
    await createTopic(client, 't', [
      { name: 'retention.ms', value: '3600000' },
      { name: 'segment.ms', value: '60000' },
    ])
    await produce(client, 't')
    await broker.advanceTime(120_000)
    await produce(client, 't')
    const earliest = async () => {
      const { topics } = await client.request(ListOffsets, 5, {
        replicaId: -1,
        topics: [{ name: 't', partitions: [{ partitionIndex: 0, timestamp: -2n }] }],
      })
      return topics[0]?.partitions[0]?.offset
    }
    expect(await earliest()).toBe(0n)
    await broker.advanceTime(2 * 3_600_000)
    // Nobody stays connected for hours without a word.
    await client.closed
    client = await RawClient.connect(broker)
    expect(await earliest()).toBeGreaterThanOrEqual(1n)
  })

  it('stays advanced over a restart, and never goes back', async () => {
    const broker = await start()
    await broker.advanceTime(86_400_000)
    await broker.restart()
    const client = await RawClient.connect(broker)
    await createTopic(client, 't', [{ name: 'message.timestamp.type', value: 'LogAppendTime' }])
    const before = Number((await produce(client, 't', batchAt(0, 'v')))?.logAppendTimeMs)
    expect(before - Date.now()).toBeGreaterThan(86_000_000)
    await expect(broker.advanceTime(-1)).rejects.toThrow(/0 ms or more, not -1/)
  })

  it('is that of the simulation where there is one', async () => {
    const platform = createSimulatedPlatform(1)
    const { clock } = platform
    const broker = await clock.runUntil(startBroker({ platform }))
    const client = await clock.runUntil(RawClient.connect(broker, platform.network))
    await clock.runUntil(createTopic(client, 't'))
    await clock.runUntil(broker.kill())
    await clock.runUntil(broker.restart())
    await clock.runUntil(broker.advanceTime(1000))
    const late = broker.waitFor.topicGone('t', { timeoutMs: 5000 })
    const failed = expect(late).rejects.toThrow(/topic t gone: not within 5000 ms; it is there/)
    await clock.advance(5000)
    await failed
    await clock.runUntil(broker.close())
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('a restart', () => {
  it('waits for its port, which a client may hold for a moment', async () => {
    const broker = await start()
    await broker.stop()
    const other = await startBroker({ port: broker.port })
    const restarted = broker.restart()
    await other.close()
    await restarted
    expect(broker.isRunning).toBe(true)
    await broker.close()
    await expect(broker.restart()).rejects.toThrow('a closed broker stays closed')
  })
})

describe('leaders', () => {
  it('go and come back with a higher epoch', async () => {
    const broker = await start()
    const client = await RawClient.connect(broker)
    await createTopic(client, 't')
    await produce(client, 't')
    expect(await read(client, 't', 0)).toEqual({ errorCode: 0, values: ['v'] })
    expect(await broker.electLeader('t', 0)).toBe(1)
    expect(await read(client, 't', 0)).toMatchObject({ errorCode: ErrorCode.FENCED_LEADER_EPOCH })
    await broker.removeLeader('t', 0)
    expect(await read(client, 't')).toMatchObject({ errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER })
    const { topics } = await client.request(Metadata, 12, { topics: [{ name: 't' }] })
    expect(topics[0]?.partitions).toMatchObject([{ errorCode: 5, leaderId: -1 }])
    expect(await broker.electLeader('t', 0)).toBe(3)
    expect(await read(client, 't', 3)).toEqual({ errorCode: 0, values: ['v'] })
    await expect(broker.electLeader('t', 7)).rejects.toThrow(/no partition t-7/)
  })

  it('of groups load', async () => {
    const broker = await start()
    const client = await RawClient.connect(broker)
    const member = await joinGroup(client, 'g')
    const loading = broker.loadingGroups()
    const code = async () => (await client.request(Heartbeat, 4, member)).errorCode
    expect(await code()).toBe(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
    loading.remove()
    expect(await code()).toBe(0)
  })
})

describe('waitFor', () => {
  it('sees states come', async () => {
    const broker = await start()
    const { waitFor } = broker
    const client = await RawClient.connect(broker)
    const waits = [
      waitFor.topic('t'),
      waitFor.highWatermark('t', 0, 2),
      waitFor.groupStable('g', { members: 1 }),
      waitFor.committed('g', 't', 0, 2),
      waitFor.connections(2),
      waitFor.request('JoinGroup', ({ body }) => body.memberId !== ''),
    ] as const
    await createTopic(client, 't')
    await produce(client, 't', batchOf('a', 'b', 'c'))
    const member = await joinGroup(client, 'g')
    await commit(client, member, 2n)
    await RawClient.connect(broker)
    const [topic, highWatermark, group, offset, , request] = await Promise.all(waits)
    expect(topic.partitions).toBe(1)
    expect([highWatermark, offset]).toEqual([3n, 2n])
    expect(group.memberIds).toEqual([member.memberId])
    expect(request.body.groupId).toBe('g')
    const gone = waitFor.topicGone('t')
    await broker.reset()
    await gone
  })

  it('says what it saw instead', async () => {
    const broker = await start()
    const { waitFor } = broker
    const client = await RawClient.connect(broker)
    await createTopic(client, 't')
    await joinGroup(client, 'g')
    const options = { timeoutMs: 1 }
    const message = (wait: Promise<unknown>) => wait.then(String, ({ message }) => String(message))
    expect(
      await Promise.all(
        [
          waitFor.highWatermark('t', 0, 5, options),
          waitFor.highWatermark('t', 3, 5, options),
          waitFor.topic('u', options),
          waitFor.groupStable('g', { ...options, members: 2 }),
          waitFor.groupStable('h', options),
          waitFor.committed('g', 't', 0, 1, options),
          waitFor.connections(7, options),
          waitFor.request('Fetch', undefined, options),
        ].map(message),
      ),
    ).toEqual([
      'high watermark 5 of t-0: not within 1 ms; it is 0',
      'high watermark 5 of t-3: not within 1 ms; there is no such partition',
      'topic u: not within 1 ms; there are: t, __consumer_offsets',
      'group g stable with 2 members: not within 1 ms; it is Stable with 1 members',
      'group h stable with its members: not within 1 ms; it is Dead with 0 members',
      'offset 1 of t-0 committed by group g: not within 1 ms; nothing is committed',
      'at least 7 connections: not within 1 ms; there are 1',
      'a Fetch request: not within 1 ms; 0 came, none that the predicate liked',
    ])
    const controller = new AbortController()
    const aborted = waitFor.topic('u', { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
  })

  it('counts connections: so many or more, or none', async () => {
    const broker = await start()
    const clients = [await RawClient.connect(broker), await RawClient.connect(broker)]
    await broker.waitFor.connections(2)
    await broker.waitFor.connections(1)
    await expect(broker.waitFor.connections(0, { timeoutMs: 1 })).rejects.toThrow(
      'no connections: not within 1 ms; there are 2',
    )
    for (const client of clients) client.close()
    await broker.waitFor.connections(0)
  })

  it('gives up before vitest does', async () => {
    const platform = createSimulatedPlatform(1)
    const { clock } = platform
    const broker = await clock.runUntil(startBroker({ platform }))
    const failed = expect(broker.waitFor.topic('t')).rejects.toThrow(/not within 4000 ms/)
    await clock.advance(4000)
    await failed
    await clock.runUntil(broker.close())
  })

  it('goes on over a restart', async () => {
    const broker = await start()
    const wait = broker.waitFor.topic('t')
    await broker.restart()
    const client = await RawClient.connect(broker)
    await createTopic(client, 't')
    await wait
  })
})

describe('the request log', () => {
  it('keeps the newest, and bodies while they are recorded', async () => {
    const broker = await start()
    const client = await RawClient.connect(broker)
    using recording = broker.requests.record('CreateTopics')
    await createTopic(client, 't')
    recording.stop()
    await createTopic(client, 'u')
    expect(recording.requests.map(({ body }) => body.topics[0]?.name)).toEqual(['t'])
    expect(broker.requests.list('CreateTopics')).toMatchObject([
      { apiVersion: 7, clientId: 'raw', correlationId: 1 },
      { correlationId: 2 },
    ])
    for (let i = 0; i < 1200; i++) await client.request(Metadata, 12, { topics: [] })
    const kept = broker.requests.list().map(({ correlationId }) => correlationId)
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([1000, 203, 1202])
    expect(broker.requests.format(2)).toMatch(/ raw Metadata v12 \(1201\)\n.* \(1202\)$/)
  })
})
