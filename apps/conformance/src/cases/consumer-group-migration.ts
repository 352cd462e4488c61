import {
  ConsumerGroupDescribe,
  ConsumerGroupHeartbeat,
  ConsumerProtocolAssignment,
  ErrorCode,
  Heartbeat,
  JoinGroup,
  LeaveGroup,
  ListGroups,
  OffsetFetch,
  SyncGroup,
} from '@ottla/protocol'
import { atLeast, containing, nonEmpty, oneOf } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  beginJoin,
  beginSync,
  type ConsumerMember,
  commit,
  consumerMember,
  converge,
  createTopic,
  endJoin,
  type GroupMember,
  groupOf,
  heartbeatCode,
  join,
  newest,
  offsetsRequest,
  partitionsOf,
  rejoin,
  stableGroup,
  subscription,
  sync,
  type Topic,
} from '../steps/index.js'

const KIP_848 = 'KIP-848: The Next Generation of the Consumer Rebalance Protocol, Online migration'
const { NONE, REBALANCE_IN_PROGRESS } = ErrorCode

const MOVING = {
  source: KIP_848,
  apis: [ConsumerGroupHeartbeat, JoinGroup] satisfies Rule['apis'] as Rule['apis'],
  topic: 'consumer-groups',
  releases: { from: '4.0' },
} as const satisfies Partial<Rule>

const reading = (topic: Topic) => [{ name: 'range', metadata: subscription(topic.name) }]

/** What a leader assigns to a consumer: a version, and partitions of a topic. */
function assignment({ name: topic }: Topic, ...partitions: readonly number[]): Uint8Array {
  const assignedPartitions = [{ topic, partitions: [...partitions] }]
  const body = ConsumerProtocolAssignment.at(0).encode({ assignedPartitions, userData: null })
  return Buffer.concat([Buffer.from([0, 0]), body])
}

/** Lists a group under a type. */
async function expectType(t: RuleContext, groupId: string, groupType: string): Promise<void> {
  const client = await t.coordinator(groupId)
  const answer = await client.ask(ListGroups, {}, newest(t, ListGroups))
  t.expect(answer, { groups: containing({ groupId, groupType }) })
}

/** A stable classic group of one consumer that reads a topic of two partitions. */
async function classicGroup(t: RuleContext): Promise<{ topic: Topic; old: GroupMember }> {
  const topic = await createTopic(t, { partitions: 2 })
  const old = await join(t, t.name('group'), { protocols: reading(topic) })
  await sync(t, old, { [old.memberId]: assignment(topic, 0, 1) })
  return { topic, old }
}

/** A classic group that a member of the new protocol has joined; the old member has not answered yet. */
async function converted(
  t: RuleContext,
): Promise<{ topic: Topic; old: GroupMember; young: ConsumerMember }> {
  const { topic, old } = await classicGroup(t)
  const young = await consumerMember(t, old.groupId, [topic.name])
  t.equal((await young.join()).errorCode, NONE, 'error of the first ConsumerGroupHeartbeat')
  return { topic, old, young }
}

/** Lets the member of the old protocol join and sync again until it is told no more that it must. */
async function settle(t: RuleContext, member: GroupMember): Promise<GroupMember> {
  let last = member
  await t.until('the old member to be stable', async () => {
    const code = await heartbeatCode(t, last)
    if (code === NONE) return true
    t.equal(code, REBALANCE_IN_PROGRESS, 'error of Heartbeat')
    last = await endJoin(t, rejoin(t, last))
    const errorCode = oneOf(NONE, REBALANCE_IN_PROGRESS)
    t.expect(await beginSync(t, last).answer(), { errorCode })
    return false
  })
  return last
}

