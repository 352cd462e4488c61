import {
  AddPartitionsToTxn,
  AddRaftVoter,
  AlterClientQuotas,
  AlterConfigs,
  AlterPartitionReassignments,
  AlterReplicaLogDirs,
  AlterUserScramCredentials,
  CreateAcls,
  DeleteAcls,
  DeleteShareGroupState,
  DescribeClientQuotas,
  DescribeLogDirs,
  DescribeQuorum,
  DescribeUserScramCredentials,
  ElectLeaders,
  FindCoordinator,
  IncrementalAlterConfigs,
  InitializeShareGroupState,
  InitProducerId,
  ListPartitionReassignments,
  ReadShareGroupState,
  ReadShareGroupStateSummary,
  RemoveRaftVoter,
  UnregisterBroker,
  UnregisterController,
  UpdateFeatures,
  WriteShareGroupState,
  WriteTxnMarkers,
  ZERO_UUID,
} from '@ottla/protocol'
import type { Rule } from '../rules/rule.js'
import { Acl, ConfigResourceType } from '../steps/index.js'
import { forbidden } from './forbidden.js'
import { NO_SUCH_NODE } from './nobody.js'
import type { RefusedPlace } from './refused.js'

const code = 'CLUSTER_AUTHORIZATION_FAILED'

const broker = { resourceType: ConfigResourceType.BROKER, resourceName: '1' }
const own = ({ errorCode }: RefusedPlace) => ({ errorCode })

const acl = {
  resourceType: 2,
  resourceName: 'conformance-nothing',
  resourcePatternType: 3,
  principal: 'User:conformance-nobody',
  host: '*',
  operation: Acl.READ,
  permissionType: 3,
}

const aclFilter = {
  resourceTypeFilter: 2,
  resourceNameFilter: 'conformance-nothing',
  patternTypeFilter: 3,
  principalFilter: null,
  hostFilter: null,
  operation: 1,
  permissionType: 1,
}

const credentials = {
  name: 'conformance-nobody',
  mechanism: 1,
  iterations: 4096,
  salt: Buffer.from('salt-of-conformance'),
  saltedPassword: Buffer.alloc(32, 7),
}

/** Administration. */
const administration: readonly Rule[] = [
  forbidden({
    api: AlterClientQuotas,
    right: 'alter configs of the cluster',
    code,
    ask: () => ({
      entries: [
        {
          entity: [{ entityType: 'client-id', entityName: 'conformance-nobody' }],
          ops: [{ key: 'producer_byte_rate', value: 1e9, remove: false }],
        },
      ],
      validateOnly: true,
    }),
    answer: ({ errorCode }) => ({
      entries: [{ errorCode, entity: [{ entityName: 'conformance-nobody' }] }],
    }),
  }),
  forbidden({
    api: DescribeClientQuotas,
    right: 'describe configs of the cluster',
    code,
    ask: () => ({ components: [], strict: false }),
    answer: own,
  }),
  forbidden({
    api: AlterConfigs,
    id: 'unauthorized-broker',
    right: 'alter configs of the cluster',
    code,
    ask: () => ({ resources: [{ ...broker, configs: [] }], validateOnly: true }),
    answer: ({ errorCode }) => ({ responses: [{ ...broker, errorCode }] }),
  }),
  forbidden({
    api: IncrementalAlterConfigs,
    id: 'unauthorized-broker',
    right: 'alter configs of the cluster',
    code,
    ask: () => ({ resources: [{ ...broker, configs: [] }], validateOnly: true }),
    answer: ({ errorCode }) => ({ responses: [{ ...broker, errorCode }] }),
  }),
  forbidden({
    api: AlterPartitionReassignments,
    right: 'alter the cluster',
    code,
    ask: ({ topic }) => ({
      topics: [{ name: topic.name, partitions: [{ partitionIndex: 0, replicas: null }] }],
      timeoutMs: 1000,
    }),
    answer: own,
  }),
  forbidden({
    api: ListPartitionReassignments,
    right: 'describe the cluster',
    code,
    ask: () => ({ topics: null, timeoutMs: 1000 }),
    answer: own,
  }),
  forbidden({
    api: AlterReplicaLogDirs,
    right: 'alter the cluster',
    code,
    ask: ({ topic }) => ({
      dirs: [{ path: '/nowhere', topics: [{ name: topic.name, partitions: [0] }] }],
    }),
    answer: ({ topic, errorCode }) => ({
      results: [{ topicName: topic.name, partitions: [{ partitionIndex: 0, errorCode }] }],
    }),
  }),
  forbidden({
    api: DescribeLogDirs,
    right: 'describe the cluster',
    code,
    versions: { min: 3 },
    ask: () => ({ topics: null }),
    answer: ({ errorCode }) => ({ errorCode, results: [] }),
  }),
  forbidden({
    api: AlterUserScramCredentials,
    right: 'alter the cluster',
    code,
    ask: () => ({ deletions: [], upsertions: [credentials] }),
    answer: ({ errorCode }) => ({ results: [{ user: credentials.name, errorCode }] }),
  }),
  forbidden({
    api: DescribeUserScramCredentials,
    right: 'describe the cluster',
    code,
    ask: () => ({ users: [{ name: credentials.name }] }),
    answer: own,
  }),
  forbidden({
    api: CreateAcls,
    right: 'alter the cluster',
    code,
    ask: () => ({ creations: [acl] }),
    answer: ({ errorCode }) => ({ results: [{ errorCode }] }),
  }),
  forbidden({
    api: DeleteAcls,
    right: 'alter the cluster',
    code,
    ask: () => ({ filters: [aclFilter] }),
    answer: ({ errorCode }) => ({ filterResults: [{ errorCode, matchingAcls: [] }] }),
  }),
  forbidden({
    api: DescribeQuorum,
    right: 'describe the cluster',
    code,
    ask: () => ({
      topics: [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }],
    }),
    answer: own,
  }),
  forbidden({
    api: ElectLeaders,
    right: 'alter the cluster',
    code,
    versions: { min: 1 },
    ask: ({ topic }) => ({
      electionType: 0,
      topicPartitions: [{ topic: topic.name, partitions: [0] }],
      timeoutMs: 1000,
    }),
    answer: own,
  }),
  forbidden({
    api: UnregisterBroker,
    right: 'alter the cluster',
    code,
    ask: () => ({ brokerId: NO_SUCH_NODE }),
    answer: own,
  }),
  forbidden({
    api: UnregisterController,
    right: 'alter the cluster',
    code,
    ask: () => ({ controllerId: NO_SUCH_NODE }),
    answer: own,
  }),
  forbidden({
    api: UpdateFeatures,
    right: 'alter the cluster',
    code,
    ask: () => ({ timeoutMs: 1000, featureUpdates: [], validateOnly: true }),
    answer: own,
  }),
  forbidden({
    api: AddRaftVoter,
    right: 'alter the cluster',
    code,
    ask: () => ({
      clusterId: null,
      timeoutMs: 1000,
      voterId: NO_SUCH_NODE,
      voterDirectoryId: ZERO_UUID,
      listeners: [],
    }),
    answer: own,
  }),
  forbidden({
    api: RemoveRaftVoter,
    right: 'alter the cluster',
    code,
    ask: () => ({ clusterId: null, voterId: NO_SUCH_NODE, voterDirectoryId: ZERO_UUID }),
    answer: own,
  }),
]

