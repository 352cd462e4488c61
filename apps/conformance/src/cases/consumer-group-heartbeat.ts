import {
  ConsumerGroupHeartbeat,
  type ConsumerGroupHeartbeatRequestInput,
  ErrorCode,
  JoinGroup,
  ListGroups,
  OffsetCommit,
} from '@ottla/protocol'
import { atLeast, containing, inAnyOrder, nonEmpty } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import {
  type ConsumerGroupMember,
  commitRequest,
  createTopic,
  joinConsumerGroup,
  joiningHeartbeat,
  joinRequest,
  laterHeartbeat,
  untilAssigned,
} from '../steps/index.js'

const KIP_848 = 'KIP-848: The Next Generation of the Consumer Rebalance Protocol'

/** A heartbeat that is refused. */
interface Refusal {
  readonly what: string
  readonly says: string
  readonly errorCode: number
  readonly request: (member: ConsumerGroupMember) => ConsumerGroupHeartbeatRequestInput
}

const refusals: readonly Refusal[] = [
  {
    what: 'empty-group-id',
    says: 'The empty group id is refused with INVALID_REQUEST.',
    errorCode: ErrorCode.INVALID_REQUEST,
    request: ({ memberId, topic }) => joiningHeartbeat('', memberId, [topic.name]),
  },
  {
    what: 'join-without-rebalance-timeout',
    says: 'Who joins must give a rebalance timeout, or gets INVALID_REQUEST.',
    errorCode: ErrorCode.INVALID_REQUEST,
    request: ({ groupId, topic }) => ({
      ...joiningHeartbeat(groupId, 'newcomer', [topic.name]),
      rebalanceTimeoutMs: -1,
    }),
  },
  {
    what: 'join-without-subscription',
    says: 'Who joins must give a subscription, or gets INVALID_REQUEST.',
    errorCode: ErrorCode.INVALID_REQUEST,
    request: ({ groupId }) => ({
      ...joiningHeartbeat(groupId, 'newcomer', []),
      subscribedTopicNames: null,
    }),
  },
  {
    what: 'join-without-owned-partitions',
    says: 'Who joins must say that it owns nothing, or gets INVALID_REQUEST.',
    errorCode: ErrorCode.INVALID_REQUEST,
    request: ({ groupId, topic }) => ({
      ...joiningHeartbeat(groupId, 'newcomer', [topic.name]),
      topicPartitions: null,
    }),
  },
  {
    what: 'unknown-assignor',
    says: 'An assignor that the broker does not have gets UNSUPPORTED_ASSIGNOR.',
    errorCode: ErrorCode.UNSUPPORTED_ASSIGNOR,
    request: ({ groupId, topic }) => ({
      ...joiningHeartbeat(groupId, 'newcomer', [topic.name]),
      serverAssignor: 'no-such-assignor',
    }),
  },
  {
    what: 'unknown-member',
    says: 'An epoch of a member that the group does not know gets UNKNOWN_MEMBER_ID.',
    errorCode: ErrorCode.UNKNOWN_MEMBER_ID,
    request: ({ groupId, memberEpoch }) => laterHeartbeat(groupId, 'nobody', memberEpoch),
  },
  {
    what: 'unknown-group',
    says: 'An epoch of a member of a group that does not exist gets GROUP_ID_NOT_FOUND.',
    errorCode: ErrorCode.GROUP_ID_NOT_FOUND,
    request: ({ groupId, memberId }) => laterHeartbeat(`${groupId}-not`, memberId, 1),
  },
  {
    what: 'later-epoch',
    says: 'An epoch that the member does not have yet is fenced with FENCED_MEMBER_EPOCH.',
    errorCode: ErrorCode.FENCED_MEMBER_EPOCH,
    request: ({ groupId, memberId, memberEpoch }) =>
      laterHeartbeat(groupId, memberId, memberEpoch + 1),
  },
  {
    what: 'instance-leaves-without-its-id',
    says: 'An epoch of -2 without an instance id gets INVALID_REQUEST.',
    errorCode: ErrorCode.INVALID_REQUEST,
    request: ({ groupId, memberId }) => laterHeartbeat(groupId, memberId, -2),
  },
]

const refused = ({ what, says, errorCode, request }: Refusal): Rule =>
  rule({
    id: `consumer-group-heartbeat.${what}`,
    says,
    source: KIP_848,
    apis: [ConsumerGroupHeartbeat],
    topic: 'errors',
    run: async (t) => {
      const member = await joinConsumerGroup(t)
      const client = await t.coordinator(member.groupId)
      const answer = await client.ask(ConsumerGroupHeartbeat, request(member))
      const errorMessage = nonEmpty
      t.expect(answer, { errorCode, errorMessage, assignment: null })
    },
  })

