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

const PartitionData = struct({
  partition: field('0+', int32),
  leaderEpoch: field('0+', int32),
})

const ReadStateSummaryData = struct({
  topicId: field('0+', uuid),
  partitions: field('0+', array(PartitionData)),
})

/** Reads the start offsets of share partitions without their records (KIP-932). */
export const ReadShareGroupStateSummaryRequest = message({
  name: 'ReadShareGroupStateSummaryRequest',
  apiKey: 87,
  versions: '0-1',
  flexible: '0+',
  shape: {
    groupId: field('0+', string),
    topics: field('0+', array(ReadStateSummaryData)),
  },
})
export interface ReadShareGroupStateSummaryRequest
  extends Infer<typeof ReadShareGroupStateSummaryRequest> {}
/**
 * What {@link ReadShareGroupStateSummaryRequest} takes for encoding: fields with a default may be
 * left out.
 */
export type ReadShareGroupStateSummaryRequestInput = InferInput<
  typeof ReadShareGroupStateSummaryRequest
>

const PartitionResult = struct({
  partition: field('0+', int32),
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string), { default: null }),
  stateEpoch: field('0+', int32),
  leaderEpoch: field('0+', int32),
  startOffset: field('0+', int64),
  deliveryCompleteCount: field('1+', int32, { default: -1, ignorable: true }),
})

const ReadStateSummaryResult = struct({
  topicId: field('0+', uuid),
  partitions: field('0+', array(PartitionResult)),
})

/** Epochs and start offset per partition. */
export const ReadShareGroupStateSummaryResponse = message({
  name: 'ReadShareGroupStateSummaryResponse',
  apiKey: 87,
  versions: '0-1',
  flexible: '0+',
  shape: {
    results: field('0+', array(ReadStateSummaryResult)),
  },
})
export interface ReadShareGroupStateSummaryResponse
  extends Infer<typeof ReadShareGroupStateSummaryResponse> {}
/**
 * What {@link ReadShareGroupStateSummaryResponse} takes for encoding: fields with a default may be
 * left out.
 */
export type ReadShareGroupStateSummaryResponseInput = InferInput<
  typeof ReadShareGroupStateSummaryResponse
>

/** API 87: reads the start offsets of share partitions without their records (KIP-932). */
export const ReadShareGroupStateSummary: Api<
  typeof ReadShareGroupStateSummaryRequest,
  typeof ReadShareGroupStateSummaryResponse
> = api(ReadShareGroupStateSummaryRequest, ReadShareGroupStateSummaryResponse)
