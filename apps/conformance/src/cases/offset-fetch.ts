import { ErrorCode, JoinGroup, OffsetCommit, OffsetFetch } from '@ottla/protocol'
import { inAnyOrder } from '../match/index.js'
import { messageDocument } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import { commit, createTopic, groupOf, offsetsRequest, stableGroup } from '../steps/index.js'

const DOCUMENT = messageDocument('OffsetFetch')
const KIP_709 = 'KIP-709: Extend OffsetFetch requests to accept multiple group ids'
const KIP_848 = 'KIP-848: The Next Generation of the Consumer Rebalance Protocol'
const KIP_447 = 'KIP-447: Producer scalability for exactly once semantics'

/** From this version on topics are named by id. */
const IDS_FROM = 10

/** What stands for no committed offset. */
const nothing = {
  committedOffset: -1n,
  committedLeaderEpoch: -1,
  metadata: '',
  errorCode: ErrorCode.NONE,
}

/** Rules of OffsetFetch. */
export const rules: readonly Rule[] = [
  rule({
    id: 'offset-fetch.committed',
    says: 'A committed offset comes back with its metadata and leader epoch.',
    source: DOCUMENT,
    apis: [OffsetFetch, OffsetCommit],
    topic: 'offsets',
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      await commit(t, groupId, topic, 42n, { metadata: 'where I am', leaderEpoch: 0 })
      const client = await t.coordinator(groupId)
      const answer = await client.ask(OffsetFetch, offsetsRequest(groupId, [topic]))
      const partition = {
        partitionIndex: 0,
        committedOffset: 42n,
        committedLeaderEpoch: t.version >= 5 ? 0 : -1,
        metadata: 'where I am',
        errorCode: ErrorCode.NONE,
      }
      const who = t.version < IDS_FROM ? { name: topic.name } : { topicId: topic.id }
      const topics = [{ ...who, partitions: [partition] }]
      t.expect(groupOf(answer), { errorCode: ErrorCode.NONE, topics })
    },
  }),
  rule({
    id: 'offset-fetch.not-committed',
    says: 'A partition that the group has committed nothing for comes with offset -1, without error.',
    source: DOCUMENT,
    apis: [OffsetFetch, OffsetCommit],
    topic: 'offsets',
    run: async (t) => {
      const topic = await createTopic(t, { partitions: 2 })
      const groupId = t.name('group')
      await commit(t, groupId, topic, 42n)
      const client = await t.coordinator(groupId)
      const answer = await client.ask(OffsetFetch, offsetsRequest(groupId, [topic], [1, 0]))
      const partitions = inAnyOrder(
        { partitionIndex: 1, ...nothing },
        { partitionIndex: 0, committedOffset: 42n },
      )
      t.expect(groupOf(answer), { errorCode: ErrorCode.NONE, topics: [{ partitions }] })
    },
  }),
  rule({
    id: 'offset-fetch.unknown-group',
    says: 'A group that does not exist has committed nothing: offset -1, without error.',
    source: DOCUMENT,
    apis: [OffsetFetch],
    topic: 'offsets',
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      const client = await t.coordinator(groupId)
      const answer = await client.ask(OffsetFetch, offsetsRequest(groupId, [topic]))
      const partitions = [{ partitionIndex: 0, ...nothing }]
      t.expect(groupOf(answer), { errorCode: ErrorCode.NONE, topics: [{ partitions }] })
    },
  }),
  rule({
    id: 'offset-fetch.unknown-partition',
    says: 'A partition that does not exist has no offset, and is no error.',
    source: DOCUMENT,
    apis: [OffsetFetch],
    topic: 'boundaries',
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      const client = await t.coordinator(groupId)
      const answer = await client.ask(OffsetFetch, offsetsRequest(groupId, [topic], [77]))
      const partitions = [{ partitionIndex: 77, ...nothing }]
      t.expect(groupOf(answer), { errorCode: ErrorCode.NONE, topics: [{ partitions }] })
    },
  }),
  rule({
    id: 'offset-fetch.unknown-topic',
    says: 'A topic that does not exist has no offset, and is no error.',
    source: DOCUMENT,
    apis: [OffsetFetch],
    topic: 'boundaries',
    versions: { max: IDS_FROM - 1 },
    run: async (t) => {
      const topic = { name: t.name('topic'), id: '' }
      const groupId = t.name('group')
      const client = await t.coordinator(groupId)
      const answer = await client.ask(OffsetFetch, offsetsRequest(groupId, [topic]))
      const topics = [{ name: topic.name, partitions: [{ partitionIndex: 0, ...nothing }] }]
      t.expect(groupOf(answer), { errorCode: ErrorCode.NONE, topics })
    },
  }),
  rule({
    id: 'offset-fetch.unknown-topic-id',
    says: 'An id of no topic gets UNKNOWN_TOPIC_ID for each partition.',
    source: KIP_848,
    apis: [OffsetFetch],
    topic: 'errors',
    versions: { min: IDS_FROM },
    run: async (t) => {
      const topic = { name: '', id: '4f54544c-4100-4000-8000-000000000001' }
      const groupId = t.name('group')
      const client = await t.coordinator(groupId)
      const answer = await client.ask(OffsetFetch, offsetsRequest(groupId, [topic]))
      const errorCode = ErrorCode.UNKNOWN_TOPIC_ID
      const partitions = [{ partitionIndex: 0, committedOffset: -1n, errorCode }]
      const topics = [{ topicId: topic.id, partitions }]
      t.expect(groupOf(answer), { errorCode: ErrorCode.NONE, topics })
    },
  }),
  rule({
    id: 'offset-fetch.null-means-all',
    says: 'A null list asks for all that the group has committed, and only that.',
    source: 'KIP-88: OffsetFetch Protocol Update',
    apis: [OffsetFetch, OffsetCommit],
    topic: 'offsets',
    versions: { min: 2 },
    run: async (t) => {
      const one = await createTopic(t, { partitions: 2 })
      const other = await createTopic(t)
      const groupId = t.name('group')
      await commit(t, groupId, one, 1n)
      await commit(t, groupId, other, 2n)
      const client = await t.coordinator(groupId)
      const answer = await client.ask(OffsetFetch, offsetsRequest(groupId, null))
      const of = (topic: typeof one, committedOffset: bigint) => ({
        ...(t.version < IDS_FROM ? { name: topic.name } : { topicId: topic.id }),
        partitions: [{ partitionIndex: 0, committedOffset }],
      })
      const topics = inAnyOrder(of(one, 1n), of(other, 2n))
      t.expect(groupOf(answer), { errorCode: ErrorCode.NONE, topics })
    },
  }),
  ...[2, 8].map((min) =>
    rule({
      id: `offset-fetch.empty-means-none${min === 8 ? '-of-a-group' : ''}`,
      says: 'An empty list of topics is answered with no topics.',
      source: DOCUMENT,
      apis: [OffsetFetch, OffsetCommit],
      topic: 'boundaries',
      versions: min === 2 ? { min, max: 7 } : { min },
      run: async (t) => {
        const groupId = t.name('group')
        await commit(t, groupId, await createTopic(t), 1n)
        const client = await t.coordinator(groupId)
        const answer = await client.ask(OffsetFetch, offsetsRequest(groupId, []))
        t.expect(groupOf(answer), { errorCode: ErrorCode.NONE, topics: [] })
      },
    }),
  ),
  rule({
    id: 'offset-fetch.several-groups',
    says: 'Each group of a request is answered with its own offsets.',
    source: KIP_709,
    apis: [OffsetFetch, OffsetCommit],
    topic: 'offsets',
    versions: { min: 8 },
    run: async (t) => {
      const topic = await createTopic(t)
      const ids = [t.name('group'), t.name('group')] as const
      await commit(t, ids[0], topic, 1n)
      await commit(t, ids[1], topic, 2n)
      const client = await t.coordinator(ids[0])
      const groups = ids.flatMap((id) => offsetsRequest(id, [topic]).groups ?? [])
      const answer = await client.ask(OffsetFetch, { groups, requireStable: false })
      const of = (groupId: string, committedOffset: bigint) => ({
        groupId,
        errorCode: ErrorCode.NONE,
        topics: [{ partitions: [{ partitionIndex: 0, committedOffset }] }],
      })
      t.expect(answer, { groups: inAnyOrder(of(ids[0], 1n), of(ids[1], 2n)) })
    },
  }),
  rule({
    id: 'offset-fetch.require-stable',
    says: 'Where no transaction is open, offsets come with requireStable too.',
    source: KIP_447,
    apis: [OffsetFetch, OffsetCommit],
    topic: 'offsets',
    versions: { min: 7 },
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      await commit(t, groupId, topic, 3n)
      const client = await t.coordinator(groupId)
      const request = { ...offsetsRequest(groupId, [topic]), requireStable: true }
      const partitions = [{ committedOffset: 3n, errorCode: ErrorCode.NONE }]
      t.expect(groupOf(await client.ask(OffsetFetch, request)), { topics: [{ partitions }] })
    },
  }),
  rule({
    id: 'offset-fetch.whoever-asks',
    says: 'Offsets of a group with members are told to anyone who asks.',
    source: DOCUMENT,
    apis: [OffsetFetch, OffsetCommit, JoinGroup],
    topic: 'offsets',
    run: async (t) => {
      const topic = await createTopic(t)
      const { groupId, memberId, generationId } = await stableGroup(t)
      await commit(t, groupId, topic, 3n, { memberId, generationId })
      const client = await t.coordinator(groupId)
      const answer = groupOf(await client.ask(OffsetFetch, offsetsRequest(groupId, [topic])))
      t.expect(answer, { topics: [{ partitions: [{ committedOffset: 3n }] }] })
    },
  }),
]
