import {
  ConsumerGroupHeartbeat,
  ErrorCode,
  OffsetCommit,
  OffsetFetch,
  TxnOffsetCommit,
} from '@ottla/protocol'
import { atLeast, inAnyOrder } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  type CommitSettings,
  type ConsumerMember,
  commitRequest,
  consumerMember,
  converge,
  createTopic,
  initTransactions,
  newest,
  partitionsOf,
  type Topic,
} from '../steps/index.js'

const KIP_848 = 'KIP-848: The Next Generation of the Consumer Rebalance Protocol'
const { NONE, FENCED_MEMBER_EPOCH, STALE_MEMBER_EPOCH, UNKNOWN_MEMBER_ID } = ErrorCode

const MEMBERS = {
  source: KIP_848,
  apis: [ConsumerGroupHeartbeat] satisfies Rule['apis'] as Rule['apis'],
  topic: 'consumer-groups',
} as const satisfies Partial<Rule>

interface Scene {
  readonly topic: Topic
  readonly groupId: string
  readonly one: ConsumerMember
}

/** A stable group of one member of two partitions; it has a name of its own if `instanceId` is given. */
async function scene(t: RuleContext, about: { instanceId?: string } = {}): Promise<Scene> {
  const topic = await createTopic(t, { partitions: 2 })
  const groupId = t.name('group')
  const one = await consumerMember(t, groupId, [topic.name], about)
  t.equal((await one.join()).errorCode, NONE, 'error of the first heartbeat')
  await converge(t, [one], 2)
  return { topic, groupId, one }
}

/** A member that has just been given a higher epoch. */
async function bumped(t: RuleContext): Promise<Scene & { readonly before: number }> {
  const made = await scene(t)
  const { topic, groupId, one } = made
  const before = one.epoch
  const two = await consumerMember(t, groupId, [topic.name])
  await two.join()
  await converge(t, [one, two], 2)
  return { ...made, before }
}

/** Rules of epochs of members. */
const epochRules: readonly Rule[] = [
  rule({
    ...MEMBERS,
    id: 'consumer-group-heartbeat.previous-epoch',
    says: 'The epoch before the last is taken from a member that owns no more than it should: the answer was lost.',
    run: async (t) => {
      const { topic, one, before } = await bumped(t)
      const after = one.epoch
      const topicPartitions = [{ topicId: topic.id, partitions: [...partitionsOf(one)] }]
      const answer = await one.beat({ memberEpoch: after - 1, topicPartitions })
      t.expect(answer, { errorCode: NONE, memberEpoch: after })
      t.expect(answer, { memberEpoch: atLeast(before + 1) })
    },
  }),
  rule({
    ...MEMBERS,
    id: 'consumer-group-heartbeat.previous-epoch-owns-too-much',
    says: 'The epoch before the last is fenced from a member that says it owns what it should not.',
    topic: 'errors',
    run: async (t) => {
      const { topic, one } = await bumped(t)
      const topicPartitions = [{ topicId: topic.id, partitions: [0, 1] }]
      const answer = await one.beat({ memberEpoch: one.epoch - 1, topicPartitions })
      t.expect(answer, { errorCode: FENCED_MEMBER_EPOCH, assignment: null })
    },
  }),
  rule({
    ...MEMBERS,
    id: 'consumer-group-heartbeat.previous-epoch-owns-unsaid',
    says: 'The epoch before the last is fenced from a member that does not say what it owns.',
    topic: 'errors',
    run: async (t) => {
      const { one } = await bumped(t)
      const answer = await one.beat({ memberEpoch: one.epoch - 1 })
      t.expect(answer, { errorCode: FENCED_MEMBER_EPOCH, assignment: null })
    },
  }),
  rule({
    ...MEMBERS,
    id: 'consumer-group-heartbeat.joins-again',
    says: 'A member that joins again with epoch 0 gets its epoch and its assignment once more.',
    run: async (t) => {
      const { topic, one } = await scene(t)
      const { epoch: memberEpoch } = one
      const partitions = inAnyOrder(0, 1)
      t.expect(await one.join(), {
        errorCode: NONE,
        memberId: one.memberId,
        memberEpoch,
        assignment: { topicPartitions: [{ topicId: topic.id, partitions }] },
      })
    },
  }),
  rule({
    ...MEMBERS,
    id: 'consumer-group-heartbeat.fenced-joins-again',
    says: 'A member that was fenced is still there: it joins again and gets its partitions.',
    run: async (t) => {
      const { topic, one } = await scene(t)
      const fenced = await one.beat({ memberEpoch: one.epoch + 10 })
      t.expect(fenced, { errorCode: FENCED_MEMBER_EPOCH })
      const partitions = inAnyOrder(0, 1)
      t.expect(await one.join(), {
        errorCode: NONE,
        assignment: { topicPartitions: [{ topicId: topic.id, partitions }] },
      })
    },
  }),
  rule({
    ...MEMBERS,
    id: 'consumer-group-heartbeat.full-request-repeats-assignment',
    says: 'A heartbeat that says everything, as after a lost connection, gets the assignment again.',
    run: async (t) => {
      const { topic, one } = await scene(t)
      const memberEpoch = one.epoch
      const topicPartitions = [{ topicId: topic.id, partitions: [0, 1] }]
      const partitions = inAnyOrder(0, 1)
      t.expect(await one.join({ memberEpoch, topicPartitions }), {
        errorCode: NONE,
        memberEpoch,
        assignment: { topicPartitions: [{ topicId: topic.id, partitions }] },
      })
    },
  }),
]

