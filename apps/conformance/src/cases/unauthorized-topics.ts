import {
  AddPartitionsToTxn,
  AlterConfigs,
  AlterShareGroupOffsets,
  ConsumerGroupDescribe,
  ConsumerGroupHeartbeat,
  DeleteRecords,
  DeleteShareGroupOffsets,
  DescribeProducers,
  DescribeShareGroupOffsets,
  DescribeTopicPartitions,
  ErrorCode,
  encodeRecordBatch,
  Fetch,
  ListOffsets,
  Metadata,
  OffsetCommit,
  OffsetDelete,
  OffsetFetch,
  OffsetForLeaderEpoch,
  Produce,
  ShareAcknowledge,
  ShareFetch,
  ShareGroupDescribe,
  ShareGroupHeartbeat,
  StreamsGroupDescribe,
  StreamsGroupHeartbeat,
  TxnOffsetCommit,
} from '@ottla/protocol'
import type { Rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  Acl,
  commit,
  commitRequest,
  endOfEpoch,
  fetchRequest,
  joiningHeartbeat,
  joiningStreams,
  joinShareGroup,
  listOffsetsOf,
  newest,
  offsetsRequest,
  produced,
  produceRequest,
  shareHeartbeat,
  topicResource,
  values,
} from '../steps/index.js'
import { forbidden } from './forbidden.js'
import type { RefusedPlace } from './refused.js'

const code = 'TOPIC_AUTHORIZATION_FAILED'
const nobody = { producerId: 1n, producerEpoch: 0 }
const memberId = 'AAAAAAAAAAAAAAAAAAAAAQ'

const own = ({ errorCode }: RefusedPlace) => ({ errorCode })
const partition = ({ errorCode }: RefusedPlace) => ({ partitionIndex: 0, errorCode })

const onGroup =
  (operation: number) =>
  ({ groupId: resourceName }: RefusedPlace) => [
    { resourceType: Acl.GROUP, resourceName, operation },
  ]

const mayWrite = ({ transactionalId: resourceName }: RefusedPlace) => [
  { resourceType: Acl.TRANSACTIONAL_ID, resourceName, operation: Acl.WRITE },
]

/** Records and where they are. */
const records: readonly Rule[] = [
  forbidden({
    api: Produce,
    right: 'write to the topic',
    code,
    versions: { min: 3 },
    ask: ({ topic }) => produceRequest(topic, encodeRecordBatch({ records: values('a') })),
    answer: ({ topic, errorCode }) => produced(topic, { errorCode, baseOffset: -1n }),
  }),
  forbidden({
    api: Fetch,
    right: 'read the topic',
    code,
    versions: { min: 4 },
    ask: ({ topic }) => fetchRequest(topic),
    answer: (place) => ({ responses: [{ partitions: [partition(place)] }] }),
  }),
  forbidden({
    api: ListOffsets,
    right: 'describe the topic',
    code,
    versions: { min: 1 },
    ask: ({ topic }) => listOffsetsOf(topic, -1n),
    answer: (place) => ({ topics: [{ name: place.topic.name, partitions: [partition(place)] }] }),
  }),
  forbidden({
    api: OffsetForLeaderEpoch,
    right: 'describe the topic',
    code,
    versions: { min: 2 },
    ask: ({ topic }) => endOfEpoch(topic, 0),
    answer: ({ topic, errorCode }) => ({
      topics: [{ topic: topic.name, partitions: [{ partition: 0, errorCode, endOffset: -1n }] }],
    }),
  }),
  forbidden({
    api: DeleteRecords,
    right: 'delete from the topic',
    code,
    ask: ({ topic }) => ({
      topics: [{ name: topic.name, partitions: [{ partitionIndex: 0, offset: 0n }] }],
      timeoutMs: 1000,
    }),
    answer: (place) => ({ topics: [{ name: place.topic.name, partitions: [partition(place)] }] }),
  }),
  forbidden({
    api: Metadata,
    right: 'describe the topic',
    code,
    ask: ({ topic }) => ({ topics: [{ name: topic.name }], allowAutoTopicCreation: false }),
    answer: ({ topic, errorCode }) => ({
      topics: [{ errorCode, name: topic.name, partitions: [] }],
    }),
  }),
  forbidden({
    api: DescribeTopicPartitions,
    right: 'describe the topic',
    code,
    ask: ({ topic }) => ({
      topics: [{ name: topic.name }],
      responsePartitionLimit: 1,
      cursor: null,
    }),
    answer: ({ topic, errorCode }) => ({ topics: [{ errorCode, name: topic.name }] }),
  }),
  forbidden({
    api: DescribeProducers,
    right: 'read the topic',
    code,
    ask: ({ topic }) => ({ topics: [{ name: topic.name, partitionIndexes: [0] }] }),
    answer: (place) => ({ topics: [{ name: place.topic.name, partitions: [partition(place)] }] }),
  }),
  forbidden({
    api: AlterConfigs,
    id: 'unauthorized-topic',
    right: 'alter configs of the topic',
    code,
    ask: ({ topic }) => ({
      resources: [{ ...topicResource(topic.name), configs: [] }],
      validateOnly: true,
    }),
    answer: ({ topic, errorCode }) => ({
      responses: [{ ...topicResource(topic.name), errorCode }],
    }),
  }),
]

