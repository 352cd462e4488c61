import {
  ConsumerGroupDescribe,
  ConsumerGroupHeartbeat,
  CreatePartitions,
  DeleteGroups,
  DescribeGroups,
  ErrorCode,
  Heartbeat,
} from '@ottla/protocol'
import { atLeast, containing, inAnyOrder, nonEmpty } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  consumerMember,
  converge,
  createTopic,
  deleteTopic,
  joinAll,
  partitionsOf,
  type Topic,
} from '../steps/index.js'

const KIP_848 = 'KIP-848: The Next Generation of the Consumer Rebalance Protocol'
const { NONE } = ErrorCode

const MEMBERS = {
  source: KIP_848,
  apis: [ConsumerGroupHeartbeat] satisfies Rule['apis'] as Rule['apis'],
  topic: 'consumer-groups',
} as const satisfies Partial<Rule>

/** A topic and the id of a group that does not exist yet. */
async function scene(
  t: RuleContext,
  partitions: number,
): Promise<{ topic: Topic; groupId: string }> {
  return { topic: await createTopic(t, { partitions }), groupId: t.name('group') }
}

const owns = (topic: Topic, ...partitions: readonly number[]) => ({
  topicPartitions: [{ topicId: topic.id, partitions: inAnyOrder(...partitions) }],
})

