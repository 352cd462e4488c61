import { ErrorCode, JoinGroup, OffsetDelete, OffsetFetch } from '@ottla/protocol'
import { type Rule, rule } from '../rules/rule.js'
import {
  commit,
  createTopic,
  groupOf,
  offsetsRequest,
  stableGroup,
  subscription,
  type Topic,
} from '../steps/index.js'

const KIP_496 = 'KIP-496: Administrative API to delete consumer offsets'

const ofTopics = (groupId: string, ...topics: readonly Topic[]) => ({
  groupId,
  topics: topics.map(({ name }) => ({ name, partitions: [{ partitionIndex: 0 }] })),
})

const forPartition = (name: string, errorCode: number) => ({
  name,
  partitions: [{ partitionIndex: 0, errorCode }],
})

/** Rules of OffsetDelete. */
export const rules: readonly Rule[] = [
  rule({
    id: 'offset-delete.empty-group',
    says: 'Offsets of a group without members are deleted, and only those that are named.',
    source: KIP_496,
    apis: [OffsetDelete, OffsetFetch],
    topic: 'offsets',
    run: async (t) => {
      const [one, other] = [await createTopic(t), await createTopic(t)]
      const groupId = t.name('group')
      await commit(t, groupId, one, 1n)
      await commit(t, groupId, other, 2n)
      const client = await t.coordinator(groupId)
      const answer = await client.ask(OffsetDelete, ofTopics(groupId, one))
      const topics = [forPartition(one.name, ErrorCode.NONE)]
      t.expect(answer, { errorCode: ErrorCode.NONE, topics })
      for (const [topic, committedOffset] of [
        [one, -1n],
        [other, 2n],
      ] as const) {
        const found = groupOf(await client.ask(OffsetFetch, offsetsRequest(groupId, [topic])))
        t.expect(found, { topics: [{ partitions: [{ committedOffset }] }] })
      }
    },
  }),
  rule({
    id: 'offset-delete.subscribed-topic',
    says: 'Offsets of a topic that a member is subscribed to stay: GROUP_SUBSCRIBED_TO_TOPIC. Others go.',
    source: KIP_496,
    apis: [OffsetDelete, JoinGroup, OffsetFetch],
    topic: 'errors',
    run: async (t) => {
      const [read, left] = [await createTopic(t), await createTopic(t)]
      const protocols = [{ name: 'range', metadata: subscription(read.name) }]
      const { client, groupId, memberId, generationId } = await stableGroup(t, { protocols })
      await commit(t, groupId, read, 1n, { memberId, generationId })
      await commit(t, groupId, left, 2n, { memberId, generationId })
      const answer = await client.ask(OffsetDelete, ofTopics(groupId, read, left))
      t.expect(answer, {
        errorCode: ErrorCode.NONE,
        topics: [
          forPartition(read.name, ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC),
          forPartition(left.name, ErrorCode.NONE),
        ],
      })
      for (const [topic, committedOffset] of [
        [read, 1n],
        [left, -1n],
      ] as const) {
        const found = groupOf(await client.ask(OffsetFetch, offsetsRequest(groupId, [topic])))
        t.expect(found, { topics: [{ partitions: [{ committedOffset }] }] })
      }
    },
  }),
  rule({
    id: 'offset-delete.members-of-another-kind',
    says: 'A group of another protocol type with members keeps all offsets: NON_EMPTY_GROUP.',
    source: KIP_496,
    apis: [OffsetDelete, JoinGroup],
    topic: 'errors',
    run: async (t) => {
      const topic = await createTopic(t)
      const { client, groupId } = await stableGroup(t, { protocolType: 'connect' })
      const answer = await client.ask(OffsetDelete, ofTopics(groupId, topic))
      t.expect(answer, { errorCode: ErrorCode.NON_EMPTY_GROUP, topics: [] })
    },
  }),
  rule({
    id: 'offset-delete.unknown-group',
    says: 'A group that does not exist is answered with GROUP_ID_NOT_FOUND.',
    source: KIP_496,
    apis: [OffsetDelete],
    topic: 'errors',
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      const client = await t.coordinator(groupId)
      const answer = await client.ask(OffsetDelete, ofTopics(groupId, topic))
      t.expect(answer, { errorCode: ErrorCode.GROUP_ID_NOT_FOUND, topics: [] })
    },
  }),
  rule({
    id: 'offset-delete.unknown-topic',
    says: 'A topic that does not exist gets UNKNOWN_TOPIC_OR_PARTITION.',
    source: KIP_496,
    apis: [OffsetDelete],
    topic: 'errors',
    run: async (t) => {
      const groupId = t.name('group')
      await commit(t, groupId, await createTopic(t), 1n)
      const client = await t.coordinator(groupId)
      const unknown = { name: t.name('topic'), id: '' }
      const answer = await client.ask(OffsetDelete, ofTopics(groupId, unknown))
      const topics = [forPartition(unknown.name, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)]
      t.expect(answer, { errorCode: ErrorCode.NONE, topics })
    },
  }),
  rule({
    id: 'offset-delete.nothing-committed',
    says: 'A partition without a committed offset is no error.',
    source: KIP_496,
    apis: [OffsetDelete],
    topic: 'boundaries',
    run: async (t) => {
      const [one, other] = [await createTopic(t), await createTopic(t)]
      const groupId = t.name('group')
      await commit(t, groupId, one, 1n)
      const client = await t.coordinator(groupId)
      const answer = await client.ask(OffsetDelete, ofTopics(groupId, other))
      const topics = [forPartition(other.name, ErrorCode.NONE)]
      t.expect(answer, { errorCode: ErrorCode.NONE, topics })
    },
  }),
]
