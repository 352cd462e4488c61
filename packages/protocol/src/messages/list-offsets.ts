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
  string,
  struct,
} from '../schema/index.js'

const ListOffsetsPartition = struct({
  partitionIndex: field('0+', int32),
  currentLeaderEpoch: field('4+', int32, { default: -1, ignorable: true }),
  timestamp: field('0+', int64),
  maxNumOffsets: field('0', int32, { default: 1 }),
})

const ListOffsetsTopic = struct({
  name: field('0+', string),
  partitions: field('0+', array(ListOffsetsPartition)),
})

/**
 * Looks up offsets by timestamp; sent by consumers and admin tools to the partition's leader.
 * Special timestamps: -1 latest, -2 earliest, -3 of the largest timestamp (version 7, KIP-734), -4
 * earliest local (8, KIP-405), -5 latest tiered (9, KIP-1005), -6 earliest pending upload (11,
 * KIP-1023).
 */
export const ListOffsetsRequest = message({
  name: 'ListOffsetsRequest',
  apiKey: 2,
  versions: '0-11',
  flexible: '6+',
  shape: {
    /** -1 for consumers. */
    replicaId: field('0+', int32),
    isolationLevel: field('2+', int8),
    topics: field('0+', array(ListOffsetsTopic)),
    timeoutMs: field('10+', int32, { ignorable: true }),
  },
})
export interface ListOffsetsRequest extends Infer<typeof ListOffsetsRequest> {}
/** What {@link ListOffsetsRequest} takes for encoding: fields with a default may be left out. */
export type ListOffsetsRequestInput = InferInput<typeof ListOffsetsRequest>

const ListOffsetsPartitionResponse = struct({
  partitionIndex: field('0+', int32),
  errorCode: field('0+', int16),
  oldStyleOffsets: field('0', array(int64)),
  timestamp: field('1+', int64, { default: -1n }),
  offset: field('1+', int64, { default: -1n }),
  leaderEpoch: field('4+', int32, { default: -1 }),
})

const ListOffsetsTopicResponse = struct({
  name: field('0+', string),
  partitions: field('0+', array(ListOffsetsPartitionResponse)),
})

/**
 * One offset and timestamp per partition; offset -1 when no record is that late. Version 0 answered
 * a list of segment base offsets.
 */
export const ListOffsetsResponse = message({
  name: 'ListOffsetsResponse',
  apiKey: 2,
  versions: '0-11',
  flexible: '6+',
  shape: {
    throttleTimeMs: field('2+', int32, { ignorable: true }),
    topics: field('0+', array(ListOffsetsTopicResponse)),
  },
})
export interface ListOffsetsResponse extends Infer<typeof ListOffsetsResponse> {}
/** What {@link ListOffsetsResponse} takes for encoding: fields with a default may be left out. */
export type ListOffsetsResponseInput = InferInput<typeof ListOffsetsResponse>

/** API 2: looks up offsets by timestamp. */
export const ListOffsets: Api<typeof ListOffsetsRequest, typeof ListOffsetsResponse> = api(
  ListOffsetsRequest,
  ListOffsetsResponse,
)
