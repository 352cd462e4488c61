import type { AnyApi } from '../client/any-api.js'
import { NO_SUCH_NODE } from './nobody.js'

/** What a minimal request of an API says besides the defaults of its schema. */
export type MinimalRequest = Readonly<Record<string, unknown>>

const cluster = 'conformance-none-00000'

/**
 * By the name of the API. Requests that change nothing: lists stay empty and ids are of nobody, so that they can be
 * sent to any broker at any time. An API that is not named here takes the defaults of its schema.
 */
const minimalRequests: Readonly<Record<string, MinimalRequest>> = {
  Produce: { transactionalId: null, acks: -1, timeoutMs: 1000 },
  Fetch: { maxWaitMs: 0, minBytes: 0, maxBytes: 1_000_000 },
  ListOffsets: { replicaId: -1 },
  OffsetCommit: { groupId: 'conformance-nobody', generationIdOrMemberEpoch: -1 },
  OffsetFetch: {
    groupId: 'conformance-nobody',
    // Release 3.9 never answers an empty list.
    groups: [{ groupId: 'conformance-nobody', memberId: null, memberEpoch: -1, topics: null }],
  },
  FindCoordinator: { key: 'conformance-nobody', coordinatorKeys: ['conformance-nobody'] },
  JoinGroup: {
    groupId: 'conformance-nobody',
    sessionTimeoutMs: 1,
    rebalanceTimeoutMs: 1,
    protocolType: 'consumer',
  },
  Heartbeat: { groupId: 'conformance-nobody', memberId: 'nobody' },
  LeaveGroup: { groupId: 'conformance-nobody', memberId: 'nobody' },
  SyncGroup: { groupId: 'conformance-nobody', memberId: 'nobody' },
  SaslHandshake: { mechanism: 'PLAIN' },
  ApiVersions: { clientSoftwareName: 'ottla-conformance', clientSoftwareVersion: '1' },
  CreateTopics: { timeoutMs: 1000 },
  DeleteTopics: { timeoutMs: 1000 },
  DeleteRecords: { timeoutMs: 1000 },
  InitProducerId: { transactionalId: null, transactionTimeoutMs: 1000 },
  AddPartitionsToTxn: {
    v3AndBelowTransactionalId: 'conformance-nobody',
    // Apache Kafka never answers an empty list.
    transactions: [
      {
        transactionalId: 'conformance-nobody',
        producerId: 1n,
        producerEpoch: 0,
        topics: [{ name: 'conformance-nothing', partitions: [0] }],
      },
    ],
  },
  AddOffsetsToTxn: { transactionalId: 'conformance-nobody', groupId: 'conformance-nobody' },
  EndTxn: { transactionalId: 'conformance-nobody' },
  TxnOffsetCommit: { transactionalId: 'conformance-nobody', groupId: 'conformance-nobody' },
  ElectLeaders: { topicPartitions: [], timeoutMs: 1000 },
  AlterPartitionReassignments: { timeoutMs: 1000 },
  ListPartitionReassignments: { topics: [], timeoutMs: 1000 },
  OffsetDelete: { groupId: 'conformance-nobody' },
  CreatePartitions: { timeoutMs: 1000 },
  ExpireDelegationToken: { hmac: new Uint8Array(8) },
  RenewDelegationToken: { hmac: new Uint8Array(8) },
  UnregisterBroker: { brokerId: NO_SUCH_NODE },
  AddRaftVoter: { clusterId: cluster, voterId: NO_SUCH_NODE },
  RemoveRaftVoter: { clusterId: cluster, voterId: NO_SUCH_NODE },
  UpdateFeatures: { timeoutMs: 1000, validateOnly: true },
  DescribeTopicPartitions: { responsePartitionLimit: 1 },
  DescribeAcls: { resourceTypeFilter: 1, patternTypeFilter: 1, operation: 1, permissionType: 1 },
  ConsumerGroupHeartbeat: { groupId: 'conformance-nobody', memberId: 'nobody', memberEpoch: 5 },
  ShareGroupHeartbeat: { groupId: 'conformance-nobody', memberId: 'nobody', memberEpoch: 5 },
  StreamsGroupHeartbeat: { groupId: 'conformance-nobody', memberId: 'nobody', memberEpoch: 5 },
  UnregisterController: { controllerId: NO_SUCH_NODE },
}

/** A request of an API that is valid at every version and harmless. */
export function minimalRequest(api: AnyApi): object {
  return Object.assign(api.request.schema.zero() as object, minimalRequests[api.name])
}
