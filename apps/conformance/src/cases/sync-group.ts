import { ErrorCode, Heartbeat, JoinGroup, LeaveGroup, SyncGroup } from '@ottla/protocol'
import { messageDocument } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import {
  beginSync,
  connectToGroup,
  endJoin,
  type GroupMember,
  heartbeatCode,
  join,
  joinBeside,
  joinRequest,
  rejoin,
  stableGroup,
  stablePair,
  untilRebalance,
} from '../steps/index.js'

const DOCUMENT = messageDocument('SyncGroup')
const DESIGN =
  'https://cwiki.apache.org/confluence/display/KAFKA/Kafka+Client-side+Assignment+Proposal'
const KIP_345 = 'KIP-345: Introduce static membership protocol to reduce consumer rebalances'
const KIP_559 = 'KIP-559: Make the Kafka Protocol Friendlier with L7 Proxies'

/** What the group of these rules has agreed on. */
const chosen = { protocolType: 'consumer', protocolName: 'range' }

/** A SyncGroup to a stable group that is refused: what it says that is wrong. */
interface Refusal {
  readonly what: string
  readonly says: string
  readonly errorCode: number
  readonly changes: (member: GroupMember) => object
  readonly source?: string
  readonly min?: number
}

const refusals: readonly Refusal[] = [
  {
    what: 'unknown-member',
    says: 'A member id that the group does not know gets UNKNOWN_MEMBER_ID.',
    errorCode: ErrorCode.UNKNOWN_MEMBER_ID,
    changes: () => ({ memberId: 'nobody' }),
  },
  {
    what: 'unknown-group',
    says: 'A group that does not exist is answered with UNKNOWN_MEMBER_ID.',
    errorCode: ErrorCode.UNKNOWN_MEMBER_ID,
    changes: ({ groupId }) => ({ groupId: `${groupId}-not` }),
  },
  {
    what: 'empty-group-id',
    says: 'The empty group id is refused with INVALID_GROUP_ID.',
    errorCode: ErrorCode.INVALID_GROUP_ID,
    changes: () => ({ groupId: '' }),
  },
  {
    what: 'earlier-generation',
    says: 'A generation that is over gets ILLEGAL_GENERATION.',
    errorCode: ErrorCode.ILLEGAL_GENERATION,
    changes: ({ generationId }) => ({ generationId: generationId - 1 }),
  },
  {
    what: 'later-generation',
    says: 'A generation that is not yet gets ILLEGAL_GENERATION.',
    errorCode: ErrorCode.ILLEGAL_GENERATION,
    changes: ({ generationId }) => ({ generationId: generationId + 1 }),
  },
  {
    what: 'fenced-instance',
    says: 'An instance id with the member id of somebody else gets FENCED_INSTANCE_ID.',
    errorCode: ErrorCode.FENCED_INSTANCE_ID,
    changes: () => ({ memberId: 'nobody' }),
    source: KIP_345,
    min: 3,
  },
  {
    what: 'unknown-instance',
    says: 'An instance id that the group does not know gets UNKNOWN_MEMBER_ID.',
    errorCode: ErrorCode.UNKNOWN_MEMBER_ID,
    changes: () => ({ groupInstanceId: 'other' }),
    source: KIP_345,
    min: 3,
  },
  {
    what: 'other-protocol-type',
    says: 'A protocol type that is not the group’s gets INCONSISTENT_GROUP_PROTOCOL.',
    errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
    changes: () => ({ protocolType: 'connect' }),
    source: KIP_559,
    min: 5,
  },
  {
    what: 'other-protocol-name',
    says: 'A protocol that was not chosen gets INCONSISTENT_GROUP_PROTOCOL.',
    errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
    changes: () => ({ protocolName: 'other' }),
    source: KIP_559,
    min: 5,
  },
  ...['protocolType', 'protocolName'].map((field) => ({
    what: `without-${field === 'protocolType' ? 'protocol-type' : 'protocol-name'}`,
    says: `Without ${field} a SyncGroup gets INCONSISTENT_GROUP_PROTOCOL.`,
    errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
    changes: () => ({ [field]: null }),
    source: KIP_559,
    min: 5,
  })),
]

