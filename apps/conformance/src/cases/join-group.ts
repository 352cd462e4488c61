import { ErrorCode, Heartbeat, JoinGroup, LeaveGroup, SyncGroup } from '@ottla/protocol'
import { inAnyOrder, nonEmpty, noneOf, text } from '../match/index.js'
import { messageDocument } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import {
  assignors,
  connectToGroup,
  endJoin,
  type JoinSettings,
  join,
  joinBeside,
  joinRequest,
  rejoin,
  stableGroup,
  stablePair,
  subscription,
  untilRebalance,
} from '../steps/index.js'

import { ofStaticMembers } from './join-group-static.js'

const DOCUMENT = messageDocument('JoinGroup')
const KIP_345 = 'KIP-345: Introduce static membership protocol to reduce consumer rebalances'
const KIP_394 = 'KIP-394: Require member.id for initial join group request'
const DESIGN =
  'https://cwiki.apache.org/confluence/display/KAFKA/Kafka+Client-side+Assignment+Proposal'

/** A JoinGroup that is refused, and with what. */
interface Refusal {
  readonly what: string
  readonly says: string
  readonly errorCode: number
  readonly settings: JoinSettings
  readonly groupId?: string
  readonly source?: string
  readonly min?: number
}

const ofNewGroups: readonly Refusal[] = [
  {
    what: 'empty-group-id',
    says: 'The empty group id is refused with INVALID_GROUP_ID.',
    errorCode: ErrorCode.INVALID_GROUP_ID,
    groupId: '',
    settings: { memberId: 'nobody' },
  },
  {
    what: 'session-too-short',
    says: 'A session timeout below group.min.session.timeout.ms is refused with INVALID_SESSION_TIMEOUT.',
    errorCode: ErrorCode.INVALID_SESSION_TIMEOUT,
    settings: { sessionTimeoutMs: 1 },
  },
  {
    what: 'session-too-long',
    says: 'A session timeout above group.max.session.timeout.ms is refused with INVALID_SESSION_TIMEOUT.',
    errorCode: ErrorCode.INVALID_SESSION_TIMEOUT,
    settings: { sessionTimeoutMs: 2_000_000_000 },
  },
  {
    what: 'session-negative',
    says: 'A negative session timeout is refused with INVALID_SESSION_TIMEOUT.',
    errorCode: ErrorCode.INVALID_SESSION_TIMEOUT,
    settings: { sessionTimeoutMs: -1 },
  },
  {
    what: 'member-of-no-group',
    says: 'A member id in a group that does not exist is answered with UNKNOWN_MEMBER_ID.',
    errorCode: ErrorCode.UNKNOWN_MEMBER_ID,
    settings: { memberId: 'nobody' },
  },
  {
    what: 'no-protocols',
    says: 'The first member of a group must name a protocol, or gets INCONSISTENT_GROUP_PROTOCOL.',
    errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
    settings: { protocols: [] },
  },
  {
    what: 'no-protocol-type',
    says: 'The first member of a group must name a protocol type, or gets INCONSISTENT_GROUP_PROTOCOL.',
    errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
    settings: { protocolType: '' },
  },
]

const ofStableGroups: readonly Refusal[] = [
  {
    what: 'unknown-member-id',
    says: 'A member id that the group does not know is answered with UNKNOWN_MEMBER_ID.',
    errorCode: ErrorCode.UNKNOWN_MEMBER_ID,
    settings: { memberId: 'nobody' },
  },
  {
    what: 'other-protocols',
    says: 'A member without a protocol that all others support gets INCONSISTENT_GROUP_PROTOCOL.',
    errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
    settings: { protocols: assignors('other') },
  },
  {
    what: 'other-protocol-type',
    says: 'A member with another protocol type than its group gets INCONSISTENT_GROUP_PROTOCOL.',
    errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
    settings: { protocolType: 'connect' },
  },
  {
    what: 'no-protocols-later',
    says: 'A later member without any protocol gets INCONSISTENT_GROUP_PROTOCOL.',
    errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
    settings: { protocols: [] },
  },
  {
    what: 'fenced-instance',
    says: 'An instance id with the member id of somebody else is fenced with FENCED_INSTANCE_ID.',
    errorCode: ErrorCode.FENCED_INSTANCE_ID,
    settings: { memberId: 'nobody', instanceId: 'static' },
    source: KIP_345,
    min: 5,
  },
  {
    what: 'unknown-instance',
    says: 'A member id with an instance id that the group does not know gets UNKNOWN_MEMBER_ID.',
    errorCode: ErrorCode.UNKNOWN_MEMBER_ID,
    settings: { memberId: 'nobody', instanceId: 'other' },
    source: KIP_345,
    min: 5,
  },
]

