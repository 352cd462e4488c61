import {
  type Api,
  api,
  array,
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  message,
  nullable,
  string,
  struct,
  uuid,
} from '../schema/index.js'

const DeleteStateData = struct({
  topicId: field('0+', uuid),
  partitions: field('0+', array(struct({ partition: field('0+', int32) }))),
})

/** Deletes the durable state of share partitions (KIP-932). */
export const DeleteShareGroupStateRequest = message({
  name: 'DeleteShareGroupStateRequest',
  apiKey: 86,
  versions: '0',
  flexible: '0+',
  shape: {
    groupId: field('0+', string),
    topics: field('0+', array(DeleteStateData)),
  },
})
export interface DeleteShareGroupStateRequest extends Infer<typeof DeleteShareGroupStateRequest> {}
/**
 * What {@link DeleteShareGroupStateRequest} takes for encoding: fields with a default may be left
 * out.
 */
export type DeleteShareGroupStateRequestInput = InferInput<typeof DeleteShareGroupStateRequest>

const PartitionResult = struct({
  partition: field('0+', int32),
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string), { default: null }),
})

const DeleteStateResult = struct({
  topicId: field('0+', uuid),
  partitions: field('0+', array(PartitionResult)),
})

/** Result per partition. */
export const DeleteShareGroupStateResponse = message({
  name: 'DeleteShareGroupStateResponse',
  apiKey: 86,
  versions: '0',
  flexible: '0+',
  shape: {
    results: field('0+', array(DeleteStateResult)),
  },
})
export interface DeleteShareGroupStateResponse
  extends Infer<typeof DeleteShareGroupStateResponse> {}
/**
 * What {@link DeleteShareGroupStateResponse} takes for encoding: fields with a default may be left
 * out.
 */
export type DeleteShareGroupStateResponseInput = InferInput<typeof DeleteShareGroupStateResponse>

/** API 86: deletes the durable state of share partitions (KIP-932). */
export const DeleteShareGroupState: Api<
  typeof DeleteShareGroupStateRequest,
  typeof DeleteShareGroupStateResponse
> = api(DeleteShareGroupStateRequest, DeleteShareGroupStateResponse)
