import {
  AlterShareGroupOffsets,
  DeleteShareGroupOffsets,
  DescribeShareGroupOffsets,
  type DescribeShareGroupOffsetsResponse,
  ErrorCode,
  ShareFetch,
  ZERO_UUID,
} from '@ottla/protocol'
import { inAnyOrder, nonEmpty } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  AckType,
  acknowledged,
  createLog,
  createShareGroup,
  joinConsumerGroup,
  joinShareGroup,
  type ShareGroup,
  shareHeartbeat,
  shareSession,
  stableGroup,
  type Topic,
  take,
} from '../steps/index.js'

const KIP_932 = 'KIP-932: Queues for Kafka, Managing share groups'
const KIP_1226 = 'KIP-1226: Introducing Share Partition Lag Persistence and Retrieval'

const SHARING = {
  source: KIP_932,
  topic: 'share-groups',
  needs: ['share-groups'],
} as const satisfies Partial<Rule>

const { NONE, GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP, UNKNOWN_TOPIC_OR_PARTITION } = ErrorCode

/** A share group that its only member has left, after it was given a topic of three records. */
async function emptyGroup(t: RuleContext): Promise<ShareGroup> {
  const group = await createShareGroup(t, { batches: [['a', 'b', 'c']] })
  const one = await shareSession(t, group, group.memberId)
  await take(t, group, one, [[0n, 2n, 1]])
  t.expect(await one.acknowledge([[0n, 0n, AckType.ACCEPT]]), acknowledged(group))
  await one.acknowledge([], { shareSessionEpoch: -1, topics: [] })
  await shareHeartbeat(t, group.groupId, group.memberId, -1)
  return group
}

/** A share group that was assigned a topic of three records, has read nothing and has no member any more. */
async function newGroup(t: RuleContext, given?: Topic): Promise<ShareGroup> {
  const batches = given === undefined ? [['a', 'b', 'c']] : []
  const options = given === undefined ? { batches } : { batches, topic: given }
  const { groupId, topic, memberId } = await createShareGroup(t, options)
  await shareHeartbeat(t, groupId, memberId, -1)
  return { groupId, topic }
}

async function describe(t: RuleContext, groupId: string, names: readonly string[] | null) {
  const client = await t.coordinator(groupId)
  const topics = names === null ? null : names.map((topicName) => ({ topicName, partitions: [0] }))
  return client.ask(DescribeShareGroupOffsets, { groups: [{ groupId, topics }] })
}

async function alter(t: RuleContext, groupId: string, topicName: string, startOffset: bigint) {
  const client = await t.coordinator(groupId)
  const topics = [{ topicName, partitions: [{ partitionIndex: 0, startOffset }] }]
  return client.ask(AlterShareGroupOffsets, { groupId, topics })
}

async function forget(t: RuleContext, groupId: string, topicName: string) {
  const client = await t.coordinator(groupId)
  return client.ask(DeleteShareGroupOffsets, { groupId, topics: [{ topicName }] })
}

const startsIn = (answer: DescribeShareGroupOffsetsResponse) =>
  answer.groups[0]?.topics[0]?.partitions[0]?.startOffset

