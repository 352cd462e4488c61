import { memoryStorage } from '@ottla/log'
import {
  CreateTopics,
  DeleteGroups,
  ErrorCode,
  FindCoordinator,
  JoinGroup,
  ListGroups,
  OffsetCommit,
  OffsetFetch,
  SyncGroup,
  ZERO_UUID,
} from '@ottla/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import type { Broker } from '../broker.js'
import { startBroker } from '../start-broker.js'
import { RawClient } from '../testing/raw-client.js'

const topic = 'orders'
const configs = { 'offsets.topic.num.partitions': '1' }

const commit = (groupId: string, offset: bigint, committedMetadata = '') => ({
  groupId,
  generationIdOrMemberEpoch: -1,
  memberId: '',
  topics: [
    {
      name: topic,
      topicId: ZERO_UUID,
      partitions: [{ partitionIndex: 0, committedOffset: offset, committedMetadata }],
    },
  ],
})

/** Groups over restarts of their broker, which keeps nothing but its files. */
describe('groups after a restart', () => {
  const storage = memoryStorage()
  let broker: Broker | undefined
  let client: RawClient | undefined

  const start = async (): Promise<RawClient> => {
    broker = await startBroker({ storage, configs })
    client = await RawClient.connect(broker)
    return client
  }
  const stop = async (): Promise<void> => {
    client?.close()
    await broker?.close()
  }
  afterEach(stop)

  it('are there before anybody asks for them by name, members and offsets with them', async () => {
    const before = await start()
    const numbers = { numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
    await before.request(CreateTopics, 7, { topics: [{ name: topic, ...numbers }] })
    await before.request(FindCoordinator, 4, { keyType: 0, coordinatorKeys: ['g'] })
    const member = { groupId: 'members', protocolType: 'consumer' }
    const joining = {
      ...member,
      sessionTimeoutMs: 10_000,
      groupInstanceId: 'one',
      protocols: [{ name: 'range', metadata: new Uint8Array(0) }],
    }
    const joined = await before.request(JoinGroup, 9, { ...joining, memberId: '' })
    const { memberId, generationId } = joined
    const identity = { memberId, generationId, groupInstanceId: 'one' }
    const syncing = { ...member, ...identity, protocolName: 'range', assignments: [] }
    await before.request(SyncGroup, 5, syncing)
    expect(
      (await before.request(OffsetCommit, 9, commit('g', 7n))).topics[0]?.partitions[0],
    ).toEqual({ partitionIndex: 0, errorCode: ErrorCode.NONE })
    await stop()

    const after = await start()
    const { groups } = await after.request(ListGroups, 5, { statesFilter: [], typesFilter: [] })
    const states = groups.map(({ groupId, groupState }) => [groupId, groupState])
    expect(states.sort()).toEqual([
      ['g', 'Empty'],
      ['members', 'Stable'],
    ])
    expect((await after.request(SyncGroup, 5, syncing)).errorCode).toBe(ErrorCode.NONE)
  })

  it('of a large log are loaded part by part; until then the coordinator says so', async () => {
    const before = await start()
    const note = 'x'.repeat(4000)
    for (let offset = 0n; offset < 400n; offset += 1n) {
      await before.request(OffsetCommit, 9, commit(`large-${offset % 4n}`, offset, note))
    }
    await stop()

    const after = await start()
    const fetchOnce = async (): Promise<{ errorCode: number; offset: bigint | undefined }> => {
      const asked = { groups: [{ groupId: 'large-3', topics: null }], requireStable: true }
      const { groups } = await after.request(OffsetFetch, 8, asked)
      const [group] = groups
      const offset = group?.topics[0]?.partitions[0]?.committedOffset
      return { errorCode: group?.errorCode ?? -1, offset }
    }
    let answer = await fetchOnce()
    while (answer.errorCode === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS) answer = await fetchOnce()
    expect(answer).toEqual({ errorCode: ErrorCode.NONE, offset: 399n })
    const { results } = await after.request(DeleteGroups, 2, { groupsNames: ['large-3', 'nobody'] })
    expect(results.map(({ errorCode }) => errorCode)).toEqual([
      ErrorCode.NONE,
      ErrorCode.GROUP_ID_NOT_FOUND,
    ])
  })
})