const refused = ({ what, says, errorCode, changes, source, min = 0 }: Refusal): Rule =>
  rule({
    id: `sync-group.${what}`,
    says,
    source: source ?? DOCUMENT,
    apis: [SyncGroup, JoinGroup],
    topic: 'errors',
    versions: { min },
    run: async (t) => {
      const instanceId = min === 3 ? 'worker-1' : null
      const member = await stableGroup(t, { instanceId })
      const { client, groupId, memberId, generationId } = member
      const who = { groupId, memberId, generationId, groupInstanceId: instanceId }
      const request = { ...who, ...chosen, assignments: [], ...changes(member) }
      const answer = await client.ask(SyncGroup, request)
      t.expect(answer, { errorCode, assignment: new Uint8Array(0) })
    },
  })

const assigning: readonly Rule[] = [
  rule({
    id: 'sync-group.leader-assigns',
    says: 'Each member gets the bytes that the leader has for it, unread.',
    source: DESIGN,
    apis: [SyncGroup, JoinGroup, Heartbeat],
    topic: 'groups',
    run: async (t) => {
      const [leader, follower] = await joinBeside(t, await stableGroup(t))
      const waiting = beginSync(t, follower, {}, t)
      const forLeader = Buffer.from([0, 255, 1])
      const forFollower = Buffer.from('whatever it is')
      const parts = { [leader.memberId]: forLeader, [follower.memberId]: forFollower }
      const answer = await beginSync(t, leader, parts, t).answer()
      const of = { protocolType: 'consumer', protocolName: 'range', errorCode: ErrorCode.NONE }
      t.expect(answer, { ...of, assignment: new Uint8Array(forLeader) })
      t.expect(await waiting.answer(), { ...of, assignment: new Uint8Array(forFollower) })
    },
  }),
  rule({
    id: 'sync-group.who-is-not-assigned-gets-nothing',
    says: 'A member that the leader has nothing for gets empty bytes.',
    source: DESIGN,
    apis: [SyncGroup, JoinGroup, Heartbeat],
    topic: 'groups',
    run: async (t) => {
      const [leader, follower] = await joinBeside(t, await stableGroup(t))
      const parts = { [leader.memberId]: Buffer.from('all') }
      await beginSync(t, leader, parts, t).answer()
      const answer = await beginSync(t, follower, {}, t).answer()
      t.expect(answer, { errorCode: ErrorCode.NONE, assignment: new Uint8Array(0) })
    },
  }),
  rule({
    id: 'sync-group.follower-waits',
    says: 'A follower is not answered before the leader has assigned.',
    source: DESIGN,
    apis: [SyncGroup, JoinGroup, Heartbeat],
    topic: 'groups',
    run: async (t) => {
      const [leader, follower] = await joinBeside(t, await stableGroup(t))
      const waiting = beginSync(t, follower, {}, t)
      await t.pause(200)
      const early = follower.client.order.includes(waiting.correlationId)
      t.equal(early, false, 'an answer is there')
      const assignment = Buffer.from('late')
      await beginSync(t, leader, { [follower.memberId]: assignment }, t).answer()
      t.expect(await waiting.answer(), {
        errorCode: ErrorCode.NONE,
        assignment: new Uint8Array(assignment),
      })
    },
  }),
  rule({
    id: 'sync-group.follower-cannot-assign',
    says: 'Assignments from a member that does not lead are not heeded.',
    source: DESIGN,
    apis: [SyncGroup, JoinGroup, Heartbeat],
    topic: 'groups',
    run: async (t) => {
      const [leader, follower] = await joinBeside(t, await stableGroup(t))
      const stolen = { [follower.memberId]: Buffer.from('all for me') }
      const waiting = beginSync(t, follower, stolen, t)
      const assignment = Buffer.from('little')
      await t.pause(100)
      await beginSync(t, leader, { [follower.memberId]: assignment }, t).answer()
      const answer = await waiting.answer()
      t.expect(answer, { errorCode: ErrorCode.NONE, assignment: new Uint8Array(assignment) })
    },
  }),
  rule({
    id: 'sync-group.again-when-stable',
    says: 'In a stable group a member is told its assignment again, whatever the leader says now.',
    source: DESIGN,
    apis: [SyncGroup, JoinGroup],
    topic: 'groups',
    run: async (t) => {
      const member = await stableGroup(t)
      const parts = { [member.memberId]: Buffer.from('other') }
      const answer = await beginSync(t, member, parts, t).answer()
      const assignment = new Uint8Array(Buffer.from('part'))
      t.expect(answer, { errorCode: ErrorCode.NONE, assignment })
    },
  }),
  rule({
    id: 'sync-group.static-member-keeps-assignment',
    says: 'A static member that comes back is assigned what its former self had.',
    source: KIP_345,
    apis: [SyncGroup, JoinGroup],
    topic: 'groups',
    versions: { min: 3 },
    run: async (t) => {
      const instanceId = 'worker-1'
      const former = await stableGroup(t, { instanceId })
      const member = await join(t, former.groupId, { instanceId })
      const answer = await beginSync(t, member, {}, t).answer()
      const assignment = new Uint8Array(Buffer.from('part'))
      t.expect(answer, { errorCode: ErrorCode.NONE, assignment })
    },
  }),
]

