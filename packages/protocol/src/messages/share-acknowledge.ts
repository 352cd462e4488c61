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

const AcknowledgePartition = struct({
  partitionIndex: field('0+', int32),
  acknowledgementBatches: field('0+', array(AcknowledgementBatch)),
})

const AcknowledgeTopic = struct({
  topicId: field('0+', uuid),
  partitions: field('0+', array(AcknowledgePartition)),
})

/** Acknowledges acquired records of a share group without fetching more (KIP-932). */
export const ShareAcknowledgeRequest = message({
  name: 'ShareAcknowledgeRequest',
  apiKey: 79,
  versions: '1-2',
  flexible: '0+',
  shape: {
    groupId: field('0+', nullable(string), { default: null }),
    memberId: field('0+', nullable(string)),
    /** Share session of the ShareFetch requests; -1 closes it. */
    shareSessionEpoch: field('0+', int32),
    isRenewAck: field('2+', bool, { default: false }),
    topics: field('0+', array(AcknowledgeTopic)),
  },
})
export interface ShareAcknowledgeRequest extends Infer<typeof ShareAcknowledgeRequest> {}
/**
 * What {@link ShareAcknowledgeRequest} takes for encoding: fields with a default may be left out.
 */
export type ShareAcknowledgeRequestInput = InferInput<typeof ShareAcknowledgeRequest>

const LeaderIdAndEpoch = struct({
  leaderId: field('0+', int32),
  leaderEpoch: field('0+', int32),
})

const PartitionData = struct({
  partitionIndex: field('0+', int32),
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string), { default: null }),
  currentLeader: field('0+', LeaderIdAndEpoch),
})

const ShareAcknowledgeTopicResponse = struct({
  topicId: field('0+', uuid),
  partitions: field('0+', array(PartitionData)),
})

const NodeEndpoint = struct({
  nodeId: field('0+', int32),
  host: field('0+', string),
  port: field('0+', int32),
  rack: field('0+', nullable(string), { default: null }),
})

/** Result per partition. */
export const ShareAcknowledgeResponse = message({
  name: 'ShareAcknowledgeResponse',
  apiKey: 79,
  versions: '1-2',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    errorMessage: field('0+', nullable(string), { default: null }),
    acquisitionLockTimeoutMs: field('2+', int32, { ignorable: true }),
    responses: field('0+', array(ShareAcknowledgeTopicResponse)),
    nodeEndpoints: field('0+', array(NodeEndpoint)),
  },
})
export interface ShareAcknowledgeResponse extends Infer<typeof ShareAcknowledgeResponse> {}
/**
 * What {@link ShareAcknowledgeResponse} takes for encoding: fields with a default may be left out.
 */
export type ShareAcknowledgeResponseInput = InferInput<typeof ShareAcknowledgeResponse>

/** API 79: acknowledges acquired records of a share group without fetching more (KIP-932). */
export const ShareAcknowledge: Api<
  typeof ShareAcknowledgeRequest,
  typeof ShareAcknowledgeResponse
> = api(ShareAcknowledgeRequest, ShareAcknowledgeResponse)
