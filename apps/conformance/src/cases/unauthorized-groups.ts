import {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  AlterConfigs,
  AlterShareGroupOffsets,
  ConsumerGroupDescribe,
  ConsumerGroupHeartbeat,
  DeleteGroups,
  DeleteShareGroupOffsets,
  DescribeConfigs,
  DescribeGroups,
  DescribeShareGroupOffsets,
  DescribeTransactions,
  EndTxn,
  encodeRecordBatch,
  FindCoordinator,
  Heartbeat,
  IncrementalAlterConfigs,
  InitProducerId,
  JoinGroup,
  LeaveGroup,
  OffsetCommit,
  OffsetDelete,
  OffsetFetch,
  Produce,
  ShareAcknowledge,
  ShareFetch,
  ShareGroupDescribe,
  ShareGroupHeartbeat,
  StreamsGroupDescribe,
  StreamsGroupHeartbeat,
  StreamsGroupTopologyDescriptionUpdate,
  SyncGroup,
  TxnOffsetCommit,
} from '@ottla/protocol'
import type { Rule } from '../rules/rule.js'
import {
  Acl,
  ConfigResourceType,
  commitRequest,
  joiningHeartbeat,
  joinRequest,
  offsetsRequest,
  produced,
  produceRequest,
  values,
} from '../steps/index.js'
import { forbidden } from './forbidden.js'
import type { RefusedPlace } from './refused.js'

const code = 'GROUP_AUTHORIZATION_FAILED'
const right = 'read the group'
const memberId = 'nobody'
const nobody = { producerId: 1n, producerEpoch: 0 }

const own = ({ errorCode }: RefusedPlace) => ({ errorCode })
const resourceOf = ({ groupId }: RefusedPlace) => ({
  resourceType: ConfigResourceType.GROUP,
  resourceName: groupId,
})
const describedOf = ({ groupId, errorCode }: RefusedPlace) => ({
  groups: [{ groupId, errorCode, members: [] }],
})
const describing = ({ groupId }: RefusedPlace) => ({
  groupIds: [groupId],
  includeAuthorizedOperations: false,
})

/** Groups of the classic protocol, and offsets. */
const classic: readonly Rule[] = [
  forbidden({
    api: JoinGroup,
    right,
    code,
    ask: ({ groupId }) => joinRequest(groupId),
    answer: ({ errorCode }) => ({ errorCode, members: [] }),
  }),
  forbidden({
    api: SyncGroup,
    right,
    code,
    ask: ({ groupId }) => {
      const protocol = { protocolType: 'consumer', protocolName: 'range' }
      return { groupId, memberId, generationId: 1, assignments: [], ...protocol }
    },
    answer: own,
  }),
  forbidden({
    api: Heartbeat,
    right,
    code,
    ask: ({ groupId }) => ({ groupId, memberId, generationId: 1 }),
    answer: own,
  }),
  forbidden({
    api: LeaveGroup,
    right,
    code,
    ask: ({ groupId }) => ({ groupId, memberId, members: [{ memberId, groupInstanceId: null }] }),
    answer: own,
  }),
  forbidden({
    api: OffsetCommit,
    id: 'unauthorized-group',
    right,
    code,
    ask: ({ groupId, topic }) => commitRequest(groupId, topic, 1n),
    answer: ({ errorCode }) => ({ topics: [{ partitions: [{ partitionIndex: 0, errorCode }] }] }),
  }),
  forbidden({
    api: OffsetFetch,
    id: 'unauthorized-group',
    right: 'describe the group',
    code,
    versions: { min: 2 },
    ask: ({ groupId, topic }) => offsetsRequest(groupId, [topic]),
    answer: ({ version, groupId, errorCode }) =>
      version >= 8 ? { groups: [{ groupId, errorCode }] } : { errorCode },
  }),
  forbidden({
    api: OffsetDelete,
    id: 'unauthorized-group',
    right: 'delete the group',
    code,
    ask: ({ groupId, topic }) => ({
      groupId,
      topics: [{ name: topic.name, partitions: [{ partitionIndex: 0 }] }],
    }),
    answer: own,
  }),
  forbidden({
    api: DescribeGroups,
    right: 'describe the group',
    code,
    ask: ({ groupId }) => ({ groups: [groupId] }),
    answer: describedOf,
  }),
  forbidden({
    api: DeleteGroups,
    right: 'delete the group',
    code,
    ask: ({ groupId }) => ({ groupsNames: [groupId] }),
    answer: ({ groupId, errorCode }) => ({ results: [{ groupId, errorCode }] }),
  }),
  forbidden({
    api: FindCoordinator,
    id: 'unauthorized-group',
    right: 'describe the group',
    code,
    ask: ({ groupId }) => ({ key: groupId, keyType: 0, coordinatorKeys: [groupId] }),
    answer: ({ version, groupId, errorCode }) =>
      version >= 4 ? { coordinators: [{ key: groupId, errorCode }] } : { errorCode },
  }),
]