/** Rules of static members. */
const staticRules: readonly Rule[] = [
  rule({
    ...MEMBERS,
    id: 'consumer-group-heartbeat.instance-keeps-its-place',
    says: 'The partitions of a static member that left with epoch -2 stay its own: nobody gets them.',
    run: async (t) => {
      const { topic, groupId, one } = await scene(t, { instanceId: 'worker-1' })
      const two = await consumerMember(t, groupId, [topic.name], { instanceId: 'worker-2' })
      await two.join()
      await converge(t, [one, two], 2)
      const [kept] = partitionsOf(two)
      t.expect(await two.beat({ memberEpoch: -2 }), { errorCode: NONE, memberEpoch: -2 })
      const { epoch: memberEpoch } = one
      t.expect(await one.beat(), { errorCode: NONE, memberEpoch, assignment: null })
      const again = await consumerMember(t, groupId, [topic.name], { instanceId: 'worker-2' })
      t.expect(await again.join(), {
        errorCode: NONE,
        memberEpoch,
        assignment: { topicPartitions: [{ topicId: topic.id, partitions: [kept ?? -1] }] },
      })
    },
  }),
  rule({
    ...MEMBERS,
    id: 'consumer-group-heartbeat.instance-gives-up-its-place',
    says: 'The partitions of a static member that left with epoch -1 go to the others.',
    run: async (t) => {
      const { topic, groupId, one } = await scene(t, { instanceId: 'worker-1' })
      const two = await consumerMember(t, groupId, [topic.name], { instanceId: 'worker-2' })
      await two.join()
      await converge(t, [one, two], 2)
      t.expect(await two.beat({ memberEpoch: -1 }), { errorCode: NONE, memberEpoch: -1 })
      const answer = await t.until('the partitions', async () => {
        const found = await one.beat()
        return found.assignment !== null && found
      })
      const partitions = inAnyOrder(0, 1)
      t.expect(answer, {
        errorCode: NONE,
        assignment: { topicPartitions: [{ topicId: topic.id, partitions }] },
      })
    },
  }),
  rule({
    ...MEMBERS,
    id: 'consumer-group-heartbeat.instance-of-another-member',
    says: 'A member that uses the instance id of another is fenced with FENCED_INSTANCE_ID.',
    topic: 'errors',
    run: async (t) => {
      const { topic, groupId, one } = await scene(t, { instanceId: 'worker-1' })
      t.expect(await one.beat({ memberEpoch: -2 }), { errorCode: NONE })
      const instanceId = 'worker-1'
      const again = await consumerMember(t, groupId, [topic.name], { instanceId })
      t.expect(await again.join(), { errorCode: NONE })
      const late = await one.beat({ memberEpoch: again.epoch })
      t.expect(late, { errorCode: ErrorCode.FENCED_INSTANCE_ID, assignment: null })
    },
  }),
  rule({
    ...MEMBERS,
    id: 'consumer-group-heartbeat.unknown-instance',
    says: 'An instance id that the group does not know gets UNKNOWN_MEMBER_ID from a later heartbeat.',
    topic: 'errors',
    run: async (t) => {
      const { one } = await scene(t, { instanceId: 'worker-1' })
      const answer = await one.beat({ instanceId: 'worker-9' })
      t.expect(answer, { errorCode: UNKNOWN_MEMBER_ID, assignment: null })
    },
  }),
  ...[-1, -2].map((memberEpoch) =>
    rule({
      ...MEMBERS,
      id: `consumer-group-heartbeat.unknown-instance-leaves-with-${-memberEpoch}`,
      says: `An instance id that the group does not know cannot leave with epoch ${memberEpoch}: UNKNOWN_MEMBER_ID.`,
      topic: 'errors',
      run: async (t) => {
        const { one } = await scene(t, { instanceId: 'worker-1' })
        const answer = await one.beat({ instanceId: 'worker-9', memberEpoch })
        t.expect(answer, { errorCode: UNKNOWN_MEMBER_ID, assignment: null })
      },
    }),
  ),
]