/** Rules of DescribeShareGroupOffsets. */
const describeRules: readonly Rule[] = [
  ...[true, false].map((named) =>
    rule({
      ...SHARING,
      id: `describe-share-group-offsets.${named ? 'named-topic' : 'null-means-all'}`,
      says: named
        ? 'The start offset of a partition is that of the first record that is not done with; the lag counts from it.'
        : 'Null asks for all topics of the group.',
      source: named ? KIP_1226 : KIP_932,
      apis: [DescribeShareGroupOffsets, ShareFetch],
      run: async (t) => {
        const { groupId, topic } = await emptyGroup(t)
        const answer = await t.until('the start offset', async () => {
          const found = await describe(t, groupId, named ? [topic.name] : null)
          return startsIn(found) === 1n && found
        })
        const partition = {
          partitionIndex: 0,
          startOffset: 1n,
          lag: 2n,
          errorCode: NONE,
          errorMessage: null,
        }
        t.expect(answer, {
          throttleTimeMs: 0,
          groups: [
            {
              groupId,
              errorCode: NONE,
              errorMessage: null,
              topics: [{ topicName: topic.name, topicId: topic.id, partitions: [partition] }],
            },
          ],
        })
      },
    }),
  ),
  rule({
    ...SHARING,
    id: 'describe-share-group-offsets.topic-without-offset',
    says: 'A topic that the group has not begun to read has the start offset -1, and no error.',
    apis: [DescribeShareGroupOffsets],
    topic: 'boundaries',
    run: async (t) => {
      const { groupId } = await createShareGroup(t)
      const { name } = await createLog(t)
      t.expect(await describe(t, groupId, [name]), {
        groups: [
          {
            groupId,
            errorCode: NONE,
            topics: [
              {
                topicName: name,
                partitions: [{ partitionIndex: 0, startOffset: -1n, lag: -1n, errorCode: NONE }],
              },
            ],
          },
        ],
      })
    },
  }),
  rule({
    ...SHARING,
    id: 'describe-share-group-offsets.unknown-topic',
    says: 'A topic that does not exist has the start offset -1 and no id, and no error.',
    apis: [DescribeShareGroupOffsets],
    topic: 'boundaries',
    run: async (t) => {
      const { groupId } = await createShareGroup(t)
      const topicName = t.name('topic')
      const partitions = [{ partitionIndex: 0, startOffset: -1n, lag: -1n, errorCode: NONE }]
      const topics = [{ topicName, topicId: ZERO_UUID, partitions }]
      t.expect(await describe(t, groupId, [topicName]), {
        groups: [{ groupId, errorCode: NONE, topics }],
      })
    },
  }),
  ...(['unknown', 'classic', 'consumer'] as const).map((kind) =>
    rule({
      ...SHARING,
      id: `describe-share-group-offsets.${kind}-group`,
      says: `${kind === 'unknown' ? 'A group that does not exist' : `The id of a ${kind} group`} has no offsets, and no error.`,
      apis: [DescribeShareGroupOffsets],
      topic: 'boundaries',
      run: async (t) => {
        const groupId = await idOf(t, kind)
        t.expect(await describe(t, groupId, null), {
          groups: [{ groupId, topics: [], errorCode: NONE, errorMessage: null }],
        })
      },
    }),
  ),
  rule({
    ...SHARING,
    id: 'describe-share-group-offsets.several-groups',
    says: 'Several groups are answered each with its own offset of the same topic.',
    apis: [DescribeShareGroupOffsets],
    run: async (t) => {
      const { groupId: first, topic } = await newGroup(t)
      const { groupId: second } = await newGroup(t, topic)
      await alter(t, first, topic.name, 1n)
      await alter(t, second, topic.name, 2n)
      const client = await t.coordinator(first)
      const named = [{ topicName: topic.name, partitions: [0] }]
      const groups = [first, second].map((groupId) => ({ groupId, topics: named }))
      const at = (startOffset: bigint) => [
        { topicName: topic.name, partitions: [{ partitionIndex: 0, startOffset }] },
      ]
      t.expect(await client.ask(DescribeShareGroupOffsets, { groups }), {
        groups: inAnyOrder(
          { groupId: first, errorCode: NONE, topics: at(1n) },
          { groupId: second, errorCode: NONE, topics: at(2n) },
        ),
      })
    },
  }),
]

type Kind = 'unknown' | 'classic' | 'consumer'

async function idOf(t: RuleContext, kind: Kind): Promise<string> {
  if (kind === 'unknown') return t.name('group')
  const { groupId } = await (kind === 'classic' ? stableGroup(t) : joinConsumerGroup(t))
  return groupId
}

