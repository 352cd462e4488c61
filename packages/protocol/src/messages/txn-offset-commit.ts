import {
  type Api,
  api,
  array,
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  int64,
  message,
  nullable,
  string,
  struct,
  uuid,
} from '../schema/index.js'

const TxnOffsetCommitRequestPartition = struct({
  partitionIndex: field('0+', int32),
  committedOffset: field('0+', int64),
  committedLeaderEpoch: field('2+', int32, { default: -1, ignorable: true }),
  committedMetadata: field('0+', nullable(string)),
})

const TxnOffsetCommitRequestTopic = struct({
  name: field('0-5', string, { ignorable: true }),
  topicId: field('6+', uuid, { ignorable: true }),
  partitions: field('0+', array(TxnOffsetCommitRequestPartition)),
})

/**
 * Stores consumed positions that count only if the transaction commits (KIP-98); sent to the
 * group's coordinator. Version 3 fences by member and generation (KIP-447), 5 adds the group to the
 * transaction implicitly (KIP-890), 6 names topics by id (KIP-1319).
 */
export const TxnOffsetCommitRequest = message({
  name: 'TxnOffsetCommitRequest',
  apiKey: 28,
  versions: '0-6',
  flexible: '3+',
  shape: {
    transactionalId: field('0+', string),
    groupId: field('0+', string),
    producerId: field('0+', int64),
    producerEpoch: field('0+', int16),
    generationIdOrMemberEpoch: field('3+', int32, { default: -1 }),
    memberId: field('3+', string, { default: '' }),
    groupInstanceId: field('3+', nullable(string), { default: null }),
    topics: field('0+', array(TxnOffsetCommitRequestTopic)),
  },
})
export interface TxnOffsetCommitRequest extends Infer<typeof TxnOffsetCommitRequest> {}
/**
 * What {@link TxnOffsetCommitRequest} takes for encoding: fields with a default may be left out.
 */
export type TxnOffsetCommitRequestInput = InferInput<typeof TxnOffsetCommitRequest>

const TxnOffsetCommitResponsePartition = struct({
  partitionIndex: field('0+', int32),
  errorCode: field('0+', int16),
})

const TxnOffsetCommitResponseTopic = struct({
  name: field('0-5', string, { ignorable: true }),
  topicId: field('6+', uuid, { ignorable: true }),
  partitions: field('0+', array(TxnOffsetCommitResponsePartition)),
})

/** Result per partition. */
export const TxnOffsetCommitResponse = message({
  name: 'TxnOffsetCommitResponse',
  apiKey: 28,
  versions: '0-6',
  flexible: '3+',
  shape: {
    throttleTimeMs: field('0+', int32),
    topics: field('0+', array(TxnOffsetCommitResponseTopic)),
  },
})
export interface TxnOffsetCommitResponse extends Infer<typeof TxnOffsetCommitResponse> {}
/**
 * What {@link TxnOffsetCommitResponse} takes for encoding: fields with a default may be left out.
 */
export type TxnOffsetCommitResponseInput = InferInput<typeof TxnOffsetCommitResponse>

/** API 28: stores consumed positions that count only if the transaction commits (KIP-98). */
export const TxnOffsetCommit: Api<typeof TxnOffsetCommitRequest, typeof TxnOffsetCommitResponse> =
  api(TxnOffsetCommitRequest, TxnOffsetCommitResponse)