/** Rules of how partitions are shared among members. */
const sharing: readonly Rule[] = [
  ...[
    { members: 2, partitions: 4, each: [2, 2] },
    { members: 3, partitions: 4, each: [1, 1, 2] },
    { members: 3, partitions: 2, each: [0, 1, 1] },
  ].map(({ members, partitions, each }) =>
    rule({
      ...MEMBERS,
      id: `consumer-group-heartbeat.${members}-members-of-${partitions}-partitions`,
      says: `Among ${members} members, each of ${partitions} partitions is owned once, as evenly as it goes.`,
      run: async (t) => {
        const { topic, groupId } = await scene(t, partitions)
        const all = await joinAll(t, groupId, [topic.name], { count: members, partitions })
        const counts = all.map((member) => partitionsOf(member).length).sort()
        t.equal(counts, each, 'numbers of partitions')
        const owned = all.flatMap((member) => partitionsOf(member)).sort()
        t.equal(owned, [...Array(partitions).keys()], 'partitions that somebody owns')
      },
    }),
  ),
  rule({
    ...MEMBERS,
    id: 'consumer-group-heartbeat.revoked-before-given',
    says: 'A partition is given to a member only when who had it has said that it owns it no more.',
    run: async (t) => {
      const { topic, groupId } = await scene(t, 2)
      const [one] = await joinAll(t, groupId, [topic.name], { count: 1, partitions: 2 })
      if (one === undefined) return
      const before = one.epoch
      const two = await consumerMember(t, groupId, [topic.name])
      t.expect(await two.join(), { errorCode: NONE, assignment: { topicPartitions: [] } })
      const told = await t.until('a revocation', async () => {
        const answer = await one.beat()
        return answer.assignment !== null && answer
      })
      const kept = partitionsOf(one)[0] ?? -1
      // It keeps its epoch until it has revoked.
      t.expect(told, { errorCode: NONE, memberEpoch: before, assignment: owns(topic, kept) })
      t.expect(await two.beat(), { errorCode: NONE, assignment: null })
      t.expect(await one.own(), { errorCode: NONE, memberEpoch: atLeast(before + 1) })
      const given = await t.until('the revoked partition', async () => {
        const answer = await two.beat()
        return answer.assignment !== null && answer
      })
      t.expect(given, {
        errorCode: NONE,
        memberEpoch: one.epoch,
        assignment: owns(topic, 1 - kept),
      })
    },
  }),
  rule({
    ...MEMBERS,
    id: 'consumer-group-heartbeat.takes-over',
    says: 'When a member leaves, its partitions go to those who stay, under a higher epoch.',
    run: async (t) => {
      const { topic, groupId } = await scene(t, 2)
      const [one, two] = await joinAll(t, groupId, [topic.name], { count: 2, partitions: 2 })
      if (one === undefined || two === undefined) return
      const before = one.epoch
      t.expect(await two.beat({ memberEpoch: -1 }), { errorCode: NONE, memberEpoch: -1 })
      const answer = await t.until('the partitions', async () => {
        const found = await one.beat()
        return found.assignment !== null && found
      })
      t.expect(answer, {
        errorCode: NONE,
        memberEpoch: atLeast(before + 1),
        assignment: owns(topic, 0, 1),
      })
    },
  }),
  rule({
    ...MEMBERS,
    id: 'consumer-group-heartbeat.keeps-what-it-has',
    says: 'Who stays keeps its partitions when another leaves and a third comes.',
    run: async (t) => {
      const { topic, groupId } = await scene(t, 4)
      const [one, two] = await joinAll(t, groupId, [topic.name], { count: 2, partitions: 4 })
      if (one === undefined || two === undefined) return
      const kept = partitionsOf(one)
      await two.beat({ memberEpoch: -1 })
      const three = await consumerMember(t, groupId, [topic.name])
      t.expect(await three.join(), { errorCode: NONE })
      await converge(t, [one, three], 4)
      t.equal(partitionsOf(one).length, 2, 'number of partitions of the first')
      const isKept = (partition: number) => kept.includes(partition)
      t.equal(partitionsOf(one).some(isKept), true, 'whether it keeps some of its partitions')
    },
  }),
  rule({
    ...MEMBERS,
    id: 'consumer-group-heartbeat.rebalance-timeout',
    says: 'A member that does not revoke within its rebalance timeout is thrown out; its partitions are free then.',
    versions: 'newest',
    run: async (t) => {
      const { topic, groupId } = await scene(t, 2)
      const slow = await consumerMember(t, groupId, [topic.name], { rebalanceTimeoutMs: 500 })
      await slow.join()
      await converge(t, [slow], 2)
      const two = await consumerMember(t, groupId, [topic.name])
      t.expect(await two.join(), { errorCode: NONE })
      // What starts the time is that the member has been told.
      await t.until('a revocation', async () => (await slow.beat()).assignment !== null)
      await converge(t, [two], 2)
      t.equal(partitionsOf(two), [0, 1], 'partitions of the second')
      t.expect(await slow.beat(), { errorCode: ErrorCode.UNKNOWN_MEMBER_ID, assignment: null })
    },
  }),
  rule({
    ...MEMBERS,
    id: 'consumer-group-heartbeat.new-partitions',
    says: 'Partitions that a topic gets later are assigned, too.',
    apis: [ConsumerGroupHeartbeat, CreatePartitions],
    run: async (t) => {
      const { topic, groupId } = await scene(t, 1)
      const [one] = await joinAll(t, groupId, [topic.name], { count: 1, partitions: 1 })
      if (one === undefined) return
      const before = one.epoch
      const topics = [{ name: topic.name, count: 3, assignments: null }]
      const timeoutMs = t.deadlineMs
      await t.client.ask(CreatePartitions, { topics, timeoutMs, validateOnly: false })
      const answer = await t.until('more partitions', async () => {
        const found = await one.beat()
        return found.assignment !== null && found
      })
      t.expect(answer, {
        errorCode: NONE,
        memberEpoch: atLeast(before + 1),
        assignment: owns(topic, 0, 1, 2),
      })
    },
  }),
  rule({
    ...MEMBERS,
    id: 'consumer-group-heartbeat.topic-comes-later',
    says: 'A topic that does not exist is no error: its partitions are assigned when it does.',
    run: async (t) => {
      const groupId = t.name('group')
      const name = t.name('topic')
      const one = await consumerMember(t, groupId, [name])
      t.expect(await one.join(), { errorCode: NONE, assignment: { topicPartitions: [] } })
      const topic = await createTopic(t, { name })
      const answer = await t.until('the topic', async () => {
        const found = await one.beat()
        return found.assignment !== null && found
      })
      t.expect(answer, { errorCode: NONE, assignment: owns(topic, 0) })
    },
  }),
  rule({
    ...MEMBERS,
    id: 'consumer-group-heartbeat.topic-goes',
    says: 'The partitions of a topic that is deleted are taken away.',
    run: async (t) => {
      const { topic, groupId } = await scene(t, 1)
      const other = await createTopic(t)
      const names = [topic.name, other.name]
      const [one] = await joinAll(t, groupId, names, { count: 1, partitions: 2 })
      if (one === undefined) return
      await deleteTopic(t, topic.name)
      const answer = await t.until('the end of the topic', async () => {
        const found = await one.beat()
        return found.assignment !== null && found
      })
      t.expect(answer, { errorCode: NONE, assignment: owns(other, 0) })
    },
  }),
  rule({
    ...MEMBERS,
    id: 'consumer-group-heartbeat.different-subscriptions',
    says: 'A partition goes only to a member that subscribes to its topic.',
    run: async (t) => {
      const { topic, groupId } = await scene(t, 2)
      const other = await createTopic(t, { partitions: 2 })
      const one = await consumerMember(t, groupId, [topic.name])
      const two = await consumerMember(t, groupId, [other.name])
      await one.join()
      await two.join()
      await converge(t, [one, two], 4)
      t.equal(one.target, [{ topicId: topic.id, partitions: [0, 1] }], 'partitions of the first')
      t.equal(two.target, [{ topicId: other.id, partitions: [0, 1] }], 'partitions of the second')
    },
  }),
]