/** Groups of the protocols since. */
const later: readonly Rule[] = [
  forbidden({
    api: ConsumerGroupHeartbeat,
    id: 'unauthorized-group',
    right,
    code,
    ask: ({ groupId, topic }) => joiningHeartbeat(groupId, memberId, [topic.name]),
    answer: own,
  }),
  forbidden({
    api: ConsumerGroupDescribe,
    id: 'unauthorized-group',
    right: 'describe the group',
    code,
    ask: describing,
    answer: describedOf,
  }),
  forbidden({
    api: ShareGroupHeartbeat,
    id: 'unauthorized-group',
    right,
    code,
    needs: ['share-groups'],
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
    id: 'unauthorized-group',
    right: 'describe the group',
    code,
    needs: ['share-groups'],
    ask: describing,
    answer: describedOf,
  }),
  forbidden({
    api: ShareFetch,
    id: 'unauthorized-group',
    right,
    code,
    needs: ['share-groups'],
    ask: ({ groupId }) => ({
      groupId,
      memberId,
      shareSessionEpoch: 0,
      maxWaitMs: 0,
      minBytes: 0,
      maxRecords: 10,
      batchSize: 10,
      topics: [],
      forgottenTopicsData: [],
    }),
    answer: own,
  }),
  forbidden({
    api: ShareAcknowledge,
    id: 'unauthorized-group',
    right,
    code,
    needs: ['share-groups'],
    ask: ({ groupId }) => ({ groupId, memberId, shareSessionEpoch: 1, topics: [] }),
    answer: own,
  }),
  forbidden({
    api: DescribeShareGroupOffsets,
    id: 'unauthorized-group',
    right: 'describe the group',
    code,
    needs: ['share-groups'],
    ask: ({ groupId }) => ({ groups: [{ groupId, topics: null }] }),
    answer: ({ groupId, errorCode }) => ({ groups: [{ groupId, errorCode }] }),
  }),
  forbidden({
    api: AlterShareGroupOffsets,
    id: 'unauthorized-group',
    right,
    code,
    needs: ['share-groups'],
    ask: ({ groupId, topic }) => ({
      groupId,
      topics: [{ topicName: topic.name, partitions: [{ partitionIndex: 0, startOffset: 0n }] }],
    }),
    answer: own,
  }),
  forbidden({
    api: DeleteShareGroupOffsets,
    id: 'unauthorized-group',
    right: 'delete the group',
    code,
    needs: ['share-groups'],
    ask: ({ groupId, topic }) => ({ groupId, topics: [{ topicName: topic.name }] }),
    answer: own,
  }),
  forbidden({
    api: StreamsGroupHeartbeat,
    id: 'unauthorized-group',
    right,
    code,
    needs: ['streams-groups'],
    ask: ({ groupId }) => ({ groupId, memberId, memberEpoch: 1, endpointInformationEpoch: 0 }),
    answer: own,
  }),
  forbidden({
    api: StreamsGroupDescribe,
    id: 'unauthorized-group',
    right: 'describe the group',
    code,
    needs: ['streams-groups'],
    ask: describing,
    answer: describedOf,
  }),
  forbidden({
    api: StreamsGroupTopologyDescriptionUpdate,
    id: 'unauthorized-group',
    right,
    code,
    needs: ['streams-groups'],
    ask: ({ groupId }) => ({
      groupId,
      memberId,
      topologyEpoch: 0,
      topologyDescription: { subtopologies: [], globalStores: [] },
    }),
    answer: own,
  }),
]

/** Configs of groups. */
const configs: readonly Rule[] = [
  forbidden({
    api: AlterConfigs,
    id: 'unauthorized-group',
    right: 'alter configs of the group',
    code,
    // Groups have configs since KIP-848.
    releases: { from: '4.0' },
    ask: (place) => ({ resources: [{ ...resourceOf(place), configs: [] }], validateOnly: true }),
    answer: (place) => ({ responses: [{ ...resourceOf(place), errorCode: place.errorCode }] }),
  }),
  forbidden({
    api: IncrementalAlterConfigs,
    id: 'unauthorized-group',
    right: 'alter configs of the group',
    code,
    releases: { from: '4.0' },
    ask: (place) => ({ resources: [{ ...resourceOf(place), configs: [] }], validateOnly: true }),
    answer: (place) => ({ responses: [{ ...resourceOf(place), errorCode: place.errorCode }] }),
  }),
  forbidden({
    api: DescribeConfigs,
    id: 'unauthorized-group',
    right: 'describe configs of the group',
    code,
    releases: { from: '4.0' },
    ask: (place) => ({ resources: [{ ...resourceOf(place), configurationKeys: null }] }),
    answer: (place) => ({ results: [{ ...resourceOf(place), errorCode: place.errorCode }] }),
  }),
]