/** Rules of subscriptions by regular expression. */
const regexRules: readonly Rule[] = [
  rule({
    ...MEMBERS,
    id: 'consumer-group-heartbeat.regex-of-several-topics',
    says: 'An expression subscribes to all topics whose whole name it matches, and to no other.',
    versions: { min: 1 },
    run: async (t) => {
      const stem = t.name('topic')
      const a = await createTopic(t, { name: `${stem}-a` })
      const b = await createTopic(t, { name: `${stem}-b` })
      await createTopic(t, { name: `${stem}-ab` })
      const groupId = t.name('group')
      const about = { subscribedTopicNames: null, subscribedTopicRegex: `${stem}-.` }
      const one = await consumerMember(t, groupId, [], about)
      t.expect(await one.join(), { errorCode: NONE })
      await converge(t, [one], 2)
      const ids = one.target.map(({ topicId }) => topicId).sort()
      t.equal(ids, [a.id, b.id].sort(), 'ids of the assigned topics')
    },
  }),
  rule({
    ...MEMBERS,
    id: 'consumer-group-heartbeat.regex-and-names',
    says: 'A member may subscribe by names and by an expression at once.',
    versions: { min: 1 },
    run: async (t) => {
      const a = await createTopic(t)
      const b = await createTopic(t)
      const groupId = t.name('group')
      const about = { subscribedTopicRegex: `${b.name}.*` }
      const one = await consumerMember(t, groupId, [a.name], about)
      t.expect(await one.join(), { errorCode: NONE })
      await converge(t, [one], 2)
      const ids = one.target.map(({ topicId }) => topicId).sort()
      t.equal(ids, [a.id, b.id].sort(), 'ids of the assigned topics')
    },
  }),
  rule({
    ...MEMBERS,
    id: 'consumer-group-heartbeat.regex-taken-back',
    says: 'An empty expression takes the subscription by expression back.',
    versions: { min: 1 },
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      const about = { subscribedTopicNames: [], subscribedTopicRegex: `${topic.name}.*` }
      const one = await consumerMember(t, groupId, [], about)
      t.expect(await one.join(), { errorCode: NONE })
      await converge(t, [one], 1)
      const { epoch } = one
      const answer = await one.beat({ subscribedTopicNames: [], subscribedTopicRegex: '' })
      t.expect(answer, { errorCode: NONE })
      const last = await t.until('the end of the assignment', async () => {
        const found = answer.assignment === null ? await one.beat() : answer
        return found.assignment !== null && found
      })
      t.expect(last, { memberEpoch: atLeast(epoch), assignment: { topicPartitions: [] } })
    },
  }),
  rule({
    ...MEMBERS,
    id: 'consumer-group-heartbeat.regex-that-matches-nothing',
    says: 'An expression that matches no topic is no error; there is nothing to assign.',
    versions: { min: 1 },
    run: async (t) => {
      const groupId = t.name('group')
      const about = { subscribedTopicNames: null, subscribedTopicRegex: `${t.name('no')}.*` }
      const one = await consumerMember(t, groupId, [], about)
      t.expect(await one.join(), { errorCode: NONE, assignment: { topicPartitions: [] } })
    },
  }),
]