/** Rules of the assignors that a broker has. */
const assigning: readonly Rule[] = [
  ...['range', 'uniform'].map((serverAssignor) =>
    rule({
      ...MEMBERS,
      id: `consumer-group-heartbeat.assignor-${serverAssignor}`,
      says: `Members may ask for the assignor ${serverAssignor}, and it is described as the group's.`,
      apis: [ConsumerGroupHeartbeat, ConsumerGroupDescribe],
      run: async (t) => {
        const { topic, groupId } = await scene(t, 4)
        const about = { serverAssignor }
        await joinAll(t, groupId, [topic.name], { count: 2, partitions: 4, about })
        const client = await t.coordinator(groupId)
        const request = { groupIds: [groupId], includeAuthorizedOperations: false }
        t.expect(await client.ask(ConsumerGroupDescribe, request), {
          groups: [{ errorCode: NONE, groupId, assignorName: serverAssignor }],
        })
      },
    }),
  ),
  rule({
    ...MEMBERS,
    id: 'consumer-group-heartbeat.range-is-contiguous',
    says: 'The assignor range gives each member neighbours, and the same ones of topics with as many partitions.',
    run: async (t) => {
      const { topic, groupId } = await scene(t, 4)
      const other = await createTopic(t, { partitions: 4 })
      const about = { serverAssignor: 'range' }
      const names = [topic.name, other.name]
      const members = await joinAll(t, groupId, names, { count: 2, partitions: 8, about })
      const ranges = members.map((member) => partitionsOf(member, topic.id).join()).sort()
      t.equal(ranges, ['0,1', '2,3'], 'partitions of the first topic')
      for (const member of members) {
        const [first, second] = [topic, other].map(({ id }) => partitionsOf(member, id))
        t.equal(second, first, 'partitions of the second topic')
      }
    },
  }),
  rule({
    ...MEMBERS,
    id: 'consumer-group-heartbeat.assignor-of-most',
    says: 'The assignor that most members ask for is the one of the group.',
    apis: [ConsumerGroupHeartbeat, ConsumerGroupDescribe],
    run: async (t) => {
      const { topic, groupId } = await scene(t, 3)
      const names = [topic.name]
      const asked = ['uniform', 'range', 'range']
      const members = await Promise.all(
        asked.map((serverAssignor) => consumerMember(t, groupId, names, { serverAssignor })),
      )
      for (const member of members) t.expect(await member.join(), { errorCode: NONE })
      await converge(t, members, 3)
      const client = await t.coordinator(groupId)
      const request = { groupIds: [groupId], includeAuthorizedOperations: false }
      t.expect(await client.ask(ConsumerGroupDescribe, request), {
        groups: [{ errorCode: NONE, groupId, assignorName: 'range' }],
      })
    },
  }),
]

