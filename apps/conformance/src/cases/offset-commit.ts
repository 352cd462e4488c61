import { ErrorCode, JoinGroup, OffsetCommit, OffsetFetch } from '@ottla/protocol'
import { inAnyOrder } from '../match/index.js'
import { compareReleases } from '../releases/index.js'
import { brokerConfigDocument, documents, messageDocument } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  beginJoin,
  type CommitSettings,
  commitRequest,
  createTopic,
  type GroupMember,
  groupOf,
  join,
  newest,
  offsetsRequest,
  stableGroup,
  type Topic,
  untilRebalance,
} from '../steps/index.js'

const DOCUMENT = messageDocument('OffsetCommit')
const KIP_345 = 'KIP-345: Introduce static membership protocol to reduce consumer rebalances'
const KIP_848 = 'KIP-848: The Next Generation of the Consumer Rebalance Protocol'

/** offset.metadata.max.bytes by default. */
const LONGEST = 4096

/** With so many of them a commit is larger than max.message.bytes by default, 1 MiB and 12 bytes. */
const MANY = 300

/** From this version on topics are named by id. */
const IDS_FROM = 10

const ofMember = (member: GroupMember): CommitSettings => ({
  memberId: member.memberId,
  instanceId: member.instanceId,
  generationId: member.generationId,
})

/** What the group has committed in partition 0 of a topic. */
async function committed(t: RuleContext, groupId: string, topic: Topic) {
  const client = await t.coordinator(groupId)
  const request = offsetsRequest(groupId, [topic])
  return groupOf(await client.ask(OffsetFetch, request, newest(t, OffsetFetch)))
}

const answerOf = (errorCode: number, topic?: Topic) => ({
  topics: [
    {
      ...(topic === undefined ? {} : { name: topic.name, topicId: topic.id }),
      partitions: [{ partitionIndex: 0, errorCode }],
    },
  ],
})

/** A commit of a member in some state of its group. */
interface Row {
  readonly what: string
  readonly says: string
  readonly errorCode: number
  readonly state: (t: RuleContext) => Promise<GroupMember>
  readonly changes?: (member: GroupMember) => CommitSettings
  readonly source?: string
  readonly min?: number
}

const stable = (t: RuleContext) => stableGroup(t)
const ofWorker = (t: RuleContext) => stableGroup(t, { instanceId: 'worker-1' })

const rows: readonly Row[] = [
  {
    what: 'member',
    says: 'A member of the generation commits.',
    errorCode: ErrorCode.NONE,
    state: stable,
  },
  {
    what: 'unknown-member',
    says: 'A member id that the group does not know gets UNKNOWN_MEMBER_ID.',
    errorCode: ErrorCode.UNKNOWN_MEMBER_ID,
    state: stable,
    changes: () => ({ memberId: 'nobody' }),
  },
  {
    what: 'nobody-while-there-are-members',
    says: 'While a group has members, who commits without a group gets UNKNOWN_MEMBER_ID.',
    errorCode: ErrorCode.UNKNOWN_MEMBER_ID,
    state: stable,
    changes: () => ({ memberId: '', generationId: -1 }),
  },
  ...([-1, +1] as const).map((by) => ({
    what: by < 0 ? 'earlier-generation' : 'later-generation',
    says: `A generation that is ${by < 0 ? 'over' : 'not yet'} gets ILLEGAL_GENERATION.`,
    errorCode: ErrorCode.ILLEGAL_GENERATION,
    state: stable,
    changes: ({ generationId }: GroupMember) => ({ generationId: generationId + by }),
  })),
  {
    what: 'before-the-leader-assigns',
    says: 'While a group waits for its leader’s assignment, commits get REBALANCE_IN_PROGRESS.',
    errorCode: ErrorCode.REBALANCE_IN_PROGRESS,
    state: (t) => join(t, t.name('group')),
  },
  {
    what: 'while-members-join',
    says: 'While a group gathers its members, those of the generation before may still commit.',
    errorCode: ErrorCode.NONE,
    state: async (t) => {
      const member = await stableGroup(t)
      await beginJoin(t, member.groupId)
      await untilRebalance(t, member)
      return member
    },
  },
  {
    what: 'static-member',
    says: 'A static member commits with its instance id.',
    errorCode: ErrorCode.NONE,
    state: ofWorker,
    source: KIP_345,
    min: 7,
  },
  {
    what: 'fenced-instance',
    says: 'A static member whose place another one has taken gets FENCED_INSTANCE_ID.',
    errorCode: ErrorCode.FENCED_INSTANCE_ID,
    state: async (t) => {
      const member = await ofWorker(t)
      await join(t, member.groupId, { instanceId: 'worker-1' })
      return member
    },
    source: KIP_345,
    min: 7,
  },
  {
    what: 'unknown-instance',
    says: 'An instance id that the group does not know gets UNKNOWN_MEMBER_ID.',
    errorCode: ErrorCode.UNKNOWN_MEMBER_ID,
    state: ofWorker,
    changes: () => ({ instanceId: 'other' }),
    source: KIP_345,
    min: 7,
  },
]