/** Who commits or fetches offsets, and what comes of it. */
interface Asker {
  readonly what: string
  readonly says: string
  readonly errorCode: number
  /** What is said instead of the member's id. */
  readonly memberId?: string
  /** What is added to the member's epoch. */
  readonly by?: number
  /** The epoch, whatever the member's is. */
  readonly epoch?: number
}

const askers: readonly Asker[] = [
  { what: 'member', says: 'A member with its epoch', errorCode: NONE },
  {
    what: 'earlier-epoch',
    says: 'A member with an epoch that it had before',
    by: -1,
    errorCode: STALE_MEMBER_EPOCH,
  },
  {
    what: 'later-epoch',
    says: 'A member with an epoch that it does not have yet',
    by: 1,
    errorCode: STALE_MEMBER_EPOCH,
  },
  {
    what: 'unknown-member',
    says: 'A member that the group does not know',
    memberId: 'nobody',
    errorCode: UNKNOWN_MEMBER_ID,
  },
]

const outcome = (errorCode: number) =>
  errorCode === NONE
    ? 'no error'
    : errorCode === UNKNOWN_MEMBER_ID
      ? 'UNKNOWN_MEMBER_ID'
      : 'STALE_MEMBER_EPOCH'

/** A commit of offset 5 of one partition. */
function commitOf(groupId: string, topic: Topic, partitionIndex: number, who: CommitSettings) {
  const request = commitRequest(groupId, topic, 5n, who)
  const [first] = request.topics
  const partitions = first?.partitions.map((partition) => ({ ...partition, partitionIndex })) ?? []
  return { ...request, topics: [{ name: topic.name, topicId: topic.id, partitions }] }
}