/** Committed offsets: the group may be read, the topic may not. */
const offsets: readonly Rule[] = [
  forbidden({
    api: OffsetCommit,
    id: 'unauthorized-topic',
    right: 'read the topic',
    code,
    grants: onGroup(Acl.READ),
    ask: ({ groupId, topic }) => commitRequest(groupId, topic, 1n),
    answer: (place) => ({ topics: [{ partitions: [partition(place)] }] }),
  }),
  forbidden({
    api: OffsetFetch,
    id: 'unauthorized-topic',
    right: 'describe the topic',
    code,
    versions: { min: 1 },
    grants: onGroup(Acl.DESCRIBE),
    prepare: (t, { groupId, topic }) => commit(t, groupId, topic, 1n),
    ask: ({ groupId, topic }) => offsetsRequest(groupId, [topic]),
    answer: (place) => {
      const topics = [{ partitions: [partition(place)] }]
      return place.version >= 8 ? { groups: [{ groupId: place.groupId, topics }] } : { topics }
    },
  }),
  forbidden({
    api: OffsetDelete,
    id: 'unauthorized-topic',
    right: 'read the topic',
    code,
    grants: onGroup(Acl.DELETE),
    prepare: (t, { groupId, topic }) => commit(t, groupId, topic, 1n),
    ask: ({ groupId, topic }) => ({
      groupId,
      topics: [{ name: topic.name, partitions: [{ partitionIndex: 0 }] }],
    }),
    answer: (place) => ({ topics: [{ name: place.topic.name, partitions: [partition(place)] }] }),
  }),
  forbidden({
    api: TxnOffsetCommit,
    id: 'unauthorized-topic',
    right: 'read the topic',
    code,
    grants: (place) => [...mayWrite(place), ...onGroup(Acl.READ)(place)],
    ask: ({ transactionalId, groupId, topic }) => {
      const partitions = [{ partitionIndex: 0, committedOffset: 1n, committedMetadata: '' }]
      const topics = [{ name: topic.name, topicId: topic.id, partitions }]
      return { ...nobody, transactionalId, groupId, topics }
    },
    answer: (place) => ({ topics: [{ partitions: [partition(place)] }] }),
  }),
  forbidden({
    api: AddPartitionsToTxn,
    id: 'unauthorized-topic',
    right: 'write to the topic',
    code,
    versions: { max: 3 },
    grants: mayWrite,
    ask: ({ transactionalId, topic }) => ({
      v3AndBelowTransactionalId: transactionalId,
      v3AndBelowProducerId: nobody.producerId,
      v3AndBelowProducerEpoch: nobody.producerEpoch,
      v3AndBelowTopics: [{ name: topic.name, partitions: [0] }],
    }),
    answer: ({ topic, errorCode }) => {
      const resultsByPartition = [{ partitionIndex: 0, partitionErrorCode: errorCode }]
      return { resultsByTopicV3AndBelow: [{ name: topic.name, resultsByPartition }] }
    },
  }),
]

const shareSession = ({ groupId, topic }: RefusedPlace) => ({
  groupId,
  memberId,
  topics: [{ topicId: topic.id, partitions: [{ partitionIndex: 0, acknowledgementBatches: [] }] }],
})

const sharing = { minBytes: 0, maxWaitMs: 0, maxRecords: 10, batchSize: 10 }

/** A share session of somebody with rights, under the ids that the other uses. */
async function openShareSession(t: RuleContext, place: RefusedPlace): Promise<void> {
  const asked = { ...shareSession(place), ...sharing, shareSessionEpoch: 0 }
  await t.client.ask(ShareFetch, { ...asked, forgottenTopicsData: [] }, newest(t, ShareFetch))
}