const committing = ({ what, says, errorCode, state, changes, source, min = 0 }: Row): Rule =>
  rule({
    id: `offset-commit.${what}`,
    says,
    source: source ?? DOCUMENT,
    apis: [OffsetCommit, JoinGroup, OffsetFetch],
    topic: errorCode === ErrorCode.NONE ? 'groups' : 'errors',
    versions: { min },
    run: async (t) => {
      const topic = await createTopic(t)
      const member = await state(t)
      const { client, groupId } = member
      const settings = { ...ofMember(member), ...changes?.(member) }
      const answer = await client.ask(OffsetCommit, commitRequest(groupId, topic, 5n, settings))
      t.expect(answer, answerOf(errorCode, topic))
      const committedOffset = errorCode === ErrorCode.NONE ? 5n : -1n
      const partitions = [{ committedOffset }]
      t.expect(await committed(t, groupId, topic), { topics: [{ partitions }] })
    },
  })

const ofNobody: readonly Rule[] = [
  rule({
    id: 'offset-commit.without-members',
    says: 'Anyone may commit with generation -1 for a group without members, which comes into being by it.',
    source: DOCUMENT,
    apis: [OffsetCommit, OffsetFetch],
    topic: 'offsets',
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      const client = await t.coordinator(groupId)
      const request = commitRequest(groupId, topic, 42n, { metadata: 'where I am', leaderEpoch: 0 })
      t.expect(await client.ask(OffsetCommit, request), answerOf(ErrorCode.NONE, topic))
      const committedLeaderEpoch = t.version >= 6 ? 0 : -1
      const partition = { committedOffset: 42n, metadata: 'where I am', committedLeaderEpoch }
      t.expect(await committed(t, groupId, topic), { topics: [{ partitions: [partition] }] })
    },
  }),
  ...[
    { what: 'lower', next: 3n, says: 'A commit of a lower offset replaces a higher one.' },
    {
      what: 'beyond-the-end',
      next: 1_000_000n,
      says: 'An offset beyond the end of the log is stored.',
    },
    { what: 'largest', next: 2n ** 63n - 1n, says: 'The largest offset is stored.' },
  ].map(({ what, next, says }) =>
    rule({
      id: `offset-commit.${what}`,
      says,
      source: DOCUMENT,
      apis: [OffsetCommit, OffsetFetch],
      topic: 'offsets',
      run: async (t) => {
        const topic = await createTopic(t)
        const groupId = t.name('group')
        const client = await t.coordinator(groupId)
        await client.ask(OffsetCommit, commitRequest(groupId, topic, 42n))
        const answer = await client.ask(OffsetCommit, commitRequest(groupId, topic, next))
        t.expect(answer, answerOf(ErrorCode.NONE, topic))
        const partitions = [{ committedOffset: next, errorCode: ErrorCode.NONE }]
        t.expect(await committed(t, groupId, topic), { topics: [{ partitions }] })
      },
    }),
  ),
  rule({
    id: 'offset-commit.null-metadata',
    says: 'Metadata that is null is stored as the empty text.',
    source: DOCUMENT,
    apis: [OffsetCommit, OffsetFetch],
    topic: 'offsets',
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      const client = await t.coordinator(groupId)
      const request = commitRequest(groupId, topic, 1n, { metadata: null })
      t.expect(await client.ask(OffsetCommit, request), answerOf(ErrorCode.NONE))
      const partitions = [{ committedOffset: 1n, metadata: '' }]
      t.expect(await committed(t, groupId, topic), { topics: [{ partitions }] })
    },
  }),
  ...[4096, 4097].map((length) =>
    rule({
      id: `offset-commit.metadata-of-${length}`,
      says: `Metadata of ${length} bytes ${length > 4096 ? 'is refused with OFFSET_METADATA_TOO_LARGE' : 'is taken'}: offset.metadata.max.bytes is 4096 by default.`,
      source: brokerConfigDocument('offset.metadata.max.bytes'),
      apis: [OffsetCommit],
      topic: 'boundaries',
      run: async (t) => {
        const topic = await createTopic(t)
        const groupId = t.name('group')
        const client = await t.coordinator(groupId)
        const request = commitRequest(groupId, topic, 1n, { metadata: 'x'.repeat(length) })
        const tooLarge = length > 4096
        const errorCode = tooLarge ? ErrorCode.OFFSET_METADATA_TOO_LARGE : ErrorCode.NONE
        t.expect(await client.ask(OffsetCommit, request), answerOf(errorCode, topic))
      },
    }),
  ),
  rule({
    id: 'offset-commit.unknown-topic',
    says: 'A topic that does not exist gets UNKNOWN_TOPIC_OR_PARTITION.',
    source: DOCUMENT,
    apis: [OffsetCommit],
    topic: 'errors',
    versions: { max: IDS_FROM - 1 },
    run: async (t) => {
      const topic = { name: t.name('topic'), id: '' }
      const groupId = t.name('group')
      const client = await t.coordinator(groupId)
      const answer = await client.ask(OffsetCommit, commitRequest(groupId, topic, 1n))
      const partitions = [{ partitionIndex: 0, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION }]
      t.expect(answer, { topics: [{ name: topic.name, partitions }] })
    },
  }),
  rule({
    id: 'offset-commit.unknown-topic-id',
    says: 'An id of no topic gets UNKNOWN_TOPIC_ID.',
    source: KIP_848,
    apis: [OffsetCommit],
    topic: 'errors',
    versions: { min: IDS_FROM },
    run: async (t) => {
      const topic = { name: '', id: '4f54544c-4100-4000-8000-000000000001' }
      const groupId = t.name('group')
      const client = await t.coordinator(groupId)
      const answer = await client.ask(OffsetCommit, commitRequest(groupId, topic, 1n))
      const partitions = [{ partitionIndex: 0, errorCode: ErrorCode.UNKNOWN_TOPIC_ID }]
      t.expect(answer, { topics: [{ topicId: topic.id, partitions }] })
    },
  }),
  rule({
    id: 'offset-commit.unknown-partition-beside-known',
    says: 'A partition that does not exist gets UNKNOWN_TOPIC_OR_PARTITION; others of the request are stored.',
    source: DOCUMENT,
    apis: [OffsetCommit, OffsetFetch],
    topic: 'errors',
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      const client = await t.coordinator(groupId)
      const partition = (partitionIndex: number) => ({
        partitionIndex,
        committedOffset: 9n,
        committedMetadata: '',
      })
      const answer = await client.ask(OffsetCommit, {
        groupId,
        memberId: '',
        topics: [{ name: topic.name, topicId: topic.id, partitions: [partition(0), partition(5)] }],
      })
      const unknown = { partitionIndex: 5, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION }
      const known = { partitionIndex: 0, errorCode: ErrorCode.NONE }
      t.expect(answer, { topics: [{ partitions: inAnyOrder(known, unknown) }] })
      const partitions = [{ partitionIndex: 0, committedOffset: 9n }]
      t.expect(await committed(t, groupId, topic), { topics: [{ partitions }] })
    },
  }),
  rule({
    id: 'offset-commit.generation-of-no-group',
    says: 'A generation of a group that does not exist gets ILLEGAL_GENERATION, from release 4.0 and version 9 on GROUP_ID_NOT_FOUND.',
    source: KIP_848,
    apis: [OffsetCommit],
    topic: 'errors',
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      const client = await t.coordinator(groupId)
      const settings = { memberId: 'nobody', generationId: 1 }
      const answer = await client.ask(OffsetCommit, commitRequest(groupId, topic, 1n, settings))
      const old = t.version < 9 || compareReleases(t.release, '4.0') < 0
      const errorCode = old ? ErrorCode.ILLEGAL_GENERATION : ErrorCode.GROUP_ID_NOT_FOUND
      t.expect(answer, answerOf(errorCode, topic))
    },
  }),
  rule({
    id: 'offset-commit.too-large',
    releases: { until: '3.9' },
    says: 'Before release 4.0 a commit that is larger than a message may be is INVALID_COMMIT_OFFSET_SIZE, all of it.',
    source: documents.errorCodes,
    apis: [OffsetCommit],
    topic: 'errors',
    versions: 'newest',
    run: async (t) => {
      const topic = await createTopic(t, { partitions: MANY })
      const groupId = t.name('group')
      const client = await t.coordinator(groupId)
      const each = Array.from({ length: MANY }, (_, partitionIndex) => partitionIndex)
      const asked = { committedOffset: 1n, committedMetadata: 'm'.repeat(LONGEST) }
      const partitions = each.map((partitionIndex) => ({ partitionIndex, ...asked }))
      const topics = [{ name: topic.name, topicId: topic.id, partitions }]
      const errorCode = ErrorCode.INVALID_COMMIT_OFFSET_SIZE
      t.expect(await client.ask(OffsetCommit, { groupId, memberId: '', topics }), {
        topics: [
          {
            partitions: inAnyOrder(
              ...each.map((partitionIndex) => ({ partitionIndex, errorCode })),
            ),
          },
        ],
      })
    },
  }),
  rule({
    id: 'offset-commit.nothing',
    says: 'A commit of nothing is answered with nothing.',
    source: DOCUMENT,
    apis: [OffsetCommit],
    topic: 'boundaries',
    run: async (t) => {
      const groupId = t.name('group')
      const client = await t.coordinator(groupId)
      t.expect(await client.ask(OffsetCommit, { groupId, memberId: '', topics: [] }), {
        topics: [],
      })
    },
  }),
]

/** Rules of OffsetCommit. */
export const rules: readonly Rule[] = [...rows.map(committing), ...ofNobody]
