import {
  type Api,
  api,
  array,
  field,
  type Infer,
  type InferInput,
  int8,
  int16,
  int32,
  int64,
  message,
  nullable,
  records,
  string,
  struct,
  uuid,
} from '../schema/index.js'

const ReplicaState = struct({
  replicaId: field('0+', int32, { default: -1 }),
  replicaEpoch: field('0+', int64, { default: -1n }),
})

const FetchPartition = struct({
  partition: field('0+', int32),
  currentLeaderEpoch: field('9+', int32, { default: -1, ignorable: true }),
  fetchOffset: field('0+', int64),
  lastFetchedEpoch: field('12+', int32, { default: -1 }),
  logStartOffset: field('5+', int64, { default: -1n, ignorable: true }),
  partitionMaxBytes: field('0+', int32),
  replicaDirectoryId: field('17+', uuid, { tag: 0, ignorable: true }),
  highWatermark: field('18+', int64, { tag: 1, default: 9223372036854775807n, ignorable: true }),
})

const FetchTopic = struct({
  topic: field('0-12', string, { ignorable: true }),
  topicId: field('13+', uuid, { ignorable: true }),
  partitions: field('0+', array(FetchPartition)),
})

const ForgottenTopic = struct({
  topic: field('7-12', string, { ignorable: true }),
  topicId: field('13+', uuid, { ignorable: true }),
  partitions: field('0+', array(int32)),
})

export const FetchRequest = message({
  name: 'FetchRequest',
  apiKey: 1,
  versions: '0-18',
  flexible: '12+',
  shape: {
    clusterId: field('12+', nullable(string), { tag: 0, default: null, ignorable: true }),
    replicaId: field('0-14', int32, { default: -1 }),
    replicaState: field('15+', ReplicaState, { tag: 1 }),
    maxWaitMs: field('0+', int32),
    minBytes: field('0+', int32),
    maxBytes: field('3+', int32, { default: 2147483647, ignorable: true }),
    isolationLevel: field('4+', int8, { default: 0, ignorable: true }),
    sessionId: field('7+', int32, { default: 0, ignorable: true }),
    sessionEpoch: field('7+', int32, { default: -1, ignorable: true }),
    topics: field('0+', array(FetchTopic)),
    forgottenTopicsData: field('7+', array(ForgottenTopic)),
    rackId: field('11+', string, { default: '', ignorable: true }),
  },
})
export interface FetchRequest extends Infer<typeof FetchRequest> {}
export type FetchRequestInput = InferInput<typeof FetchRequest>

const EpochEndOffset = struct({
  epoch: field('0+', int32, { default: -1 }),
  endOffset: field('0+', int64, { default: -1n }),
})

const LeaderIdAndEpoch = struct({
  leaderId: field('0+', int32, { default: -1 }),
  leaderEpoch: field('0+', int32, { default: -1 }),
})

const SnapshotId = struct({
  endOffset: field('0+', int64, { default: -1n }),
  epoch: field('0+', int32, { default: -1 }),
})

const AbortedTransaction = struct({
  producerId: field('0+', int64),
  firstOffset: field('0+', int64),
})

const PartitionData = struct({
  partitionIndex: field('0+', int32),
  errorCode: field('0+', int16),
  highWatermark: field('0+', int64),
  lastStableOffset: field('4+', int64, { default: -1n, ignorable: true }),
  logStartOffset: field('5+', int64, { default: -1n, ignorable: true }),
  divergingEpoch: field('12+', EpochEndOffset, { tag: 0 }),
  currentLeader: field('12+', LeaderIdAndEpoch, { tag: 1 }),
  snapshotId: field('12+', SnapshotId, { tag: 2 }),
  abortedTransactions: field('4+', nullable(array(AbortedTransaction)), { ignorable: true }),
  preferredReadReplica: field('11+', int32, { default: -1 }),
  records: field('0+', nullable(records)),
})

const FetchableTopicResponse = struct({
  topic: field('0-12', string, { ignorable: true }),
  topicId: field('13+', uuid, { ignorable: true }),
  partitions: field('0+', array(PartitionData)),
})

const NodeEndpoint = struct({
  nodeId: field('0+', int32),
  host: field('0+', string),
  port: field('0+', int32),
  rack: field('0+', nullable(string), { default: null }),
})

export const FetchResponse = message({
  name: 'FetchResponse',
  apiKey: 1,
  versions: '0-18',
  flexible: '12+',
  shape: {
    throttleTimeMs: field('1+', int32, { ignorable: true }),
    errorCode: field('7+', int16, { ignorable: true }),
    sessionId: field('7+', int32, { default: 0 }),
    responses: field('0+', array(FetchableTopicResponse)),
    nodeEndpoints: field('16+', array(NodeEndpoint), { tag: 0 }),
  },
})
export interface FetchResponse extends Infer<typeof FetchResponse> {}
export type FetchResponseInput = InferInput<typeof FetchResponse>

export const Fetch: Api<typeof FetchRequest, typeof FetchResponse> = api(
  FetchRequest,
  FetchResponse,
)
