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

const OffsetCommitRequestPartition = struct({
  partitionIndex: field('0+', int32),
  /** The next offset to read, not the last one read. */
  committedOffset: field('0+', int64),
  committedLeaderEpoch: field('6+', int32, { default: -1, ignorable: true }),
  commitTimestamp: field('1', int64, { default: -1n }),
  committedMetadata: field('0+', nullable(string)),
})

const OffsetCommitRequestTopic = struct({
  name: field('0-9', string, { ignorable: true }),
  topicId: field('10+', uuid, { ignorable: true }),
  partitions: field('0+', array(OffsetCommitRequestPartition)),
})

/**
 * Stores consumed positions of a group; sent by consumers to the group's coordinator. Version 2-4
 * carried a retention time; 6 adds the leader epoch (KIP-320), 7 static members (KIP-345), 9 is for
 * members of the new protocol (KIP-848), 10 names topics by id.
 */
export const OffsetCommitRequest = message({
  name: 'OffsetCommitRequest',
  apiKey: 8,
  versions: '0-10',
  flexible: '8+',
  shape: {
    groupId: field('0+', string),
    /**
     * Generation of a classic group, member epoch of a consumer group; -1 for a consumer without a
     * group.
     */
    generationIdOrMemberEpoch: field('1+', int32, { default: -1, ignorable: true }),
    memberId: field('1+', string, { ignorable: true }),
    groupInstanceId: field('7+', nullable(string), { default: null }),
    retentionTimeMs: field('2-4', int64, { default: -1n, ignorable: true }),
    topics: field('0+', array(OffsetCommitRequestTopic)),
  },
})
export interface OffsetCommitRequest extends Infer<typeof OffsetCommitRequest> {}
/** What {@link OffsetCommitRequest} takes for encoding: fields with a default may be left out. */
export type OffsetCommitRequestInput = InferInput<typeof OffsetCommitRequest>

const OffsetCommitResponsePartition = struct({
  partitionIndex: field('0+', int32),
  errorCode: field('0+', int16),
})

const OffsetCommitResponseTopic = struct({
  name: field('0-9', string, { ignorable: true }),
  topicId: field('10+', uuid, { ignorable: true }),
  partitions: field('0+', array(OffsetCommitResponsePartition)),
})

/** Says per partition whether the position was stored. */
export const OffsetCommitResponse = message({
  name: 'OffsetCommitResponse',
  apiKey: 8,
  versions: '0-10',
  flexible: '8+',
  shape: {
    throttleTimeMs: field('3+', int32, { ignorable: true }),
    topics: field('0+', array(OffsetCommitResponseTopic)),
  },
})
export interface OffsetCommitResponse extends Infer<typeof OffsetCommitResponse> {}
/** What {@link OffsetCommitResponse} takes for encoding: fields with a default may be left out. */
export type OffsetCommitResponseInput = InferInput<typeof OffsetCommitResponse>

/** API 8: stores consumed positions of a group. */
export const OffsetCommit: Api<typeof OffsetCommitRequest, typeof OffsetCommitResponse> = api(
  OffsetCommitRequest,
  OffsetCommitResponse,
)