const rebalancing: readonly Rule[] = [
  rule({
    id: 'sync-group.during-a-rebalance',
    says: 'While a group gathers its members, SyncGroup is answered with REBALANCE_IN_PROGRESS.',
    source: DESIGN,
    apis: [SyncGroup, JoinGroup, Heartbeat],
    topic: 'groups',
    run: async (t) => {
      const [leader, follower] = await stablePair(t)
      const again = rejoin(t, leader)
      await untilRebalance(t, follower)
      const answer = await beginSync(t, follower, {}, t).answer()
      t.expect(answer, { errorCode: ErrorCode.REBALANCE_IN_PROGRESS })
      await endJoin(t, rejoin(t, follower))
      await endJoin(t, again)
    },
  }),
  rule({
    id: 'sync-group.waiting-members-are-told-of-a-rebalance',
    says: 'A follower that waits for its assignment is told by REBALANCE_IN_PROGRESS when somebody joins instead.',
    source: DESIGN,
    apis: [SyncGroup, JoinGroup, Heartbeat],
    topic: 'groups',
    run: async (t) => {
      const [leader, follower] = await joinBeside(t, await stableGroup(t))
      const waiting = beginSync(t, follower, {}, t)
      await t.pause(50)
      const protocols = [{ name: 'range', metadata: Buffer.from('new') }]
      const again = rejoin(t, leader, { protocols })
      t.expect(await waiting.answer(), { errorCode: ErrorCode.REBALANCE_IN_PROGRESS })
      await endJoin(t, rejoin(t, follower))
      await endJoin(t, again)
    },
  }),
  rule({
    id: 'sync-group.members-must-sync-in-time',
    says: 'A member that does not ask for its assignment within the rebalance timeout is out of the group.',
    source:
      'https://issues.apache.org/jira/browse/KAFKA-12890: Consumer group stuck in CompletingRebalance',
    apis: [SyncGroup, JoinGroup, Heartbeat],
    topic: 'groups',
    versions: 'newest',
    run: async (t) => {
      const short = { rebalanceTimeoutMs: 600 }
      const [leader, follower] = await joinBeside(t, await stableGroup(t, short), short)
      await beginSync(t, leader, {}).answer()
      await untilRebalance(t, leader)
      const { joined } = await endJoin(t, rejoin(t, leader))
      t.expect(joined, { generationId: 3, members: [{ memberId: leader.memberId }] })
      const code = await heartbeatCode(t, follower)
      t.equal(code, ErrorCode.UNKNOWN_MEMBER_ID, 'error of Heartbeat')
    },
  }),
  rule({
    id: 'sync-group.pending-member',
    says: 'A member that was told its id and has not come back is not known to SyncGroup.',
    source: 'KIP-394: Require member.id for initial join group request',
    apis: [SyncGroup, JoinGroup, LeaveGroup],
    topic: 'groups',
    run: async (t) => {
      const { groupId, generationId } = await stableGroup(t)
      const client = await connectToGroup(t, groupId)
      const { memberId } = await client.ask(JoinGroup, joinRequest(groupId))
      const request = { groupId, memberId, generationId, ...chosen, assignments: [] }
      const answer = await client.ask(SyncGroup, request)
      t.expect(answer, { errorCode: ErrorCode.UNKNOWN_MEMBER_ID })
    },
  }),
]

/** Rules of SyncGroup. */
export const rules: readonly Rule[] = [...refusals.map(refused), ...assigning, ...rebalancing]
