import { DescribeGroups, ErrorCode, Heartbeat, JoinGroup, LeaveGroup } from '@ottla/protocol'
import { messageDocument } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import {
  connectToGroup,
  endJoin,
  type GroupMember,
  heartbeatCode,
  joinRequest,
  newest,
  rejoin,
  stableGroup,
  stablePair,
  untilRebalance,
} from '../steps/index.js'

const DOCUMENT = messageDocument('LeaveGroup')
const KIP_345 = 'KIP-345: Introduce static membership protocol to reduce consumer rebalances'
const KIP_394 = 'KIP-394: Require member.id for initial join group request'

/** Who leaves, at any version. */
const leaving = (groupId: string, memberId: string, groupInstanceId: string | null = null) => ({
  groupId,
  memberId,
  members: [{ memberId, groupInstanceId, reason: null }],
})

/** From this version on each member has an error of its own. */
const LIST_FROM = 3

/** What an answer says of a member that is alone in the request. */
const ofOne = (version: number, errorCode: number, memberId: string) =>
  version < LIST_FROM
    ? { errorCode }
    : { errorCode: ErrorCode.NONE, members: [{ memberId, errorCode }] }

/** A LeaveGroup of a static member that does not succeed, or does: by which ids. */
interface StaticRow {
  readonly what: string
  readonly says: string
  readonly errorCode: number
  readonly ids: (member: GroupMember) => readonly [memberId: string, instanceId: string | null]
}

const staticRows: readonly StaticRow[] = [
  {
    what: 'by-instance-id',
    says: 'A static member can be removed by its instance id alone.',
    errorCode: ErrorCode.NONE,
    ids: () => ['', 'worker-1'],
  },
  {
    what: 'by-both-ids',
    says: 'A static member may leave by its member id and instance id.',
    errorCode: ErrorCode.NONE,
    ids: ({ memberId }) => [memberId, 'worker-1'],
  },
  {
    what: 'static-by-member-id',
    says: 'A static member may leave by its member id alone.',
    errorCode: ErrorCode.NONE,
    ids: ({ memberId }) => [memberId, null],
  },
  {
    what: 'fenced-instance',
    says: 'An instance id with the member id of somebody else gets FENCED_INSTANCE_ID.',
    errorCode: ErrorCode.FENCED_INSTANCE_ID,
    ids: () => ['nobody', 'worker-1'],
  },
  {
    what: 'unknown-instance',
    says: 'An instance id that the group does not know gets UNKNOWN_MEMBER_ID.',
    errorCode: ErrorCode.UNKNOWN_MEMBER_ID,
    ids: () => ['', 'other'],
  },
]

const ofStaticMember = ({ what, says, errorCode, ids }: StaticRow): Rule =>
  rule({
    id: `leave-group.${what}`,
    says,
    source: KIP_345,
    apis: [LeaveGroup, JoinGroup],
    topic: errorCode === ErrorCode.NONE ? 'groups' : 'errors',
    versions: { min: LIST_FROM },
    run: async (t) => {
      const member = await stableGroup(t, { instanceId: 'worker-1' })
      const [memberId, groupInstanceId] = ids(member)
      const request = leaving(member.groupId, memberId, groupInstanceId)
      const answer = await member.client.ask(LeaveGroup, request)
      const members = [{ memberId, groupInstanceId, errorCode }]
      t.expect(answer, { errorCode: ErrorCode.NONE, members })
      const next = errorCode === ErrorCode.NONE ? ErrorCode.UNKNOWN_MEMBER_ID : ErrorCode.NONE
      const { client, groupId, generationId } = member
      const heartbeat = { groupId, generationId, memberId: member.memberId }
      t.expect(await client.ask(Heartbeat, heartbeat), { errorCode: next })
    },
  })

