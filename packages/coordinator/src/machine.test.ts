import { ErrorCode } from '@ottla/protocol'
import { describe, expect, test } from 'vitest'
import { Harness } from '../test/harness.js'
import {
  beat,
  bytes,
  commit,
  join,
  joinTwice,
  leave,
  offsetsOf,
  sync,
  text,
} from '../test/requests.js'
import { partitionForGroup } from './index.js'

const { NONE } = ErrorCode

/** A stable group of two: the first leads. */
function stableGroup(harness = new Harness(), fields: Parameters<typeof join>[0] = {}) {
  const first = joinTwice(harness, fields)
  const second = joinTwice(harness, fields)
  harness.advance(0)
  const generation = first.asked.response?.generationId ?? -1
  const other = harness.ask('syncGroup', sync(second.memberId, generation))
  const lead = harness.ask(
    'syncGroup',
    sync(first.memberId, generation, { [first.memberId]: 'A', [second.memberId]: 'B' }),
  )
  return { harness, leader: first.memberId, follower: second.memberId, generation, lead, other }
}

describe('joining', () => {
  test('gives a member id first, then waits for the initial delay', () => {
    const harness = new Harness({ groupInitialRebalanceDelayMs: 3000 })
    const first = harness.ask('joinGroup', join())
    expect(first.response).toMatchObject({
      errorCode: ErrorCode.MEMBER_ID_REQUIRED,
      memberId: 'client-uuid-1',
    })
    const again = harness.ask('joinGroup', join({ memberId: 'client-uuid-1' }))
    expect(again.response).toBeUndefined()
    harness.advance(2999)
    expect(again.response).toBeUndefined()
    harness.advance(1)
    expect(again.response).toMatchObject({
      errorCode: NONE,
      generationId: 1,
      protocolType: 'consumer',
      protocolName: 'range',
      leader: 'client-uuid-1',
      members: [{ memberId: 'client-uuid-1' }],
    })
  })

  test('prolongs the initial delay while members come', () => {
    const harness = new Harness({ groupInitialRebalanceDelayMs: 3000 })
    const first = joinTwice(harness)
    harness.advance(2000)
    const second = joinTwice(harness)
    harness.advance(1000)
    expect(first.asked.response).toBeUndefined()
    harness.advance(3000)
    expect(first.asked.response?.members).toHaveLength(2)
    expect(second.asked.response).toMatchObject({ members: [], leader: first.memberId })
  })

  test('old clients join at once', () => {
    const harness = new Harness()
    const asked = harness.ask('joinGroup', join({ rebalanceTimeoutMs: -1 }), { version: 0 })
    harness.advance(0)
    expect(asked.response).toMatchObject({ errorCode: NONE, memberId: 'client-uuid-1' })
  })

  test.each([
    ['an empty group id', join({ groupId: '' }), ErrorCode.INVALID_GROUP_ID],
    ['a short session', join({ sessionTimeoutMs: 99 }), ErrorCode.INVALID_SESSION_TIMEOUT],
    ['a long session', join({ sessionTimeoutMs: 2_000_000 }), ErrorCode.INVALID_SESSION_TIMEOUT],
    ['no protocols', join({ protocols: [] }), ErrorCode.INCONSISTENT_GROUP_PROTOCOL],
    ['no protocol type', join({ protocolType: '' }), ErrorCode.INCONSISTENT_GROUP_PROTOCOL],
    ['an unknown member id', join({ memberId: 'who' }), ErrorCode.UNKNOWN_MEMBER_ID],
  ])('refuses %s', (_, request, errorCode) => {
    const harness = new Harness({ groupMinSessionTimeoutMs: 100 })
    expect(harness.ask('joinGroup', request).response?.errorCode).toBe(errorCode)
    expect(harness.machine.groups()).toEqual([])
  })

  test('refuses a member that shares no protocol with the others', () => {
    const { harness } = stableGroup()
    const protocols = [{ name: 'sticky', metadata: bytes('m') }]
    const asked = harness.ask('joinGroup', join({ protocols }))
    expect(asked.response?.errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
  })

  test('selects the protocol that most members prefer among the common ones', () => {
    const harness = new Harness()
    const named = (...names: string[]) => names.map((name) => ({ name, metadata: bytes(name) }))
    const first = joinTwice(harness, { protocols: named('a', 'b', 'c') })
    joinTwice(harness, { protocols: named('c', 'b') })
    joinTwice(harness, { protocols: named('c', 'b') })
    harness.advance(0)
    expect(first.asked.response?.protocolName).toBe('c')
    expect(first.asked.response?.members?.map(({ metadata }) => text(metadata))).toEqual([
      'c',
      'c',
      'c',
    ])
  })

  test('refuses members beyond group.max.size', () => {
    const harness = new Harness({ groupMaxSize: 1 })
    joinTwice(harness)
    expect(harness.ask('joinGroup', join()).response?.errorCode).toBe(
      ErrorCode.GROUP_MAX_SIZE_REACHED,
    )
  })

  test('a pending member that never returns does not hold the group', () => {
    const { harness, leader, follower, generation } = stableGroup()
    harness.ask('joinGroup', join())
    harness.ask('joinGroup', join({ memberId: leader }))
    const asked = harness.ask('joinGroup', join({ memberId: follower }))
    expect(asked.response).toBeUndefined()
    harness.advance(10_000)
    expect(asked.response).toMatchObject({ errorCode: NONE, generationId: generation + 1 })
  })
})

describe('syncing', () => {
  test('gives every member what the leader assigned, once it is stored', () => {
    const harness = new Harness()
    harness.autoCommit = false
    const { lead, other } = stableGroup(harness)
    expect([lead.response, other.response]).toEqual([undefined, undefined])
    harness.commitAppends()
    expect(text(lead.response?.assignment)).toBe('A')
    expect(text(other.response?.assignment)).toBe('B')
    expect(harness.machine.groups()).toEqual([{ groupId: 'g', state: 'Stable', generationId: 1 }])
  })

  test('starts again if the assignment cannot be stored', () => {
    const harness = new Harness()
    harness.autoCommit = false
    const { lead, other } = stableGroup(harness)
    harness.commitAppends(ErrorCode.NOT_ENOUGH_REPLICAS)
    expect(lead.response?.errorCode).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    expect(other.response?.errorCode).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    expect(harness.machine.groups()[0]?.state).toBe('PreparingRebalance')
  })

  test('answers late members of a stable group and checks what they say', () => {
    const { harness, follower, generation } = stableGroup()
    const ask = (...args: Parameters<typeof sync>) =>
      harness.ask('syncGroup', sync(...args)).response
    expect(text(ask(follower, generation)?.assignment)).toBe('B')
    expect(ask(follower, generation - 1)?.errorCode).toBe(ErrorCode.ILLEGAL_GENERATION)
    expect(ask('who', generation)?.errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
    expect(ask(follower, generation, {}, { protocolName: 'sticky' })?.errorCode).toBe(
      ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
    )
    expect(ask(follower, generation, {}, { groupId: 'other' })?.errorCode).toBe(
      ErrorCode.UNKNOWN_MEMBER_ID,
    )
  })

  test('members that never sync are removed after the rebalance timeout', () => {
    const harness = new Harness()
    const first = joinTwice(harness, { sessionTimeoutMs: 100_000 })
    const second = joinTwice(harness, { sessionTimeoutMs: 100_000 })
    harness.advance(0)
    harness.ask('syncGroup', sync(first.memberId, 1, { [first.memberId]: 'A' }))
    harness.advance(60_000)
    expect(harness.ask('heartbeat', beat(first.memberId, 1)).response?.errorCode).toBe(
      ErrorCode.REBALANCE_IN_PROGRESS,
    )
    expect(harness.ask('heartbeat', beat(second.memberId, 1)).response?.errorCode).toBe(
      ErrorCode.UNKNOWN_MEMBER_ID,
    )
  })
})

describe('heartbeats', () => {
  test('keep the session; a rebalance is told by error 27', () => {
    const { harness, leader, follower, generation } = stableGroup()
    const ask = (id: string, at = generation) =>
      harness.ask('heartbeat', beat(id, at)).response?.errorCode
    for (let round = 0; round < 5; round++) {
      harness.advance(9000)
      expect([ask(leader), ask(follower)]).toEqual([NONE, NONE])
    }
    expect(ask(leader, generation - 1)).toBe(ErrorCode.ILLEGAL_GENERATION)
    expect(ask('who')).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
    harness.ask('joinGroup', join({ memberId: leader }))
    expect(ask(follower)).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
  })

  test('a session that ends takes the member out and the rest rebalances', () => {
    const { harness, leader, follower, generation } = stableGroup()
    harness.advance(9000)
    harness.ask('heartbeat', beat(follower, generation))
    harness.advance(1000)
    expect(harness.ask('heartbeat', beat(leader, generation)).response?.errorCode).toBe(
      ErrorCode.UNKNOWN_MEMBER_ID,
    )
    const asked = harness.ask('joinGroup', join({ memberId: follower }))
    expect(asked.response).toMatchObject({ leader: follower, generationId: generation + 1 })
  })

  test('cost no timer effect each', () => {
    const { harness, leader, generation } = stableGroup()
    const event = {
      type: 'heartbeat',
      requestId: 999,
      version: 4,
      clientId: 'c',
      clientHost: '/h',
      request: beat(leader, generation),
    } as const
    expect(harness.machine.handle(event, harness.nowMs + 10).map(({ type }) => type)).toEqual([
      'reply',
    ])
  })
})

describe('leaving', () => {
  test('rebalances the rest; the last one leaves an empty group', () => {
    const { harness, leader, follower, generation } = stableGroup()
    expect(harness.ask('leaveGroup', leave({ memberId: leader })).response).toMatchObject({
      errorCode: NONE,
      members: [{ memberId: leader, errorCode: NONE }],
    })
    const asked = harness.ask('joinGroup', join({ memberId: follower }))
    expect(asked.response?.leader).toBe(follower)
    harness.ask('leaveGroup', leave({ memberId: follower }), { version: 0 })
    expect(harness.machine.groups()).toEqual([
      { groupId: 'g', state: 'Empty', generationId: generation + 2 },
    ])
    expect(harness.timerCount).toBe(0)
  })

  test('an unknown member is told so, in the place its version has for it', () => {
    const { harness } = stableGroup()
    expect(harness.ask('leaveGroup', leave({ memberId: 'who' })).response).toMatchObject({
      errorCode: NONE,
      members: [{ errorCode: ErrorCode.UNKNOWN_MEMBER_ID }],
    })
    expect(
      harness.ask('leaveGroup', leave({ memberId: 'who' }), { version: 2 }).response,
    ).toMatchObject({
      errorCode: ErrorCode.UNKNOWN_MEMBER_ID,
      members: [],
    })
  })
})

describe('static members', () => {
  const instance = { groupInstanceId: 'i-1' }

  function stableStatic(version = 9) {
    const harness = new Harness()
    const asked = harness.ask('joinGroup', join(instance), { version })
    harness.advance(0)
    const memberId = asked.response?.memberId ?? ''
    harness.ask('syncGroup', sync(memberId, 1, { [memberId]: 'A' }, instance))
    return { harness, memberId }
  }

  test('come back without a rebalance and keep their assignment', () => {
    const { harness, memberId } = stableStatic()
    const again = harness.ask('joinGroup', join(instance)).response
    expect(again).toMatchObject({ errorCode: NONE, generationId: 1, skipAssignment: true })
    expect(again?.memberId).not.toBe(memberId)
    expect(again?.leader).toBe(again?.memberId)
    const synced = harness.ask('syncGroup', sync(again?.memberId ?? '', 1, {}, instance)).response
    expect(text(synced?.assignment)).toBe('A')
    expect(harness.machine.groups()[0]?.state).toBe('Stable')
  })

  test('before version 9 a leader that comes back is shown its former self as leader', () => {
    const { harness, memberId } = stableStatic(8)
    const again = harness.ask('joinGroup', join(instance), { version: 8 }).response
    expect(again).toMatchObject({ leader: memberId, members: [] })
    expect(again?.skipAssignment ?? false).toBe(false)
  })

  test('fence their former self', () => {
    const { harness, memberId } = stableStatic()
    harness.ask('joinGroup', join(instance))
    expect(harness.ask('heartbeat', beat(memberId, 1, 'i-1')).response?.errorCode).toBe(
      ErrorCode.FENCED_INSTANCE_ID,
    )
    const committed = harness.ask(
      'offsetCommit',
      commit({ t: 1n }, { memberId, generationIdOrMemberEpoch: 1, groupInstanceId: 'i-1' }),
    )
    expect(committed.response?.topics[0]?.partitions[0]?.errorCode).toBe(
      ErrorCode.FENCED_INSTANCE_ID,
    )
  })

  test('are as before if their new id cannot be stored', () => {
    const { harness, memberId } = stableStatic()
    harness.autoCommit = false
    const again = harness.ask('joinGroup', join(instance))
    harness.commitAppends(ErrorCode.KAFKA_STORAGE_ERROR)
    expect(again.response?.errorCode).toBe(ErrorCode.NOT_COORDINATOR)
    expect(harness.ask('heartbeat', beat(memberId, 1, 'i-1')).response?.errorCode).toBe(NONE)
  })

  test('can be removed by instance id', () => {
    const { harness } = stableStatic()
    const left = harness.ask('leaveGroup', leave({ memberId: '', groupInstanceId: 'i-1' }))
    expect(left.response?.members?.[0]?.errorCode).toBe(NONE)
    expect(harness.machine.groups()[0]?.state).toBe('Empty')
  })
})

describe('the partition of a group', () => {
  test('is what Java computes', () => {
    expect(partitionForGroup('test-group', 50)).toBe(12)
    expect(partitionForGroup('', 50)).toBe(0)
    expect(partitionForGroup('polygenelubricants', 50)).toBe(0)
  })
})

describe('offsets', () => {
  test('are read once they are stored', () => {
    const harness = new Harness()
    harness.autoCommit = false
    const asked = harness.ask('offsetCommit', commit({ t: 5n }))
    expect(asked.response).toBeUndefined()
    expect(offsetsOf(harness)).toEqual({})
    harness.commitAppends()
    expect(asked.response?.topics[0]?.partitions[0]?.errorCode).toBe(NONE)
    expect(offsetsOf(harness)).toEqual({ t: 5n })
  })

  test.each([
    ['no members', { generationIdOrMemberEpoch: 7, memberId: 'm' }, ErrorCode.GROUP_ID_NOT_FOUND],
  ])('of a group with %s are refused', (_, fields, errorCode) => {
    const harness = new Harness()
    const asked = harness.ask('offsetCommit', commit({ t: 1n }, fields))
    expect(asked.response?.topics[0]?.partitions[0]?.errorCode).toBe(errorCode)
    const old = harness.ask('offsetCommit', commit({ t: 1n }, fields), { version: 8 })
    expect(old.response?.topics[0]?.partitions[0]?.errorCode).toBe(ErrorCode.ILLEGAL_GENERATION)
  })

  test('are taken from members of the generation only', () => {
    const { harness, leader, generation } = stableGroup()
    const ask = (memberId: string, generationIdOrMemberEpoch: number) =>
      harness.ask('offsetCommit', commit({ t: 1n }, { memberId, generationIdOrMemberEpoch }))
        .response?.topics[0]?.partitions[0]?.errorCode
    expect(ask(leader, generation)).toBe(NONE)
    expect(ask(leader, generation - 1)).toBe(ErrorCode.ILLEGAL_GENERATION)
    expect(ask('who', generation)).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
    expect(ask('', -1)).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
    harness.ask('joinGroup', join({ memberId: leader }))
    expect(ask(leader, generation)).toBe(NONE)
  })

  test('with long metadata are refused one by one', () => {
    const harness = new Harness({ offsetMetadataMaxBytes: 3 })
    const asked = harness.ask('offsetCommit', commit({ t: 1n }))
    expect(asked.response?.topics[0]?.partitions[0]?.errorCode).toBe(
      ErrorCode.OFFSET_METADATA_TOO_LARGE,
    )
  })

  test('name topics by id from version 10 on', () => {
    const id = '00000000-0000-0000-0000-0000000000aa'
    const topics = {
      idOf: (name: string) => (name === 't' ? id : undefined),
      nameOf: (topicId: string) => (topicId === id ? 't' : undefined),
    }
    const harness = new Harness({}, topics)
    const request = commit({ x: 9n })
    for (const topic of request.topics) topic.topicId = id
    expect(harness.ask('offsetCommit', request, { version: 10 }).response?.topics[0]).toMatchObject(
      {
        topicId: id,
        partitions: [{ errorCode: NONE }],
      },
    )
    expect(offsetsOf(harness)).toEqual({ t: 9n })
    const absent = harness.ask('offsetCommit', commit({ x: 9n })).response?.topics[0]
    expect(absent?.partitions[0]?.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  })

  test('of a topic that was deleted or made anew are gone', () => {
    let id = '00000000-0000-0000-0000-0000000000aa'
    const topics = {
      idOf: () => id,
      nameOf: (topicId: string) => (topicId === id ? 't' : undefined),
    }
    const harness = new Harness({}, topics)
    harness.ask('offsetCommit', commit({ t: 3n, u: 4n }))
    harness.forgetTopics('u')
    expect(offsetsOf(harness)).toEqual({ t: 3n })
    harness.restart()
    expect(offsetsOf(harness)).toEqual({ t: 3n })
    id = '00000000-0000-0000-0000-0000000000bb'
    expect(offsetsOf(harness)).toEqual({ t: -1n })
  })
})

describe('restart and removal', () => {
  test('a restart loses no group and no offset', () => {
    const { harness, leader, follower, generation } = stableGroup()
    harness.ask(
      'offsetCommit',
      commit({ t: 42n }, { memberId: leader, generationIdOrMemberEpoch: generation }),
    )
    harness.restart()
    expect(harness.machine.groups()).toEqual([
      { groupId: 'g', state: 'Stable', generationId: generation },
    ])
    expect(offsetsOf(harness)).toEqual({ t: 42n })
    expect(harness.ask('heartbeat', beat(leader, generation)).response?.errorCode).toBe(NONE)
    const synced = harness.ask('syncGroup', sync(follower, generation)).response
    expect(text(synced?.assignment)).toBe('B')
    harness.advance(10_000)
    expect(harness.machine.groups()[0]?.state).toBe('Empty')
  })

  test('unloading answers everyone who waits', () => {
    const harness = new Harness({ groupInitialRebalanceDelayMs: 3000 })
    const { asked } = joinTwice(harness)
    harness.unload(ErrorCode.NOT_COORDINATOR)
    expect(asked.response?.errorCode).toBe(ErrorCode.NOT_COORDINATOR)
    expect([harness.timerCount, harness.unanswered]).toEqual([0, 0])
  })

  test('offsets expire after the group was empty for the retention time', () => {
    const { harness, leader, follower, generation } = stableGroup(
      new Harness({ offsetsRetentionMs: 1000 }),
    )
    harness.ask(
      'offsetCommit',
      commit({ t: 1n }, { memberId: leader, generationIdOrMemberEpoch: generation }),
    )
    harness.advance(5000)
    harness.expireOffsets()
    expect(offsetsOf(harness)).toEqual({ t: 1n })
    harness.ask('leaveGroup', leave({ memberId: leader }, { memberId: follower }))
    harness.advance(999)
    harness.expireOffsets()
    expect(offsetsOf(harness)).toEqual({ t: 1n })
    harness.advance(1)
    harness.expireOffsets()
    expect(harness.machine.groups()).toEqual([])
    harness.restart()
    expect(harness.machine.groups()).toEqual([])
  })

  test('only groups without members can be deleted', () => {
    const { harness, leader, follower } = stableGroup()
    const remove = () =>
      harness
        .ask('deleteGroups', { groupsNames: ['g', 'x'] })
        .response?.results?.map((r) => r.errorCode)
    expect(remove()).toEqual([ErrorCode.NON_EMPTY_GROUP, ErrorCode.GROUP_ID_NOT_FOUND])
    harness.ask('leaveGroup', leave({ memberId: leader }, { memberId: follower }))
    expect(remove()).toEqual([NONE, ErrorCode.GROUP_ID_NOT_FOUND])
    harness.restart()
    expect(harness.machine.groups()).toEqual([])
  })

  test('groups are described and listed', () => {
    const { harness, leader } = stableGroup()
    const request = { groups: ['g', 'x'], includeAuthorizedOperations: false }
    const described = harness.ask('describeGroups', request).response?.groups
    expect(described?.[0]).toMatchObject({ groupState: 'Stable', protocolData: 'range' })
    expect(text(described?.[0]?.members.find((m) => m.memberId === leader)?.memberAssignment)).toBe(
      'A',
    )
    expect(described?.[1]?.errorCode).toBe(ErrorCode.GROUP_ID_NOT_FOUND)
    const list = (statesFilter: string[]) =>
      harness
        .ask('listGroups', { statesFilter, typesFilter: [] })
        .response?.groups?.map((g) => g.groupId)
    expect([list([]), list(['stable']), list(['Empty'])]).toEqual([['g'], ['g'], []])
  })
})
