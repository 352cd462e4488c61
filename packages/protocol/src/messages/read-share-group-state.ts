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
  string,
  struct,
  uuid,
} from '../schema/index.js'

const PartitionData = struct({
  partition: field('0+', int32),
  leaderEpoch: field('0+', int32),
})

const ReadStateData = struct({
  topicId: field('0+', uuid),
  partitions: field('0+', array(PartitionData)),
})

/**
 * Reads the durable state of share partitions (KIP-932); sent by partition leaders to the share
 * coordinator.
 */
export const ReadShareGroupStateRequest = message({
  name: 'ReadShareGroupStateRequest',
  apiKey: 84,
  versions: '0',
  flexible: '0+',
  shape: {
    groupId: field('0+', string),
    topics: field('0+', array(ReadStateData)),
  },
})
export interface ReadShareGroupStateRequest extends Infer<typeof ReadShareGroupStateRequest> {}
/**
 * What {@link ReadShareGroupStateRequest} takes for encoding: fields with a default may be left
 * out.
 */
export type ReadShareGroupStateRequestInput = InferInput<typeof ReadShareGroupStateRequest>

const StateBatch = struct({
  firstOffset: field('0+', int64),
  lastOffset: field('0+', int64),
  deliveryState: field('0+', int8),
  deliveryCount: field('0+', int16),
})

const PartitionResult = struct({
  partition: field('0+', int32),
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string), { default: null }),
  stateEpoch: field('0+', int32),
  startOffset: field('0+', int64),
  stateBatches: field('0+', array(StateBatch)),
})

const ReadStateResult = struct({
  topicId: field('0+', uuid),
  partitions: field('0+', array(PartitionResult)),
})

/** Start offset and delivery state of the records in flight. */
export const ReadShareGroupStateResponse = message({
  name: 'ReadShareGroupStateResponse',
  apiKey: 84,
  versions: '0',
  flexible: '0+',
  shape: {
    results: field('0+', array(ReadStateResult)),
  },
})
export interface ReadShareGroupStateResponse extends Infer<typeof ReadShareGroupStateResponse> {}
/**
 * What {@link ReadShareGroupStateResponse} takes for encoding: fields with a default may be left
 * out.
 */
export type ReadShareGroupStateResponseInput = InferInput<typeof ReadShareGroupStateResponse>

/** API 84: reads the durable state of share partitions (KIP-932). */
export const ReadShareGroupState: Api<
  typeof ReadShareGroupStateRequest,
  typeof ReadShareGroupStateResponse
> = api(ReadShareGroupStateRequest, ReadShareGroupStateResponse)