/** Rules of LeaveGroup. */
export const rules: readonly Rule[] = [
  rule({
    id: 'leave-group.last-member',
    says: 'When its last member leaves, a group is empty and stays.',
    source: DOCUMENT,
    apis: [LeaveGroup, JoinGroup, DescribeGroups],
    topic: 'groups',
    run: async (t) => {
      const { client, groupId, memberId } = await stableGroup(t)
      const answer = await client.ask(LeaveGroup, leaving(groupId, memberId))
      t.expect(answer, ofOne(t.version, ErrorCode.NONE, memberId))
      const described = await client.ask(DescribeGroups, { groups: [groupId] })
      const groupState = 'Empty'
      t.expect(described, { groups: [{ errorCode: ErrorCode.NONE, groupState, members: [] }] })
    },
  }),
  rule({
    id: 'leave-group.others-rebalance',
    says: 'When a member leaves, the others are told to join again and get a generation without it.',
    source: DOCUMENT,
    apis: [LeaveGroup, JoinGroup, Heartbeat],
    topic: 'groups',
    run: async (t) => {
      const [leader, follower] = await stablePair(t)
      const { groupId, memberId } = follower
      const answer = await follower.client.ask(LeaveGroup, leaving(groupId, memberId))
      t.expect(answer, ofOne(t.version, ErrorCode.NONE, memberId))
      await untilRebalance(t, leader)
      const { joined } = await endJoin(t, rejoin(t, leader))
      t.expect(joined, { generationId: 3, members: [{ memberId: leader.memberId }] })
    },
  }),
  rule({
    id: 'leave-group.leader-leaves',
    says: 'When the leader leaves, another member leads the next generation.',
    source: DOCUMENT,
    apis: [LeaveGroup, JoinGroup, Heartbeat],
    topic: 'groups',
    run: async (t) => {
      const [leader, follower] = await stablePair(t)
      const { groupId, memberId } = leader
      await leader.client.ask(LeaveGroup, leaving(groupId, memberId))
      await untilRebalance(t, follower)
      const { joined } = await endJoin(t, rejoin(t, follower))
      const { memberId: next } = follower
      t.expect(joined, { generationId: 3, leader: next, members: [{ memberId: next }] })
    },
  }),
  ...[
    { what: 'unknown-member', says: 'A member id that the group does not know', suffix: '' },
    { what: 'unknown-group', says: 'A group that does not exist', suffix: '-not' },
  ].map(({ what, says, suffix }) =>
    rule({
      id: `leave-group.${what}`,
      says: `${says} is answered with UNKNOWN_MEMBER_ID, from version 3 on for each member.`,
      source: DOCUMENT,
      apis: [LeaveGroup, JoinGroup],
      topic: 'errors',
      run: async (t) => {
        const { client, groupId } = await stableGroup(t)
        const answer = await client.ask(LeaveGroup, leaving(`${groupId}${suffix}`, 'nobody'))
        t.expect(answer, ofOne(t.version, ErrorCode.UNKNOWN_MEMBER_ID, 'nobody'))
      },
    }),
  ),
  rule({
    id: 'leave-group.empty-group-id',
    says: 'The empty group id is refused with INVALID_GROUP_ID.',
    source: DOCUMENT,
    apis: [LeaveGroup],
    topic: 'errors',
    run: async (t) => {
      const answer = await t.client.ask(LeaveGroup, leaving('', 'nobody'))
      t.expect(answer, { errorCode: ErrorCode.INVALID_GROUP_ID })
    },
  }),
  rule({
    id: 'leave-group.twice',
    says: 'Who has left is unknown when it leaves again.',
    source: DOCUMENT,
    apis: [LeaveGroup, JoinGroup],
    topic: 'errors',
    run: async (t) => {
      const { client, groupId, memberId } = await stableGroup(t)
      await client.ask(LeaveGroup, leaving(groupId, memberId))
      const answer = await client.ask(LeaveGroup, leaving(groupId, memberId))
      t.expect(answer, ofOne(t.version, ErrorCode.UNKNOWN_MEMBER_ID, memberId))
    },
  }),
  rule({
    id: 'leave-group.pending-member',
    says: 'A member that was told its id and has not come back may leave.',
    source: KIP_394,
    apis: [LeaveGroup, JoinGroup],
    topic: 'groups',
    run: async (t) => {
      const groupId = t.name('group')
      const client = await connectToGroup(t, groupId)
      const { memberId } = await client.ask(JoinGroup, joinRequest(groupId), newest(t, JoinGroup))
      const answer = await client.ask(LeaveGroup, leaving(groupId, memberId))
      t.expect(answer, ofOne(t.version, ErrorCode.NONE, memberId))
    },
  }),
  rule({
    id: 'leave-group.several',
    says: 'Several members may leave in one request, each with an answer of its own, in order.',
    source: KIP_345,
    apis: [LeaveGroup, JoinGroup, Heartbeat],
    topic: 'groups',
    versions: { min: LIST_FROM },
    run: async (t) => {
      const [leader, follower] = await stablePair(t)
      const ids = [leader.memberId, 'nobody', follower.memberId]
      const members = ids.map((memberId) => ({ memberId, groupInstanceId: null }))
      const request = { groupId: leader.groupId, memberId: '', members }
      const answer = await leader.client.ask(LeaveGroup, request)
      t.expect(answer, {
        errorCode: ErrorCode.NONE,
        members: [
          { memberId: leader.memberId, errorCode: ErrorCode.NONE },
          { memberId: 'nobody', errorCode: ErrorCode.UNKNOWN_MEMBER_ID },
          { memberId: follower.memberId, errorCode: ErrorCode.NONE },
        ],
      })
      t.equal(await heartbeatCode(t, follower), ErrorCode.UNKNOWN_MEMBER_ID, 'error of Heartbeat')
    },
  }),
  ...staticRows.map(ofStaticMember),
]
