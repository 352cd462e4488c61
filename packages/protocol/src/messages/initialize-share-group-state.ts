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
  stateEpoch: field('0+', int32),
  startOffset: field('0+', int64),
})

const InitializeStateData = struct({
  topicId: field('0+', uuid),
  partitions: field('0+', array(PartitionData)),
})

/**
 * Starts the durable state of share partitions (KIP-932); sent by the group coordinator to the
 * share coordinator.
 */
export const InitializeShareGroupStateRequest = message({
  name: 'InitializeShareGroupStateRequest',
  apiKey: 83,
  versions: '0',
  flexible: '0+',
  shape: {
    groupId: field('0+', string),
    topics: field('0+', array(InitializeStateData)),
  },
})
export interface InitializeShareGroupStateRequest
  extends Infer<typeof InitializeShareGroupStateRequest> {}
/**
 * What {@link InitializeShareGroupStateRequest} takes for encoding: fields with a default may be
 * left out.
 */
export type InitializeShareGroupStateRequestInput = InferInput<
  typeof InitializeShareGroupStateRequest
>

const PartitionResult = struct({
  partition: field('0+', int32),
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string), { default: null }),
})

const InitializeStateResult = struct({
  topicId: field('0+', uuid),
  partitions: field('0+', array(PartitionResult)),
})

/** Result per partition. */
export const InitializeShareGroupStateResponse = message({
  name: 'InitializeShareGroupStateResponse',
  apiKey: 83,
  versions: '0',
  flexible: '0+',
  shape: {
    results: field('0+', array(InitializeStateResult)),
  },
})
export interface InitializeShareGroupStateResponse
  extends Infer<typeof InitializeShareGroupStateResponse> {}
/**
 * What {@link InitializeShareGroupStateResponse} takes for encoding: fields with a default may be
 * left out.
 */
export type InitializeShareGroupStateResponseInput = InferInput<
  typeof InitializeShareGroupStateResponse
>

/** API 83: starts the durable state of share partitions (KIP-932). */
export const InitializeShareGroupState: Api<
  typeof InitializeShareGroupStateRequest,
  typeof InitializeShareGroupStateResponse
> = api(InitializeShareGroupStateRequest, InitializeShareGroupStateResponse)
