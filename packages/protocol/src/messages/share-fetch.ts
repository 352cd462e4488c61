import {
  type Api,
  api,
  array,
  bool,
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

const AcknowledgementBatch = struct({
  firstOffset: field('0+', int64),
  lastOffset: field('0+', int64),
  /** Per offset, or one for all: 0 gap, 1 accept, 2 release, 3 reject, 4 renew. */
  acknowledgeTypes: field('0+', array(int8)),
})

const FetchPartition = struct({
  partitionIndex: field('0+', int32),
  acknowledgementBatches: field('0+', array(AcknowledgementBatch)),
})

const FetchTopic = struct({
  topicId: field('0+', uuid),
  partitions: field('0+', array(FetchPartition)),
})

const ForgottenTopic = struct({
  topicId: field('0+', uuid),
  partitions: field('0+', array(int32)),
})

/**
 * Acquires records of a share group for delivery and acknowledges earlier ones (KIP-932); sent to
 * partition leaders within a share session. Version 2 limits acquisition by records and renews
 * locks (KIP-1206, KIP-1222).
 */
export const ShareFetchRequest = message({
  name: 'ShareFetchRequest',
  apiKey: 78,
  versions: '1-2',
  flexible: '0+',
  shape: {
    groupId: field('0+', nullable(string), { default: null }),
    memberId: field('0+', nullable(string)),
    /** 0 opens a session, -1 closes it, otherwise one more than the last. */
    shareSessionEpoch: field('0+', int32),
    maxWaitMs: field('0+', int32),
    minBytes: field('0+', int32),
    maxBytes: field('0+', int32, { default: 2147483647 }),
    maxRecords: field('0+', int32),
    batchSize: field('0+', int32),
    shareAcquireMode: field('2+', int8, { default: 0, ignorable: true }),
    isRenewAck: field('2+', bool, { default: false }),
    topics: field('0+', array(FetchTopic)),
    forgottenTopicsData: field('0+', array(ForgottenTopic)),
  },
})
export interface ShareFetchRequest extends Infer<typeof ShareFetchRequest> {}
/** What {@link ShareFetchRequest} takes for encoding: fields with a default may be left out. */
export type ShareFetchRequestInput = InferInput<typeof ShareFetchRequest>

const LeaderIdAndEpoch = struct({
  leaderId: field('0+', int32),
  leaderEpoch: field('0+', int32),
})

const AcquiredRecords = struct({
  firstOffset: field('0+', int64),
  lastOffset: field('0+', int64),
  deliveryCount: field('0+', int16),
})

const PartitionData = struct({
  partitionIndex: field('0+', int32),
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string), { default: null }),
  acknowledgeErrorCode: field('0+', int16),
  acknowledgeErrorMessage: field('0+', nullable(string), { default: null }),
  currentLeader: field('0+', LeaderIdAndEpoch),
  records: field('0+', nullable(records, '0')),
  acquiredRecords: field('0+', array(AcquiredRecords)),
})

const ShareFetchableTopicResponse = struct({
  topicId: field('0+', uuid),
  partitions: field('0+', array(PartitionData)),
})

const NodeEndpoint = struct({
  nodeId: field('0+', int32),
  host: field('0+', string),
  port: field('0+', int32),
  rack: field('0+', nullable(string), { default: null }),
})

/**
 * Records and the offset ranges that were acquired for this member, under a lock of limited time.
 */
export const ShareFetchResponse = message({
  name: 'ShareFetchResponse',
  apiKey: 78,
  versions: '1-2',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    errorMessage: field('0+', nullable(string), { default: null }),
    acquisitionLockTimeoutMs: field('0+', int32),
    responses: field('0+', array(ShareFetchableTopicResponse)),
    nodeEndpoints: field('0+', array(NodeEndpoint)),
  },
})
export interface ShareFetchResponse extends Infer<typeof ShareFetchResponse> {}
/** What {@link ShareFetchResponse} takes for encoding: fields with a default may be left out. */
export type ShareFetchResponseInput = InferInput<typeof ShareFetchResponse>

/**
 * API 78: acquires records of a share group for delivery and acknowledges earlier ones (KIP-932).
 */
export const ShareFetch: Api<typeof ShareFetchRequest, typeof ShareFetchResponse> = api(
  ShareFetchRequest,
  ShareFetchResponse,
)
