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
  string,
  struct,
} from '../schema/index.js'

const OffsetForLeaderPartition = struct({
  partition: field('0+', int32),
  currentLeaderEpoch: field('2+', int32, { default: -1, ignorable: true }),
  leaderEpoch: field('0+', int32),
})

const OffsetForLeaderTopic = struct({
  topic: field('0+', string),
  partitions: field('0+', array(OffsetForLeaderPartition)),
})

/**
 * Asks where a leader epoch ended, to find how far a log was truncated (KIP-101, KIP-320); sent by
 * followers and by consumers that validate their position.
 */
export const OffsetForLeaderEpochRequest = message({
  name: 'OffsetForLeaderEpochRequest',
  apiKey: 23,
  versions: '0-4',
  flexible: '4+',
  shape: {
    /** -2 by default, -1 for consumers. */
    replicaId: field('3+', int32, { default: -2, ignorable: true }),
    topics: field('0+', array(OffsetForLeaderTopic)),
  },
})
export interface OffsetForLeaderEpochRequest extends Infer<typeof OffsetForLeaderEpochRequest> {}
/**
 * What {@link OffsetForLeaderEpochRequest} takes for encoding: fields with a default may be left
 * out.
 */
export type OffsetForLeaderEpochRequestInput = InferInput<typeof OffsetForLeaderEpochRequest>

const EpochEndOffset = struct({
  errorCode: field('0+', int16),
  partition: field('0+', int32),
  leaderEpoch: field('1+', int32, { default: -1, ignorable: true }),
  endOffset: field('0+', int64, { default: -1n }),
})

const OffsetForLeaderTopicResult = struct({
  topic: field('0+', string),
  partitions: field('0+', array(EpochEndOffset)),
})

/** The largest epoch not above the one asked for, and its end offset; -1 if unknown. */
export const OffsetForLeaderEpochResponse = message({
  name: 'OffsetForLeaderEpochResponse',
  apiKey: 23,
  versions: '0-4',
  flexible: '4+',
  shape: {
    throttleTimeMs: field('2+', int32, { ignorable: true }),
    topics: field('0+', array(OffsetForLeaderTopicResult)),
  },
})
export interface OffsetForLeaderEpochResponse extends Infer<typeof OffsetForLeaderEpochResponse> {}
/**
 * What {@link OffsetForLeaderEpochResponse} takes for encoding: fields with a default may be left
 * out.
 */
export type OffsetForLeaderEpochResponseInput = InferInput<typeof OffsetForLeaderEpochResponse>

/**
 * API 23: asks where a leader epoch ended, to find how far a log was truncated (KIP-101, KIP-320).
 */
export const OffsetForLeaderEpoch: Api<
  typeof OffsetForLeaderEpochRequest,
  typeof OffsetForLeaderEpochResponse
> = api(OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse)