/** Rules of AlterShareGroupOffsets. */
const alterRules: readonly Rule[] = [
  rule({
    ...SHARING,
    id: 'alter-share-group-offsets.sets',
    says: 'The start offset of an empty group may be set: who joins then gets the records from there.',
    apis: [AlterShareGroupOffsets, DescribeShareGroupOffsets, ShareFetch],
    run: async (t) => {
      const group = await newGroup(t)
      const { groupId, topic } = group
      const partitions = [{ partitionIndex: 0, errorCode: NONE, errorMessage: null }]
      t.expect(await alter(t, groupId, topic.name, 1n), {
        throttleTimeMs: 0,
        errorCode: NONE,
        errorMessage: null,
        responses: [{ topicName: topic.name, topicId: topic.id, partitions }],
      })
      t.expect(await describe(t, groupId, [topic.name]), {
        groups: [{ topics: [{ partitions: [{ partitionIndex: 0, startOffset: 1n }] }] }],
      })
      const { memberId } = await joinShareGroup(t, groupId, [topic.name])
      await take(t, group, await shareSession(t, group, memberId), [[1n, 2n, 1]])
    },
  }),
  rule({
    ...SHARING,
    id: 'alter-share-group-offsets.back',
    says: 'The start offset of an empty group may be set back to what was accepted.',
    apis: [AlterShareGroupOffsets, DescribeShareGroupOffsets],
    run: async (t) => {
      const { groupId, topic } = await emptyGroup(t)
      const partitions = [{ partitionIndex: 0, errorCode: NONE }]
      t.expect(await alter(t, groupId, topic.name, 0n), {
        errorCode: NONE,
        responses: [{ topicName: topic.name, partitions }],
      })
      t.expect(await describe(t, groupId, [topic.name]), {
        groups: [{ topics: [{ partitions: [{ partitionIndex: 0, startOffset: 0n }] }] }],
      })
    },
  }),
  rule({
    ...SHARING,
    id: 'alter-share-group-offsets.unknown-partition',
    says: 'A partition that does not exist is UNKNOWN_TOPIC_OR_PARTITION.',
    apis: [AlterShareGroupOffsets],
    topic: 'errors',
    run: async (t) => {
      const { groupId, topic } = await newGroup(t)
      const client = await t.coordinator(groupId)
      const asked = [{ partitionIndex: 5, startOffset: 0n }]
      const topics = [{ topicName: topic.name, partitions: asked }]
      const partitions = [{ partitionIndex: 5, errorCode: UNKNOWN_TOPIC_OR_PARTITION }]
      t.expect(await client.ask(AlterShareGroupOffsets, { groupId, topics }), {
        errorCode: NONE,
        responses: [{ topicName: topic.name, partitions }],
      })
    },
  }),
  rule({
    ...SHARING,
    id: 'alter-share-group-offsets.members',
    says: 'A group with members keeps its offsets: NON_EMPTY_GROUP.',
    apis: [AlterShareGroupOffsets],
    topic: 'errors',
    run: async (t) => {
      const { groupId, topic } = await createShareGroup(t)
      t.expect(await alter(t, groupId, topic.name, 0n), {
        errorCode: NON_EMPTY_GROUP,
        errorMessage: nonEmpty,
        responses: [],
      })
    },
  }),
  ...(['classic', 'consumer'] as const).map((kind) =>
    rule({
      ...SHARING,
      id: `alter-share-group-offsets.${kind}-group`,
      says: `The id of a ${kind} group is GROUP_ID_NOT_FOUND.`,
      apis: [AlterShareGroupOffsets],
      topic: 'errors',
      run: async (t) => {
        const groupId = await idOf(t, kind)
        const { name } = await createLog(t)
        t.expect(await alter(t, groupId, name, 0n), {
          errorCode: GROUP_ID_NOT_FOUND,
          errorMessage: nonEmpty,
        })
      },
    }),
  ),
  rule({
    ...SHARING,
    id: 'alter-share-group-offsets.unknown-topic',
    says: 'A topic that does not exist is UNKNOWN_TOPIC_OR_PARTITION.',
    apis: [AlterShareGroupOffsets],
    topic: 'errors',
    run: async (t) => {
      const { groupId } = await emptyGroup(t)
      const topicName = t.name('topic')
      const errorCode = UNKNOWN_TOPIC_OR_PARTITION
      t.expect(await alter(t, groupId, topicName, 0n), {
        errorCode: NONE,
        responses: [{ topicName, partitions: [{ partitionIndex: 0, errorCode }] }],
      })
    },
  }),
]