const stateOf = ({ groupId, topic }: RefusedPlace) => ({
  groupId,
  topics: [{ topicId: topic.id, partitions: [{ partition: 0, leaderEpoch: 0 }] }],
})

const stateRefused = ({ topic, errorCode }: RefusedPlace) => ({
  results: [{ topicId: topic.id, partitions: [{ partition: 0, errorCode }] }],
})

/** What brokers ask each other. */
const betweenBrokers: readonly Rule[] = [
  forbidden({
    api: WriteTxnMarkers,
    right: 'act for the cluster',
    code,
    ask: ({ topic }) => ({
      markers: [
        {
          producerId: 1n,
          producerEpoch: 0,
          transactionResult: false,
          topics: [{ name: topic.name, partitionIndexes: [0] }],
          coordinatorEpoch: 0,
        },
      ],
    }),
    answer: ({ topic, errorCode }) => ({
      markers: [
        {
          producerId: 1n,
          topics: [{ name: topic.name, partitions: [{ partitionIndex: 0, errorCode }] }],
        },
      ],
    }),
  }),
  forbidden({
    api: AddPartitionsToTxn,
    id: 'unauthorized-broker',
    right: 'act for the cluster',
    code,
    versions: { min: 4 },
    ask: ({ topic, transactionalId }) => ({
      transactions: [
        {
          transactionalId,
          producerId: 1n,
          producerEpoch: 0,
          verifyOnly: true,
          topics: [{ name: topic.name, partitions: [0] }],
        },
      ],
    }),
    answer: own,
  }),
  forbidden({
    api: InitProducerId,
    id: 'unauthorized-idempotent',
    right: 'write to any topic',
    code,
    ask: () => ({ transactionalId: null, transactionTimeoutMs: 1000 }),
    answer: ({ errorCode }) => ({ errorCode, producerId: -1n }),
  }),
  forbidden({
    api: FindCoordinator,
    id: 'unauthorized-share-state',
    right: 'act for the cluster',
    code,
    versions: { min: 6 },
    needs: ['share-groups'],
    ask: ({ groupId, topic }) => ({ keyType: 2, coordinatorKeys: [`${groupId}:${topic.id}:0`] }),
    answer: ({ errorCode }) => ({ coordinators: [{ errorCode, nodeId: -1 }] }),
  }),
  forbidden({
    api: InitializeShareGroupState,
    right: 'act for the cluster',
    code,
    needs: ['share-groups'],
    ask: ({ groupId, topic }) => ({
      groupId,
      topics: [
        { topicId: topic.id, partitions: [{ partition: 0, stateEpoch: 0, startOffset: 0n }] },
      ],
    }),
    answer: stateRefused,
  }),
  forbidden({
    api: ReadShareGroupState,
    right: 'act for the cluster',
    code,
    needs: ['share-groups'],
    ask: stateOf,
    answer: stateRefused,
  }),
  forbidden({
    api: ReadShareGroupStateSummary,
    right: 'act for the cluster',
    code,
    needs: ['share-groups'],
    ask: stateOf,
    answer: stateRefused,
  }),
  forbidden({
    api: WriteShareGroupState,
    right: 'act for the cluster',
    code,
    needs: ['share-groups'],
    ask: ({ groupId, topic }) => {
      const epochs = { stateEpoch: 0, leaderEpoch: 0, startOffset: 0n, stateBatches: [] }
      return { groupId, topics: [{ topicId: topic.id, partitions: [{ partition: 0, ...epochs }] }] }
    },
    answer: stateRefused,
  }),
  forbidden({
    api: DeleteShareGroupState,
    right: 'act for the cluster',
    code,
    needs: ['share-groups'],
    ask: ({ groupId, topic }) => ({
      groupId,
      topics: [{ topicId: topic.id, partitions: [{ partition: 0 }] }],
    }),
    answer: stateRefused,
  }),
]

/** Rules of what nobody may ask without a right on the cluster. */
export const rules: readonly Rule[] = [...administration, ...betweenBrokers]