/** Rules of ConsumerGroupHeartbeat. */
export const rules: readonly Rule[] = [
  ...refusals.map(refused),
  rule({
    id: 'consumer-group-heartbeat.first-member',
    says: 'The first member is assigned all partitions of what it subscribes to.',
    source: KIP_848,
    apis: [ConsumerGroupHeartbeat],
    topic: 'consumer-groups',
    run: async (t) => {
      const { answer, memberId, topic } = await joinConsumerGroup(t, 3)
      const partitions = inAnyOrder(0, 1, 2)
      t.expect(answer, {
        errorCode: ErrorCode.NONE,
        errorMessage: null,
        memberId,
        memberEpoch: atLeast(1),
        heartbeatIntervalMs: atLeast(1),
        assignment: { topicPartitions: [{ topicId: topic.id, partitions }] },
      })
    },
  }),
  rule({
    id: 'consumer-group-heartbeat.unchanged',
    says: 'Once a member owns what it is assigned, its assignment is not sent again and its epoch stays.',
    source: KIP_848,
    apis: [ConsumerGroupHeartbeat],
    topic: 'consumer-groups',
    run: async (t) => {
      const { groupId, memberId, memberEpoch, topic } = await joinConsumerGroup(t)
      const client = await t.coordinator(groupId)
      const topicPartitions = [{ topicId: topic.id, partitions: [0] }]
      const owned = { ...laterHeartbeat(groupId, memberId, memberEpoch), topicPartitions }
      await client.ask(ConsumerGroupHeartbeat, owned)
      const answer = await client.ask(
        ConsumerGroupHeartbeat,
        laterHeartbeat(groupId, memberId, memberEpoch),
      )
      t.expect(answer, { errorCode: ErrorCode.NONE, memberId, memberEpoch, assignment: null })
    },
  }),
  rule({
    id: 'consumer-group-heartbeat.leaves',
    says: 'With epoch -1 a member leaves; it is unknown then.',
    source: KIP_848,
    apis: [ConsumerGroupHeartbeat],
    topic: 'consumer-groups',
    run: async (t) => {
      const { groupId, memberId, memberEpoch } = await joinConsumerGroup(t)
      const client = await t.coordinator(groupId)
      const answer = await client.ask(ConsumerGroupHeartbeat, laterHeartbeat(groupId, memberId, -1))
      t.expect(answer, { errorCode: ErrorCode.NONE, memberId, memberEpoch: -1 })
      const late = laterHeartbeat(groupId, memberId, memberEpoch)
      const errorCode = ErrorCode.UNKNOWN_MEMBER_ID
      t.expect(await client.ask(ConsumerGroupHeartbeat, late), { errorCode })
    },
  }),
  rule({
    id: 'consumer-group-heartbeat.new-subscription',
    says: 'A member that subscribes to other topics gets a higher epoch and an assignment of those.',
    source: KIP_848,
    apis: [ConsumerGroupHeartbeat],
    topic: 'consumer-groups',
    run: async (t) => {
      const { groupId, memberId, memberEpoch, topic } = await joinConsumerGroup(t)
      const other = await createTopic(t)
      const client = await t.coordinator(groupId)
      const answer = await t.until('the new assignment', async () => {
        const found = await client.ask(ConsumerGroupHeartbeat, {
          ...joiningHeartbeat(groupId, memberId, [topic.name, other.name]),
        })
        return (found.assignment?.topicPartitions.length ?? 0) === 2 && found
      })
      t.expect(answer, {
        errorCode: ErrorCode.NONE,
        memberEpoch: atLeast(memberEpoch + 1),
        assignment: {
          topicPartitions: inAnyOrder(
            { topicId: topic.id, partitions: [0] },
            { topicId: other.id, partitions: [0] },
          ),
        },
      })
    },
  }),
  rule({
    id: 'consumer-group-heartbeat.instance-in-use',
    says: 'An instance id that a living member has gets UNRELEASED_INSTANCE_ID.',
    source: KIP_848,
    apis: [ConsumerGroupHeartbeat],
    topic: 'errors',
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      const client = await t.coordinator(groupId)
      const of = (memberId: string) => ({
        ...joiningHeartbeat(groupId, memberId, [topic.name]),
        instanceId: 'worker-1',
      })
      const first = await client.ask(ConsumerGroupHeartbeat, of('one'))
      t.expect(first, { errorCode: ErrorCode.NONE, memberId: 'one' })
      const second = await client.ask(ConsumerGroupHeartbeat, of('two'))
      t.expect(second, { errorCode: ErrorCode.UNRELEASED_INSTANCE_ID })
    },
  }),
  rule({
    id: 'consumer-group-heartbeat.instance-comes-back',
    says: 'A static member that left with epoch -2 comes back under another member id to the same partitions.',
    source: KIP_848,
    apis: [ConsumerGroupHeartbeat],
    topic: 'consumer-groups',
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      const client = await t.coordinator(groupId)
      const instanceId = 'worker-1'
      const of = (memberId: string) => ({
        ...joiningHeartbeat(groupId, memberId, [topic.name]),
        instanceId,
      })
      const joined = await client.ask(ConsumerGroupHeartbeat, of('one'))
      const { memberEpoch } = await untilAssigned(t, groupId, joined)
      const left = await client.ask(ConsumerGroupHeartbeat, {
        ...laterHeartbeat(groupId, 'one', -2),
        instanceId,
      })
      t.expect(left, { errorCode: ErrorCode.NONE, memberEpoch: -2 })
      t.expect(await client.ask(ConsumerGroupHeartbeat, of('two')), {
        errorCode: ErrorCode.NONE,
        memberId: 'two',
        memberEpoch,
        assignment: { topicPartitions: [{ topicId: topic.id, partitions: [0] }] },
      })
    },
  }),
  rule({
    id: 'consumer-group-heartbeat.regex',
    says: 'A member may subscribe by a regular expression that the broker evaluates.',
    source: KIP_848,
    apis: [ConsumerGroupHeartbeat],
    topic: 'consumer-groups',
    versions: { min: 1 },
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      const client = await t.coordinator(groupId)
      const request = { ...joiningHeartbeat(groupId, 'one', []), subscribedTopicNames: null }
      const subscribedTopicRegex = `${topic.name}.*`
      const sent = await client.ask(ConsumerGroupHeartbeat, { ...request, subscribedTopicRegex })
      t.expect(sent, { errorCode: ErrorCode.NONE, memberId: 'one' })
      const assigned = await untilAssigned(t, groupId, sent)
      const topicPartitions = [{ topicId: topic.id, partitions: [0] }]
      t.expect(assigned, { errorCode: ErrorCode.NONE, assignment: { topicPartitions } })
    },
  }),
  rule({
    id: 'consumer-group-heartbeat.invalid-regex',
    says: 'An expression that is none gets INVALID_REGULAR_EXPRESSION.',
    source: KIP_848,
    apis: [ConsumerGroupHeartbeat],
    topic: 'errors',
    versions: { min: 1 },
    run: async (t) => {
      const groupId = t.name('group')
      const client = await t.coordinator(groupId)
      const answer = await client.ask(ConsumerGroupHeartbeat, {
        ...joiningHeartbeat(groupId, 'one', []),
        subscribedTopicNames: null,
        subscribedTopicRegex: '(never closed',
      })
      t.expect(answer, { errorCode: ErrorCode.INVALID_REGULAR_EXPRESSION })
    },
  }),
  rule({
    id: 'consumer-group-heartbeat.classic-members-cannot-mix-in',
    says: 'A member of the classic protocol with another protocol type is refused by a consumer group.',
    source: KIP_848,
    apis: [ConsumerGroupHeartbeat, JoinGroup],
    topic: 'errors',
    run: async (t) => {
      const { groupId } = await joinConsumerGroup(t)
      const client = await t.coordinator(groupId)
      const request = joinRequest(groupId, { protocolType: 'connect' })
      const answer = await client.ask(JoinGroup, request)
      t.expect(answer, { errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL })
    },
  }),
  rule({
    id: 'consumer-group-heartbeat.is-listed',
    says: 'A consumer group is listed with the type consumer.',
    source: KIP_848,
    apis: [ConsumerGroupHeartbeat, ListGroups],
    topic: 'consumer-groups',
    run: async (t) => {
      const { groupId } = await joinConsumerGroup(t)
      const client = await t.coordinator(groupId)
      const answer = await client.ask(ListGroups, { typesFilter: ['consumer'] })
      const groups = containing({ groupId, groupType: 'consumer', protocolType: 'consumer' })
      t.expect(answer, { errorCode: ErrorCode.NONE, groups })
    },
  }),
  ...[
    { what: 'commits', by: 0, errorCode: ErrorCode.NONE, says: 'A member commits with its epoch.' },
    {
      what: 'commits-with-a-stale-epoch',
      by: 1,
      errorCode: ErrorCode.STALE_MEMBER_EPOCH,
      says: 'A commit with another epoch than the member’s gets STALE_MEMBER_EPOCH.',
    },
  ].map(({ what, by, errorCode, says }) =>
    rule({
      id: `consumer-group-heartbeat.${what}`,
      says,
      source: KIP_848,
      apis: [ConsumerGroupHeartbeat, OffsetCommit],
      topic: 'consumer-groups',
      run: async (t) => {
        const { groupId, memberId, memberEpoch, topic } = await joinConsumerGroup(t)
        const client = await t.coordinator(groupId)
        const settings = { memberId, generationId: memberEpoch + by }
        const answer = await client.ask(OffsetCommit, commitRequest(groupId, topic, 1n, settings))
        t.expect(answer, { topics: [{ partitions: [{ partitionIndex: 0, errorCode }] }] })
      },
    }),
  ),
]