/** Groups of the protocols since KIP-848: the group may be read, the topic may not. */
const groups: readonly Rule[] = [
  forbidden({
    api: ConsumerGroupHeartbeat,
    id: 'unauthorized-topic',
    right: 'describe the topic',
    code,
    grants: onGroup(Acl.READ),
    ask: ({ groupId, topic }) => joiningHeartbeat(groupId, memberId, [topic.name]),
    answer: own,
  }),
  forbidden({
    api: ConsumerGroupDescribe,
    id: 'unauthorized-topic',
    right: 'describe the topic',
    code,
    grants: onGroup(Acl.DESCRIBE),
    prepare: (t, { groupId, topic }) => {
      const request = joiningHeartbeat(groupId, memberId, [topic.name])
      return t.client.ask(ConsumerGroupHeartbeat, request, newest(t, ConsumerGroupHeartbeat))
    },
    ask: ({ groupId }) => ({ groupIds: [groupId], includeAuthorizedOperations: false }),
    answer: ({ groupId, errorCode }) => ({ groups: [{ groupId, errorCode, members: [] }] }),
  }),
  forbidden({
    api: ShareGroupHeartbeat,
    id: 'unauthorized-topic',
    right: 'describe the topic',
    code,
    needs: ['share-groups'],
    grants: onGroup(Acl.READ),
    ask: ({ groupId, topic }) => ({
      groupId,
      memberId,
      memberEpoch: 0,
      subscribedTopicNames: [topic.name],
    }),
    answer: own,
  }),
  forbidden({
    api: ShareGroupDescribe,
    id: 'unauthorized-topic',
    right: 'describe the topic',
    code,
    needs: ['share-groups'],
    grants: onGroup(Acl.DESCRIBE),
    prepare: (t, { groupId, topic }) => joinShareGroup(t, groupId, [topic.name]),
    ask: ({ groupId }) => ({ groupIds: [groupId], includeAuthorizedOperations: false }),
    answer: ({ groupId, errorCode }) => ({ groups: [{ groupId, errorCode, members: [] }] }),
  }),
  forbidden({
    api: ShareFetch,
    id: 'unauthorized-topic',
    right: 'read the topic',
    code,
    needs: ['share-groups'],
    grants: onGroup(Acl.READ),
    ask: (place) => ({
      ...shareSession(place),
      ...sharing,
      shareSessionEpoch: 0,
      forgottenTopicsData: [],
    }),
    answer: (place) => ({
      responses: [{ topicId: place.topic.id, partitions: [partition(place)] }],
    }),
  }),
  forbidden({
    api: ShareAcknowledge,
    id: 'unauthorized-topic',
    right: 'read the topic',
    code,
    needs: ['share-groups'],
    grants: onGroup(Acl.READ),
    prepare: openShareSession,
    ask: (place) => ({
      ...shareSession(place),
      topics: [
        {
          topicId: place.topic.id,
          partitions: [
            {
              partitionIndex: 0,
              acknowledgementBatches: [{ firstOffset: 0n, lastOffset: 0n, acknowledgeTypes: [1] }],
            },
          ],
        },
      ],
      shareSessionEpoch: 1,
    }),
    answer: (place) => ({
      responses: [{ topicId: place.topic.id, partitions: [partition(place)] }],
    }),
  }),
  forbidden({
    api: DescribeShareGroupOffsets,
    id: 'unauthorized-topic',
    right: 'describe the topic',
    code,
    needs: ['share-groups'],
    grants: onGroup(Acl.DESCRIBE),
    ask: ({ groupId, topic }) => ({
      groups: [{ groupId, topics: [{ topicName: topic.name, partitions: [0] }] }],
    }),
    answer: (place) => ({
      groups: [{ topics: [{ topicName: place.topic.name, partitions: [partition(place)] }] }],
    }),
  }),
  forbidden({
    api: AlterShareGroupOffsets,
    id: 'unauthorized-topic',
    right: 'read the topic',
    code,
    needs: ['share-groups'],
    grants: onGroup(Acl.READ),
    ask: ({ groupId, topic }) => ({
      groupId,
      topics: [{ topicName: topic.name, partitions: [{ partitionIndex: 0, startOffset: 0n }] }],
    }),
    answer: (place) => ({
      responses: [{ topicName: place.topic.name, partitions: [partition(place)] }],
    }),
  }),
  forbidden({
    api: DeleteShareGroupOffsets,
    id: 'unauthorized-topic',
    right: 'read the topic',
    code,
    needs: ['share-groups'],
    grants: onGroup(Acl.DELETE),
    prepare: async (t, { groupId, topic }) => {
      const member = await joinShareGroup(t, groupId, [topic.name])
      await shareHeartbeat(t, groupId, member.memberId, -1)
    },
    ask: ({ groupId, topic }) => ({ groupId, topics: [{ topicName: topic.name }] }),
    answer: ({ topic, errorCode }) => ({ responses: [{ topicName: topic.name, errorCode }] }),
  }),
  forbidden({
    api: StreamsGroupHeartbeat,
    id: 'unauthorized-topic',
    right: 'describe a source topic',
    code,
    needs: ['streams-groups'],
    grants: onGroup(Acl.READ),
    ask: ({ groupId, topic }) => ({ groupId, memberId, ...joiningStreams(topic.name) }),
    answer: own,
  }),
  forbidden({
    api: StreamsGroupDescribe,
    id: 'unauthorized-topic',
    right: 'describe a source topic',
    code,
    needs: ['streams-groups'],
    grants: onGroup(Acl.DESCRIBE),
    prepare: async (t, { groupId, topic }) => {
      const coordinator = await t.coordinator(groupId)
      const request = { groupId, memberId, ...joiningStreams(topic.name) }
      const { errorCode } = await coordinator.ask(StreamsGroupHeartbeat, request)
      t.equal(errorCode, ErrorCode.NONE, 'error of StreamsGroupHeartbeat')
    },
    ask: ({ groupId }) => ({ groupIds: [groupId], includeAuthorizedOperations: false }),
    answer: ({ groupId, errorCode }) => ({ groups: [{ groupId, errorCode, members: [] }] }),
  }),
]

/** Rules of what nobody may ask without a right on a topic. */
export const rules: readonly Rule[] = [...records, ...offsets, ...groups]