const forTransactions = 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'
const write = 'write under the transactional id'

const mayWrite = ({ transactionalId: resourceName }: RefusedPlace) => [
  { resourceType: Acl.TRANSACTIONAL_ID, resourceName, operation: Acl.WRITE },
]

const offsetsOf = ({ transactionalId, groupId, topic }: RefusedPlace) => {
  const partitions = [{ partitionIndex: 0, committedOffset: 1n, committedMetadata: '' }]
  const topics = [{ name: topic.name, topicId: topic.id, partitions }]
  return { ...nobody, transactionalId, groupId, topics }
}

const offsetsRefused = ({ errorCode }: RefusedPlace) => ({
  topics: [{ partitions: [{ partitionIndex: 0, errorCode }] }],
})

/** Transactions, and groups in them. */
const transactions: readonly Rule[] = [
  forbidden({
    api: AddOffsetsToTxn,
    id: 'unauthorized-group',
    right,
    code,
    grants: mayWrite,
    ask: ({ transactionalId, groupId }) => ({ ...nobody, transactionalId, groupId }),
    answer: own,
  }),
  forbidden({
    api: TxnOffsetCommit,
    id: 'unauthorized-group',
    right,
    code,
    grants: mayWrite,
    ask: offsetsOf,
    answer: offsetsRefused,
  }),
  forbidden({
    api: TxnOffsetCommit,
    id: 'unauthorized-transactional-id',
    right: write,
    code: forTransactions,
    ask: offsetsOf,
    answer: offsetsRefused,
  }),
  forbidden({
    api: InitProducerId,
    id: 'unauthorized-transactional-id',
    right: write,
    code: forTransactions,
    ask: ({ transactionalId }) => ({ transactionalId, transactionTimeoutMs: 1000 }),
    answer: ({ errorCode }) => ({ errorCode, producerId: -1n }),
  }),
  forbidden({
    api: AddPartitionsToTxn,
    id: 'unauthorized-transactional-id',
    right: write,
    code: forTransactions,
    versions: { max: 3 },
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
  forbidden({
    api: AddOffsetsToTxn,
    id: 'unauthorized-transactional-id',
    right: write,
    code: forTransactions,
    ask: ({ transactionalId, groupId }) => ({ ...nobody, transactionalId, groupId }),
    answer: own,
  }),
  forbidden({
    api: EndTxn,
    id: 'unauthorized-transactional-id',
    right: write,
    code: forTransactions,
    ask: ({ transactionalId }) => ({ ...nobody, transactionalId, committed: true }),
    answer: own,
  }),
  forbidden({
    api: DescribeTransactions,
    id: 'unauthorized-transactional-id',
    right: 'describe the transactional id',
    code: forTransactions,
    ask: ({ transactionalId }) => ({ transactionalIds: [transactionalId] }),
    answer: ({ transactionalId, errorCode }) => ({
      transactionStates: [{ transactionalId, errorCode }],
    }),
  }),
  forbidden({
    api: FindCoordinator,
    id: 'unauthorized-transactional-id',
    right: 'describe the transactional id',
    code: forTransactions,
    versions: { min: 1 },
    ask: ({ transactionalId: key }) => ({ key, keyType: 1, coordinatorKeys: [key] }),
    answer: ({ version, transactionalId: key, errorCode }) =>
      version >= 4 ? { coordinators: [{ key, errorCode }] } : { errorCode },
  }),
  forbidden({
    api: Produce,
    id: 'unauthorized-transactional-id',
    right: write,
    code: forTransactions,
    versions: { min: 3 },
    ask: ({ topic, transactionalId }) => ({
      ...produceRequest(
        topic,
        encodeRecordBatch({
          records: values('a'),
          ...nobody,
          baseSequence: 0,
          isTransactional: true,
        }),
      ),
      transactionalId,
    }),
    answer: ({ topic, errorCode }) => produced(topic, { errorCode, baseOffset: -1n }),
  }),
]

/** Rules of what nobody may ask without a right on a group or a transactional id. */
export const rules: readonly Rule[] = [...classic, ...later, ...configs, ...transactions]
