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

export const OffsetForLeaderEpochRequest = message({
  name: 'OffsetForLeaderEpochRequest',
  apiKey: 23,
  versions: '0-4',
  flexible: '4+',
  shape: {
    replicaId: field('3+', int32, { default: -2, ignorable: true }),
    topics: field('0+', array(OffsetForLeaderTopic)),
  },
})
export interface OffsetForLeaderEpochRequest extends Infer<typeof OffsetForLeaderEpochRequest> {}
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
export type OffsetForLeaderEpochResponseInput = InferInput<typeof OffsetForLeaderEpochResponse>

export const OffsetForLeaderEpoch: Api<
  typeof OffsetForLeaderEpochRequest,
  typeof OffsetForLeaderEpochResponse
> = api(OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse)
