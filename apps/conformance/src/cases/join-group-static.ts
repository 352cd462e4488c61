import { ErrorCode, Heartbeat, JoinGroup, SyncGroup } from '@ottla/protocol'
import { noneOf, text } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import {
  beginJoin,
  connectToGroup,
  endJoin,
  join,
  joinRequest,
  rejoin,
  stableGroup,
  stablePair,
  sync,
  untilRebalance,
} from '../steps/index.js'

const KIP_345 = 'KIP-345: Introduce static membership protocol to reduce consumer rebalances'
const KIP_814 = 'KIP-814: Static membership protocol should let the leader skip assignment'

/** Rules of JoinGroup for static members. */
export const ofStaticMembers: readonly Rule[] = [
  rule({
    id: 'join-group.static-member-joins-at-once',
    says: 'A new static member joins without coming back, under a member id that begins with its instance id.',
    source: KIP_345,
    apis: [JoinGroup],
    topic: 'groups',
    versions: { min: 5 },
    run: async (t) => {
      const groupId = t.name('group')
      const client = await connectToGroup(t, groupId)
      const answer = await client.ask(JoinGroup, joinRequest(groupId, { instanceId: 'worker-1' }))
      t.expect(answer, {
        errorCode: ErrorCode.NONE,
        generationId: 1,
        memberId: text(/^worker-1-./),
        members: [{ groupInstanceId: 'worker-1', memberId: answer.memberId }],
      })
    },
  }),
  rule({
    id: 'join-group.static-leader-comes-back',
    says: 'A static leader that comes back without its member id gets a new one and its group stays in its generation.',
    source: KIP_345,
    apis: [JoinGroup, SyncGroup],
    topic: 'groups',
    versions: { min: 5, max: 8 },
    run: async (t) => {
      const instanceId = 'worker-1'
      const former = await stableGroup(t, { instanceId })
      const { joined } = await join(t, former.groupId, { instanceId, version: t.version })
      const { memberId: leader, generationId } = former
      // It is shown the leader from before, so that it does not assign.
      t.expect(joined, { generationId, leader, memberId: noneOf(leader), members: [] })
    },
  }),
  rule({
    id: 'join-group.static-leader-skips-assignment',
    says: 'A static leader that comes back is told that it leads, who the members are, and not to assign.',
    source: KIP_814,
    apis: [JoinGroup, SyncGroup],
    topic: 'groups',
    versions: { min: 9 },
    run: async (t) => {
      const instanceId = 'worker-1'
      const former = await stableGroup(t, { instanceId })
      const { joined } = await join(t, former.groupId, { instanceId, version: t.version })
      const { memberId } = joined
      t.expect(joined, {
        generationId: former.generationId,
        leader: memberId,
        memberId: noneOf(former.memberId),
        skipAssignment: true,
        members: [{ memberId, groupInstanceId: instanceId }],
      })
    },
  }),
  rule({
    id: 'join-group.static-follower-comes-back',
    says: 'A static follower that comes back with the same metadata gets the same generation and disturbs nobody.',
    source: KIP_345,
    apis: [JoinGroup, SyncGroup, Heartbeat],
    topic: 'groups',
    versions: { min: 5 },
    run: async (t) => {
      const instanceId = 'worker-2'
      const [leader, former] = await stablePair(t, [{}, { instanceId }])
      const { joined } = await join(t, leader.groupId, { instanceId, version: t.version })
      t.expect(joined, {
        generationId: former.generationId,
        leader: leader.memberId,
        memberId: noneOf(former.memberId),
        skipAssignment: false,
        members: [],
      })
      const { groupId, memberId, generationId } = leader
      const answer = await leader.client.ask(Heartbeat, { groupId, memberId, generationId })
      t.expect(answer, { errorCode: ErrorCode.NONE })
    },
  }),
  rule({
    id: 'join-group.static-member-fences-the-waiting',
    says: 'A static member that comes back while its former self waits for JoinGroup fences that with FENCED_INSTANCE_ID.',
    source: KIP_345,
    apis: [JoinGroup, SyncGroup, Heartbeat],
    topic: 'groups',
    versions: { min: 5 },
    run: async (t) => {
      const instanceId = 'worker-2'
      const member = await stableGroup(t)
      const waiting = await beginJoin(t, member.groupId, { instanceId, version: t.version })
      await untilRebalance(t, member)
      const next = await beginJoin(t, member.groupId, { instanceId, version: t.version })
      t.expect(await waiting.sent.answer(), { errorCode: ErrorCode.FENCED_INSTANCE_ID })
      const leader = await endJoin(t, rejoin(t, member))
      const follower = await endJoin(t, next)
      await sync(t, leader)
      t.expect(follower.joined, { leader: member.memberId, generationId: leader.generationId })
    },
  }),
]