/** Rules of DeleteShareGroupOffsets. */
const deleteRules: readonly Rule[] = [
  rule({
    ...SHARING,
    id: 'delete-share-group-offsets.forgets',
    says: 'An empty group forgets a topic; who joins then begins as the group’s config says.',
    apis: [DeleteShareGroupOffsets, ShareFetch],
    run: async (t) => {
      const group = await newGroup(t)
      const { groupId, topic } = group
      await alter(t, groupId, topic.name, 2n)
      t.expect(await forget(t, groupId, topic.name), {
        throttleTimeMs: 0,
        errorCode: NONE,
        errorMessage: null,
        responses: [{ topicName: topic.name, topicId: topic.id, errorCode: NONE }],
      })
      t.expect(await describe(t, groupId, [topic.name]), {
        groups: [{ topics: [{ partitions: [{ partitionIndex: 0, startOffset: -1n }] }] }],
      })
      const { memberId } = await joinShareGroup(t, groupId, [topic.name])
      await take(t, group, await shareSession(t, group, memberId), [[0n, 2n, 1]])
    },
  }),
  rule({
    ...SHARING,
    id: 'delete-share-group-offsets.members',
    says: 'A group with members keeps its offsets: NON_EMPTY_GROUP.',
    apis: [DeleteShareGroupOffsets],
    topic: 'errors',
    run: async (t) => {
      const { groupId, topic } = await createShareGroup(t)
      const errorMessage = nonEmpty
      const answer = await forget(t, groupId, topic.name)
      t.expect(answer, { errorCode: NON_EMPTY_GROUP, errorMessage, responses: [] })
    },
  }),
  ...(['unknown', 'classic', 'consumer'] as const).map((kind) =>
    rule({
      ...SHARING,
      id: `delete-share-group-offsets.${kind}-group`,
      says: `${kind === 'unknown' ? 'A group that does not exist' : `The id of a ${kind} group`} is GROUP_ID_NOT_FOUND.`,
      apis: [DeleteShareGroupOffsets],
      topic: 'errors',
      run: async (t) => {
        const groupId = await idOf(t, kind)
        const { name } = await createLog(t)
        const errorMessage = nonEmpty
        const answer = await forget(t, groupId, name)
        t.expect(answer, { errorCode: GROUP_ID_NOT_FOUND, errorMessage, responses: [] })
      },
    }),
  ),
  rule({
    ...SHARING,
    id: 'delete-share-group-offsets.unknown-topic',
    says: 'A topic that does not exist is UNKNOWN_TOPIC_OR_PARTITION.',
    apis: [DeleteShareGroupOffsets],
    topic: 'errors',
    run: async (t) => {
      const { groupId } = await emptyGroup(t)
      const topicName = t.name('topic')
      const errorCode = UNKNOWN_TOPIC_OR_PARTITION
      t.expect(await forget(t, groupId, topicName), {
        errorCode: NONE,
        responses: [{ topicName, errorCode, errorMessage: nonEmpty }],
      })
    },
  }),
]

/** Rules of the offsets of share groups. */
export const rules: readonly Rule[] = [...describeRules, ...alterRules, ...deleteRules]