const refused = (refusal: Refusal, isStable: boolean): Rule =>
  rule({
    id: `join-group.${refusal.what}`,
    says: refusal.says,
    source: refusal.source ?? DOCUMENT,
    apis: [JoinGroup],
    topic: 'errors',
    versions: { min: refusal.min ?? 0 },
    run: async (t) => {
      const instanceId = (refusal.min ?? 0) >= 5 ? 'static' : null
      const { errorCode, settings, groupId = t.name('group') } = refusal
      if (isStable) await stableGroup(t, { instanceId }, groupId)
      const client = groupId === '' ? t.client : await connectToGroup(t, groupId)
      const answer = await client.ask(JoinGroup, joinRequest(groupId, settings))
      const memberId = settings.memberId ?? ''
      t.expect(answer, { errorCode, memberId, generationId: -1, leader: '', members: [] })
    },
  })

const joining: readonly Rule[] = [
  rule({
    id: 'join-group.member-id-required',
    says: 'A new member is told its member id by MEMBER_ID_REQUIRED and is to come back with it.',
    source: KIP_394,
    apis: [JoinGroup],
    topic: 'groups',
    versions: { min: 4 },
    run: async (t) => {
      const groupId = t.name('group')
      const client = await connectToGroup(t, groupId)
      const answer = await client.ask(JoinGroup, joinRequest(groupId))
      const errorCode = ErrorCode.MEMBER_ID_REQUIRED
      const memberId = text(/^ottla-conformance-[0-9A-Za-z_-]{22,36}$/)
      t.expect(answer, { errorCode, memberId, generationId: -1, leader: '', members: [] })
      const request = joinRequest(groupId, { memberId: answer.memberId })
      const next = await client.ask(JoinGroup, request)
      t.expect(next, { errorCode: ErrorCode.NONE, memberId: answer.memberId, generationId: 1 })
    },
  }),
  rule({
    id: 'join-group.joins-at-once-before-version-4',
    says: 'Before version 4 a new member joins without coming back.',
    source: KIP_394,
    apis: [JoinGroup],
    topic: 'groups',
    versions: { max: 3 },
    run: async (t) => {
      const groupId = t.name('group')
      const client = await connectToGroup(t, groupId)
      const answer = await client.ask(JoinGroup, joinRequest(groupId))
      const memberId = text(/^ottla-conformance-./)
      t.expect(answer, { errorCode: ErrorCode.NONE, memberId, generationId: 1 })
    },
  }),
  rule({
    id: 'join-group.first-member-leads',
    says: 'The only member leads generation 1 and is told who the members are: itself, with its metadata.',
    source: DESIGN,
    apis: [JoinGroup],
    topic: 'groups',
    run: async (t) => {
      const metadata = Buffer.from([0, 1, 2, 255])
      const protocols = [{ name: 'any-name', metadata }]
      const { version } = t
      const { joined } = await join(t, t.name('group'), {
        protocols,
        protocolType: 'any',
        version,
      })
      const { memberId } = joined
      t.expect(joined, {
        errorCode: ErrorCode.NONE,
        generationId: 1,
        protocolType: 'any',
        protocolName: 'any-name',
        leader: memberId,
        memberId: nonEmpty,
        skipAssignment: false,
        members: [{ memberId, groupInstanceId: null, metadata }],
      })
    },
  }),
  rule({
    id: 'join-group.only-the-leader-gets-members',
    says: 'A second member makes a new generation; who led leads on and gets both members, the other one none.',
    source: DESIGN,
    apis: [JoinGroup, SyncGroup, Heartbeat],
    topic: 'groups',
    run: async (t) => {
      const { version } = t
      const first = await stableGroup(t, { version })
      const metadata = Buffer.from('mine')
      const protocols = [{ name: 'range', metadata }]
      const [leader, follower] = await joinBeside(t, first, { protocols, version })
      const same = { generationId: 2, protocolName: 'range', leader: first.memberId }
      t.expect(leader.joined, {
        ...same,
        memberId: first.memberId,
        members: inAnyOrder(
          { memberId: first.memberId, metadata: subscription() },
          { memberId: follower.memberId, metadata },
        ),
      })
      t.expect(follower.joined, {
        ...same,
        errorCode: ErrorCode.NONE,
        memberId: noneOf(first.memberId),
        members: [],
      })
    },
  }),
  ...[
    { first: ['a', 'b'], second: ['b'], chosen: 'b' },
    { first: ['a', 'b'], second: ['a', 'b'], chosen: 'a' },
    { first: ['a', 'b', 'c'], second: ['c', 'x', 'y'], chosen: 'c' },
  ].map(({ first, second, chosen }) =>
    rule({
      id: `join-group.chooses-${first.join('')}-${second.join('')}`,
      says: `Of the protocols ${first.join(', ')} of one member and ${second.join(', ')} of another, ${chosen} is chosen: all support it, and most prefer it.`,
      source: DESIGN,
      apis: [JoinGroup, SyncGroup, Heartbeat],
      topic: 'groups',
      versions: { min: 2 },
      run: async (t) => {
        const { version } = t
        const one = await stableGroup(t, { protocols: assignors(...first), version })
        const settings = { protocols: assignors(...second), version }
        const [leader, follower] = await joinBeside(t, one, settings)
        t.expect(leader.joined, { protocolName: chosen, protocolType: 'consumer' })
        t.expect(follower.joined, { protocolName: chosen, protocolType: 'consumer' })
      },
    }),
  ),
  rule({
    id: 'join-group.follower-again-changes-nothing',
    says: 'A follower of a stable group that joins again with the same metadata gets the same generation at once.',
    source: DESIGN,
    apis: [JoinGroup, SyncGroup, Heartbeat],
    topic: 'groups',
    run: async (t) => {
      const [leader, follower] = await stablePair(t)
      const answer = await rejoin(t, follower, {}, t).sent.answer()
      const { memberId, generationId } = follower
      const errorCode = ErrorCode.NONE
      t.expect(answer, { errorCode, memberId, generationId, leader: leader.memberId, members: [] })
    },
  }),
  rule({
    id: 'join-group.follower-with-other-metadata-rebalances',
    says: 'A follower that joins again with other metadata starts a rebalance.',
    source: DESIGN,
    apis: [JoinGroup, SyncGroup, Heartbeat],
    topic: 'groups',
    run: async (t) => {
      const [leader, follower] = await stablePair(t)
      const protocols = [{ name: 'range', metadata: Buffer.from('new') }]
      const again = rejoin(t, follower, { protocols }, t)
      await untilRebalance(t, leader)
      await endJoin(t, rejoin(t, leader))
      const answer = await again.sent.answer()
      const generationId = follower.generationId + 1
      t.expect(answer, { errorCode: ErrorCode.NONE, generationId, leader: leader.memberId })
    },
  }),
  rule({
    id: 'join-group.leader-again-rebalances',
    says: 'A leader of a stable group that joins again starts a rebalance, so that it can assign anew.',
    source: DESIGN,
    apis: [JoinGroup, SyncGroup],
    topic: 'groups',
    run: async (t) => {
      const member = await stableGroup(t)
      const answer = await rejoin(t, member, {}, t).sent.answer()
      t.expect(answer, { errorCode: ErrorCode.NONE, generationId: member.generationId + 1 })
    },
  }),
  rule({
    id: 'join-group.again-before-sync',
    says: 'A member that joins again before the leader has assigned, with the same metadata, gets the same generation again.',
    source: DESIGN,
    apis: [JoinGroup],
    topic: 'groups',
    run: async (t) => {
      const member = await join(t, t.name('group'))
      const answer = await rejoin(t, member, {}, t).sent.answer()
      const { memberId, generationId } = member
      const members = [{ memberId }]
      t.expect(answer, {
        errorCode: ErrorCode.NONE,
        memberId,
        generationId,
        leader: memberId,
        members,
      })
    },
  }),
  rule({
    id: 'join-group.generations-go-on',
    says: 'A group that was left by all goes on counting generations when somebody joins again.',
    source: DESIGN,
    apis: [JoinGroup, SyncGroup, LeaveGroup],
    topic: 'groups',
    run: async (t) => {
      const { client, groupId, memberId, generationId } = await stableGroup(t)
      await client.ask(LeaveGroup, { groupId, memberId, members: [{ memberId }] })
      const { joined } = await join(t, groupId, { version: t.version })
      // The empty group was a generation too.
      t.expect(joined, { generationId: generationId + 2, leader: noneOf(memberId) })
    },
  }),
  rule({
    id: 'join-group.rebalance-timeout',
    says: 'A member that does not join again within its rebalance timeout is out of the group.',
    source: 'KIP-62: Allow consumer to send heartbeats from a background thread',
    apis: [JoinGroup, SyncGroup, Heartbeat],
    topic: 'groups',
    versions: 'newest',
    run: async (t) => {
      const first = await stableGroup(t, { rebalanceTimeoutMs: 500 })
      const { joined } = await join(t, first.groupId, { rebalanceTimeoutMs: 500 })
      const { memberId } = joined
      t.expect(joined, { generationId: 2, leader: memberId, members: [{ memberId }] })
      const { groupId, generationId } = first
      const request = { groupId, generationId, memberId: first.memberId }
      const answer = await first.client.ask(Heartbeat, request)
      t.expect(answer, { errorCode: ErrorCode.UNKNOWN_MEMBER_ID })
    },
  }),
  rule({
    id: 'join-group.session-timeout',
    says: 'A member that sends nothing for its session timeout is out, and others are told to join again.',
    source: DESIGN,
    apis: [JoinGroup, SyncGroup, Heartbeat],
    topic: 'groups',
    versions: 'newest',
    run: async (t) => {
      const [leader, follower] = await stablePair(t, [{}, { sessionTimeoutMs: 6000 }])
      await untilRebalance(t, leader)
      const { joined } = await endJoin(t, rejoin(t, leader))
      const { memberId, groupId } = leader
      t.expect(joined, { generationId: 3, members: [{ memberId }] })
      const request = { groupId, generationId: 2, memberId: follower.memberId }
      const answer = await follower.client.ask(Heartbeat, request)
      t.expect(answer, { errorCode: ErrorCode.UNKNOWN_MEMBER_ID })
    },
  }),
  rule({
    id: 'join-group.waits-for-pending-members',
    says: 'A rebalance waits for a member that was told its id and has not come back yet, until it leaves.',
    source: KIP_394,
    apis: [JoinGroup, SyncGroup, LeaveGroup],
    topic: 'groups',
    versions: { min: 4 },
    run: async (t) => {
      const member = await stableGroup(t)
      const { groupId } = member
      const client = await connectToGroup(t, groupId)
      const { memberId } = await client.ask(JoinGroup, joinRequest(groupId))
      const again = rejoin(t, member, {}, t)
      await t.pause(300)
      t.equal(member.client.order.includes(again.sent.correlationId), false, 'an answer is there')
      await client.ask(LeaveGroup, { groupId, memberId, members: [{ memberId }] })
      const joined = await again.sent.answer()
      const members = [{ memberId: member.memberId }]
      t.expect(joined, { errorCode: ErrorCode.NONE, generationId: 2, members })
    },
  }),
]

/** Rules of JoinGroup. */
export const rules: readonly Rule[] = [
  ...ofNewGroups.map((one) => refused(one, false)),
  ...ofStableGroups.map((one) => refused(one, true)),
  ...joining,
  ...ofStaticMembers,
]