/** Rules of groups that change from the classic protocol to the new one and back. */
export const rules: readonly Rule[] = [
  rule({
    ...MOVING,
    id: 'consumer-group-heartbeat.converts-classic-group',
    says: 'A member of the new protocol may join a classic group of consumers: it is a consumer group then.',
    run: async (t) => {
      const { topic, old } = await classicGroup(t)
      await expectType(t, old.groupId, 'classic')
      const young = await consumerMember(t, old.groupId, [topic.name])
      t.expect(await young.join(), { errorCode: NONE, memberEpoch: atLeast(1) })
      await expectType(t, old.groupId, 'consumer')
      const client = await t.coordinator(old.groupId)
      const request = { groupIds: [old.groupId], includeAuthorizedOperations: false }
      t.expect(await client.ask(ConsumerGroupDescribe, request), {
        groups: [
          {
            errorCode: NONE,
            members: containing(
              { memberId: old.memberId, subscribedTopicNames: [topic.name], memberType: 0 },
              { memberId: young.memberId, subscribedTopicNames: [topic.name], memberType: 1 },
            ),
          },
        ],
      })
    },
  }),
  rule({
    ...MOVING,
    id: 'consumer-group-heartbeat.converted-rebalances',
    says: 'The old member of a converted group hears with its heartbeats that it must join again.',
    apis: [ConsumerGroupHeartbeat, Heartbeat, JoinGroup],
    run: async (t) => {
      const { old } = await converted(t)
      await t.until(
        'a rebalance',
        async () => (await heartbeatCode(t, old)) === REBALANCE_IN_PROGRESS,
      )
      const again = await endJoin(t, rejoin(t, old))
      t.expect(again.joined, {
        errorCode: NONE,
        memberId: old.memberId,
        generationId: atLeast(old.generationId + 1),
        protocolType: 'consumer',
        protocolName: 'range',
      })
    },
  }),
  rule({
    ...MOVING,
    id: 'consumer-group-heartbeat.converted-shares',
    says: 'Old and new members of a converted group share the partitions.',
    apis: [ConsumerGroupHeartbeat, JoinGroup, SyncGroup],
    run: async (t) => {
      const { old, young } = await converted(t)
      let last = old
      await t.until('one partition each', async () => {
        last = await settle(t, last)
        await young.own()
        return partitionsOf(young).length === 1
      })
      t.expect(await young.own(), { errorCode: NONE, memberEpoch: young.epoch })
      last = await settle(t, last)
      t.equal(last.generationId, young.epoch, 'generation of the old member')
      t.expect(await beginSync(t, last).answer(), {
        errorCode: NONE,
        protocolType: 'consumer',
        protocolName: 'range',
        assignment: nonEmpty,
      })
    },
  }),
  rule({
    ...MOVING,
    id: 'consumer-group-heartbeat.classic-member-joins',
    says: 'A consumer of the classic protocol may join a group of the new one; its generation is the epoch.',
    run: async (t) => {
      const topic = await createTopic(t, { partitions: 2 })
      const groupId = t.name('group')
      const young = await consumerMember(t, groupId, [topic.name])
      await young.join()
      await converge(t, [young], 2)
      const joined = await join(t, groupId, { protocols: reading(topic) })
      t.expect(joined.joined, {
        errorCode: NONE,
        generationId: atLeast(young.epoch),
        protocolType: 'consumer',
        protocolName: 'range',
        members: [],
        leader: '',
      })
      await expectType(t, groupId, 'consumer')
    },
  }),
  rule({
    ...MOVING,
    id: 'consumer-group-heartbeat.goes-back-to-classic',
    says: 'When the last member of the new protocol leaves, a group with old members is a classic one again.',
    run: async (t) => {
      const { old, young } = await converted(t)
      t.expect(await young.beat({ memberEpoch: -1 }), { errorCode: NONE, memberEpoch: -1 })
      await expectType(t, old.groupId, 'classic')
      const again = await endJoin(t, rejoin(t, old))
      t.expect(again.joined, { errorCode: NONE, leader: old.memberId })
    },
  }),
  rule({
    ...MOVING,
    id: 'consumer-group-heartbeat.empty-classic-group',
    says: 'An empty classic group becomes a consumer group with the first member of the new protocol, and keeps its offsets.',
    apis: [ConsumerGroupHeartbeat, OffsetFetch],
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      await commit(t, groupId, topic, 7n)
      const one = await consumerMember(t, groupId, [topic.name])
      t.expect(await one.join(), { errorCode: NONE, memberEpoch: atLeast(1) })
      await expectType(t, groupId, 'consumer')
      const request = offsetsRequest(groupId, [topic])
      const answer = await one.client.ask(OffsetFetch, request, newest(t, OffsetFetch))
      const partitions = [{ partitionIndex: 0, committedOffset: 7n, errorCode: NONE }]
      t.expect(groupOf(answer), { topics: [{ partitions }] })
    },
  }),
  rule({
    ...MOVING,
    id: 'consumer-group-heartbeat.empty-consumer-group',
    says: 'An empty consumer group becomes a classic one with the first member of the old protocol.',
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      const one = await consumerMember(t, groupId, [topic.name])
      t.expect(await one.join(), { errorCode: NONE })
      t.expect(await one.beat({ memberEpoch: -1 }), { errorCode: NONE })
      const old = await join(t, groupId, { protocols: reading(topic) })
      t.expect(old.joined, { errorCode: NONE, leader: old.memberId })
      await sync(t, old, { [old.memberId]: Buffer.from('part') })
      await expectType(t, groupId, 'classic')
    },
  }),
  rule({
    ...MOVING,
    id: 'consumer-group-heartbeat.classic-group-of-others',
    says: 'A classic group that is not one of consumers takes no member of the new protocol: GROUP_ID_NOT_FOUND.',
    topic: 'errors',
    run: async (t) => {
      const topic = await createTopic(t)
      const { groupId } = await stableGroup(t, { protocolType: 'connect' })
      const one = await consumerMember(t, groupId, [topic.name])
      t.expect(await one.join(), {
        errorCode: ErrorCode.GROUP_ID_NOT_FOUND,
        errorMessage: nonEmpty,
        assignment: null,
      })
    },
  }),
  rule({
    ...MOVING,
    id: 'consumer-group-heartbeat.classic-member-leaves',
    says: 'An old member leaves a consumer group with LeaveGroup; its partitions go to the others.',
    apis: [ConsumerGroupHeartbeat, LeaveGroup, JoinGroup],
    run: async (t) => {
      const { old, young } = await converted(t)
      const members = [{ memberId: old.memberId, groupInstanceId: null }]
      const { groupId, memberId } = old
      const answer = await old.client.ask(LeaveGroup, { groupId, memberId, members })
      t.expect(answer, { errorCode: NONE, members: [{ memberId, errorCode: NONE }] })
      await converge(t, [young], 2)
    },
  }),
  rule({
    ...MOVING,
    id: 'consumer-group-heartbeat.classic-joiner-without-common-assignor',
    says: 'An old member may join with any assignor, since the broker assigns.',
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      const young = await consumerMember(t, groupId, [topic.name])
      await young.join()
      const protocols = [{ name: 'my-own', metadata: subscription(topic.name) }]
      const joining = await beginJoin(t, groupId, { protocols })
      const joined = await endJoin(t, joining)
      t.expect(joined.joined, { errorCode: NONE, protocolName: 'my-own' })
    },
  }),
]