/** Rules of what is described while members share, and of what old requests are told. */
const described: readonly Rule[] = [
  rule({
    ...MEMBERS,
    id: 'consumer-group-describe.reconciling',
    says: 'While a member has still to revoke, the group is Reconciling and what it has differs from what it is to have.',
    apis: [ConsumerGroupDescribe, ConsumerGroupHeartbeat],
    run: async (t) => {
      const { topic, groupId } = await scene(t, 2)
      const [one] = await joinAll(t, groupId, [topic.name], { count: 1, partitions: 2 })
      const two = await consumerMember(t, groupId, [topic.name])
      t.expect(await two.join(), { errorCode: NONE })
      await t.until('a revocation', async () => (await one?.beat())?.assignment !== null)
      await t.until('the new epoch', async () => (await two.beat()).memberEpoch > (one?.epoch ?? 0))
      const client = await t.coordinator(groupId)
      const request = { groupIds: [groupId], includeAuthorizedOperations: false }
      t.expect(await client.ask(ConsumerGroupDescribe, request), {
        groups: [
          {
            errorCode: NONE,
            groupId,
            groupState: 'Reconciling',
            groupEpoch: two.epoch,
            assignmentEpoch: two.epoch,
            members: inAnyOrder(
              {
                memberId: one?.memberId,
                memberEpoch: one?.epoch,
                assignment: { topicPartitions: [{ topicId: topic.id }] },
                targetAssignment: { topicPartitions: [{ topicId: topic.id }] },
              },
              {
                memberId: two.memberId,
                memberEpoch: two.epoch,
                assignment: { topicPartitions: [] },
                targetAssignment: { topicPartitions: [{ topicId: topic.id }] },
              },
            ),
          },
        ],
      })
    },
  }),
  rule({
    ...MEMBERS,
    id: 'consumer-group-describe.empty',
    says: 'A group that all members have left is Empty, without members.',
    apis: [ConsumerGroupDescribe, ConsumerGroupHeartbeat],
    run: async (t) => {
      const { topic, groupId } = await scene(t, 1)
      const [one] = await joinAll(t, groupId, [topic.name], { count: 1, partitions: 1 })
      await one?.beat({ memberEpoch: -1 })
      const client = await t.coordinator(groupId)
      const request = { groupIds: [groupId], includeAuthorizedOperations: false }
      t.expect(await client.ask(ConsumerGroupDescribe, request), {
        groups: [{ errorCode: NONE, groupId, groupState: 'Empty', members: [] }],
      })
    },
  }),
  rule({
    ...MEMBERS,
    id: 'consumer-group-describe.static-member',
    says: 'A member comes with its instance id and its rack.',
    apis: [ConsumerGroupDescribe, ConsumerGroupHeartbeat],
    run: async (t) => {
      const { topic, groupId } = await scene(t, 1)
      const about = { instanceId: 'worker-1', rackId: 'rack-a' }
      const all = await joinAll(t, groupId, [topic.name], { count: 1, partitions: 1, about })
      const client = await t.coordinator(groupId)
      const request = { groupIds: [groupId], includeAuthorizedOperations: false }
      const members = [{ memberId: all[0]?.memberId ?? '', ...about }]
      t.expect(await client.ask(ConsumerGroupDescribe, request), {
        groups: [{ errorCode: NONE, groupId, members }],
      })
    },
  }),
  rule({
    ...MEMBERS,
    id: 'consumer-group-heartbeat.classic-heartbeat',
    says: 'A member of the new protocol that sends the Heartbeat of the old one is UNKNOWN_MEMBER_ID.',
    apis: [ConsumerGroupHeartbeat, Heartbeat],
    topic: 'errors',
    run: async (t) => {
      const { topic, groupId } = await scene(t, 1)
      const [one] = await joinAll(t, groupId, [topic.name], { count: 1, partitions: 1 })
      const memberId = one?.memberId ?? ''
      const client = await t.coordinator(groupId)
      const request = { groupId, memberId, generationId: one?.epoch ?? 0, groupInstanceId: null }
      t.expect(await client.ask(Heartbeat, request), { errorCode: ErrorCode.UNKNOWN_MEMBER_ID })
    },
  }),
  rule({
    ...MEMBERS,
    id: 'consumer-group-heartbeat.classic-describe',
    says: 'DescribeGroups finds no group of the new protocol: GROUP_ID_NOT_FOUND, state Dead.',
    apis: [ConsumerGroupHeartbeat, DescribeGroups],
    topic: 'errors',
    run: async (t) => {
      const { topic, groupId } = await scene(t, 1)
      await joinAll(t, groupId, [topic.name], { count: 1, partitions: 1 })
      const client = await t.coordinator(groupId)
      const request = { groups: [groupId], includeAuthorizedOperations: false }
      const errorCode = ErrorCode.GROUP_ID_NOT_FOUND
      t.expect(await client.ask(DescribeGroups, request), {
        groups: [{ groupId, groupState: 'Dead', errorCode, errorMessage: nonEmpty, members: [] }],
      })
    },
  }),
  rule({
    ...MEMBERS,
    id: 'consumer-group-heartbeat.delete-with-members',
    says: 'A group with members cannot be deleted, NON_EMPTY_GROUP; one without can.',
    apis: [ConsumerGroupHeartbeat, DeleteGroups],
    run: async (t) => {
      const { topic, groupId } = await scene(t, 1)
      const [one] = await joinAll(t, groupId, [topic.name], { count: 1, partitions: 1 })
      const client = await t.coordinator(groupId)
      const ask = () => client.ask(DeleteGroups, { groupsNames: [groupId] })
      const errorCode = ErrorCode.NON_EMPTY_GROUP
      t.expect(await ask(), { results: [{ groupId, errorCode }] })
      await one?.beat({ memberEpoch: -1 })
      t.expect(await ask(), { results: containing({ groupId, errorCode: NONE }) })
    },
  }),
]

/** Rules of groups of the new protocol with several members. */
export const rules: readonly Rule[] = [...sharing, ...assigning, ...described]
