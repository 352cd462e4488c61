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

const StateBatch = struct({
  firstOffset: field('0+', int64),
  lastOffset: field('0+', int64),
  /** 0 available, 2 acknowledged, 4 archived. */
  deliveryState: field('0+', int8),
  deliveryCount: field('0+', int16),
})

const PartitionData = struct({
  partition: field('0+', int32),
  stateEpoch: field('0+', int32),
  leaderEpoch: field('0+', int32),
  startOffset: field('0+', int64),
  deliveryCompleteCount: field('1+', int32, { default: -1, ignorable: true }),
  stateBatches: field('0+', array(StateBatch)),
})

const WriteStateData = struct({
  topicId: field('0+', uuid),
  partitions: field('0+', array(PartitionData)),
})

/**
 * Writes the delivery state of share partitions (KIP-932); sent by partition leaders to the share
 * coordinator.
 */
export const WriteShareGroupStateRequest = message({
  name: 'WriteShareGroupStateRequest',
  apiKey: 85,
  versions: '0-1',
  flexible: '0+',
  shape: {
    groupId: field('0+', string),
    topics: field('0+', array(WriteStateData)),
  },
})
export interface WriteShareGroupStateRequest extends Infer<typeof WriteShareGroupStateRequest> {}
/**
 * What {@link WriteShareGroupStateRequest} takes for encoding: fields with a default may be left
 * out.
 */
export type WriteShareGroupStateRequestInput = InferInput<typeof WriteShareGroupStateRequest>

const PartitionResult = struct({
  partition: field('0+', int32),
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string), { default: null }),
})

const WriteStateResult = struct({
  topicId: field('0+', uuid),
  partitions: field('0+', array(PartitionResult)),
})

/** Result per partition. */
export const WriteShareGroupStateResponse = message({
  name: 'WriteShareGroupStateResponse',
  apiKey: 85,
  versions: '0-1',
  flexible: '0+',
  shape: {
    results: field('0+', array(WriteStateResult)),
  },
})
export interface WriteShareGroupStateResponse extends Infer<typeof WriteShareGroupStateResponse> {}
/**
 * What {@link WriteShareGroupStateResponse} takes for encoding: fields with a default may be left
 * out.
 */
export type WriteShareGroupStateResponseInput = InferInput<typeof WriteShareGroupStateResponse>

/** API 85: writes the delivery state of share partitions (KIP-932). */
export const WriteShareGroupState: Api<
  typeof WriteShareGroupStateRequest,
  typeof WriteShareGroupStateResponse
> = api(WriteShareGroupStateRequest, WriteShareGroupStateResponse)