/** Rules of offsets of a group of the new protocol. */
const offsetRules: readonly Rule[] = [
  ...[
    ...askers,
    {
      what: 'nobody',
      says: 'Nobody, while there are members,',
      memberId: '',
      epoch: -1,
      errorCode: UNKNOWN_MEMBER_ID,
    },
  ].map(({ what, says, errorCode, memberId, by = 0, epoch }: Asker) =>
    rule({
      ...MEMBERS,
      id: `offset-commit.consumer-group-${what}`,
      says: `${says} commits to a group of the new protocol with ${outcome(errorCode)}.`,
      apis: [OffsetCommit, ConsumerGroupHeartbeat],
      versions: { min: 9 },
      run: async (t) => {
        const { topic, groupId, one } = await bumped(t)
        const generationId = epoch ?? one.epoch + by
        const who = { memberId: memberId ?? one.memberId, generationId }
        // The one that it had to give up: what it has kept it may commit with older epochs (KIP-1251).
        const partitionIndex = what === 'earlier-epoch' ? 1 - (partitionsOf(one)[0] ?? 0) : 0
        const request = commitOf(groupId, topic, partitionIndex, who)
        t.expect(await one.client.ask(OffsetCommit, request), {
          topics: [{ partitions: [{ partitionIndex, errorCode }] }],
        })
      },
    }),
  ),
  rule({
    ...MEMBERS,
    id: 'offset-commit.consumer-group-epoch-of-assignment',
    says: 'A member commits for a partition with any epoch that it has had since it was given the partition.',
    source: 'KIP-1251: Assignment epochs for consumer groups',
    apis: [OffsetCommit, ConsumerGroupHeartbeat],
    releases: { from: '4.4' },
    versions: { min: 9 },
    run: async (t) => {
      const { topic, groupId, one, before } = await bumped(t)
      const partitionIndex = partitionsOf(one)[0] ?? 0
      const who = { memberId: one.memberId, generationId: before }
      t.expect(await one.client.ask(OffsetCommit, commitOf(groupId, topic, partitionIndex, who)), {
        topics: [{ partitions: [{ partitionIndex, errorCode: NONE }] }],
      })
    },
  }),
  rule({
    ...MEMBERS,
    id: 'offset-commit.consumer-group-old-version',
    says: 'A member of the new protocol that commits with a version below 9 is refused with UNSUPPORTED_VERSION.',
    apis: [OffsetCommit, ConsumerGroupHeartbeat],
    topic: 'errors',
    versions: { max: 8 },
    run: async (t) => {
      const { topic, groupId, one } = await scene(t)
      const settings = { memberId: one.memberId, generationId: one.epoch }
      const request = commitRequest(groupId, topic, 5n, settings)
      const errorCode = ErrorCode.UNSUPPORTED_VERSION
      t.expect(await one.client.ask(OffsetCommit, request), {
        topics: [{ partitions: [{ partitionIndex: 0, errorCode }] }],
      })
    },
  }),
  ...askers.map(({ what, says, errorCode, memberId, by = 0 }) =>
    rule({
      ...MEMBERS,
      id: `offset-fetch.consumer-group-${what}`,
      says: `${says} fetches offsets of a group of the new protocol with ${outcome(errorCode)}.`,
      apis: [OffsetFetch, ConsumerGroupHeartbeat],
      versions: { min: 9 },
      run: async (t) => {
        const { topic, groupId, one } = await bumped(t)
        const settings = { memberId: one.memberId, generationId: one.epoch }
        const committing = commitRequest(groupId, topic, 5n, settings)
        await one.client.ask(OffsetCommit, committing, newest(t, OffsetCommit))
        const topics = [{ name: topic.name, topicId: topic.id, partitionIndexes: [0] }]
        const who = { memberId: memberId ?? one.memberId, memberEpoch: one.epoch + by }
        const request = { groups: [{ groupId, ...who, topics }], requireStable: false }
        const partitions = [{ partitionIndex: 0, committedOffset: 5n, errorCode: NONE }]
        t.expect(await one.client.ask(OffsetFetch, request), {
          groups: [{ groupId, errorCode, topics: errorCode === NONE ? [{ partitions }] : [] }],
        })
      },
    }),
  ),
  ...askers.map(({ what, says, errorCode, memberId, by = 0 }) =>
    rule({
      ...MEMBERS,
      id: `txn-offset-commit.consumer-group-${what}`,
      says: `${says} commits in a transaction to a group of the new protocol with ${outcome(errorCode)}${errorCode === STALE_MEMBER_EPOCH ? ', before version 6 ILLEGAL_GENERATION' : ''}.`,
      apis: [TxnOffsetCommit, ConsumerGroupHeartbeat],
      needs: ['transaction-version-2'],
      versions: { min: 5 },
      run: async (t) => {
        const { topic, groupId, one } = await bumped(t)
        const producer = await initTransactions(t)
        const partitionIndex = what === 'earlier-epoch' ? 1 - (partitionsOf(one)[0] ?? 0) : 0
        const committedOffset = { partitionIndex, committedOffset: 5n, committedMetadata: '' }
        const answer = await one.client.ask(TxnOffsetCommit, {
          ...producer,
          groupId,
          generationIdOrMemberEpoch: one.epoch + by,
          memberId: memberId ?? one.memberId,
          groupInstanceId: null,
          topics: [{ name: topic.name, topicId: topic.id, partitions: [committedOffset] }],
        })
        const isStale = errorCode === STALE_MEMBER_EPOCH
        const code = isStale && t.version < 6 ? ErrorCode.ILLEGAL_GENERATION : errorCode
        t.expect(answer, {
          topics: [{ partitions: [{ partitionIndex, errorCode: code }] }],
        })
      },
    }),
  ),
]

/** Rules of what fences members of the new protocol, and of what they may commit. */
export const rules: readonly Rule[] = [...epochRules, ...staticRules, ...regexRules, ...offsetRules]
