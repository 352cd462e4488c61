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
  /** Leader epoch the client believes in; -1 skips the check. */
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

/**
 * Reads records from partitions; sent by consumers and follower replicas. Version 4 brings
 * read_committed (KIP-98), 7 incremental fetch sessions (KIP-227), 9 leader epoch fencing
 * (KIP-320), 11 fetching from a nearby replica (KIP-392), 13 topic ids (KIP-516), 15 the follower's
 * broker epoch (KIP-903), 17 and 18 fields of KRaft replicas (KIP-853, KIP-1166).
 */
export const FetchRequest = message({
  name: 'FetchRequest',
  apiKey: 1,
  versions: '0-18',
  flexible: '12+',
  shape: {
    clusterId: field('12+', nullable(string), { tag: 0, default: null, ignorable: true }),
    /** -1 for consumers; a broker id for followers. */
    replicaId: field('0-14', int32, { default: -1 }),
    replicaState: field('15+', ReplicaState, { tag: 1 }),
    maxWaitMs: field('0+', int32),
    /** The broker waits up to maxWaitMs for this many bytes. */
    minBytes: field('0+', int32),
    /**
     * A soft limit: the first batch of the first partition is returned whole even when it is larger
     * (KIP-74).
     */
    maxBytes: field('3+', int32, { default: 2147483647, ignorable: true }),
    /** 0 read_uncommitted, 1 read_committed. */
    isolationLevel: field('4+', int8, { default: 0, ignorable: true }),
    sessionId: field('7+', int32, { default: 0, ignorable: true }),
    /** 0 opens a session, -1 is a fetch without one, any other number continues `sessionId`. */
    sessionEpoch: field('7+', int32, { default: -1, ignorable: true }),
    topics: field('0+', array(FetchTopic)),
    /** Partitions to drop from the session. */
    forgottenTopicsData: field('7+', array(ForgottenTopic)),
    rackId: field('11+', string, { default: '', ignorable: true }),
  },
})
export interface FetchRequest extends Infer<typeof FetchRequest> {}
/** What {@link FetchRequest} takes for encoding: fields with a default may be left out. */
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
  /** Below it every transaction is decided; read_committed consumers read up to here. */
  lastStableOffset: field('4+', int64, { default: -1n, ignorable: true }),
  logStartOffset: field('5+', int64, { default: -1n, ignorable: true }),
  /**
   * Set when the log was truncated: the largest epoch and its end offset that both sides may share
   * (KIP-595).
   */
  divergingEpoch: field('12+', EpochEndOffset, { tag: 0 }),
  /** The new leader, with NOT_LEADER_OR_FOLLOWER or FENCED_LEADER_EPOCH. */
  currentLeader: field('12+', LeaderIdAndEpoch, { tag: 1 }),
  snapshotId: field('12+', SnapshotId, { tag: 2 }),
  /**
   * Transactions whose records a read_committed consumer must drop; null when none were looked up.
   */
  abortedTransactions: field('4+', nullable(array(AbortedTransaction)), { ignorable: true }),
  /** Broker id the consumer should read from instead (KIP-392), or -1. */
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

/**
 * Records per partition. In an incremental session, partitions without news are absent. The bytes
 * of `records` may end in the middle of a batch; batches may begin before the offset asked for.
 */
export const FetchResponse = message({
  name: 'FetchResponse',
  apiKey: 1,
  versions: '0-18',
  flexible: '12+',
  shape: {
    throttleTimeMs: field('1+', int32, { ignorable: true }),
    /** Error of the whole session; partitions have their own. */
    errorCode: field('7+', int16, { ignorable: true }),
    sessionId: field('7+', int32, { default: 0 }),
    responses: field('0+', array(FetchableTopicResponse)),
    nodeEndpoints: field('16+', array(NodeEndpoint), { tag: 0 }),
  },
})
export interface FetchResponse extends Infer<typeof FetchResponse> {}
/** What {@link FetchResponse} takes for encoding: fields with a default may be left out. */
export type FetchResponseInput = InferInput<typeof FetchResponse>

/** API 1: reads records from partitions. */
export const Fetch: Api<typeof FetchRequest, typeof FetchResponse> = api(
  FetchRequest,
  FetchResponse,
)
