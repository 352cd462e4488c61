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

/** Forgets the offsets of topics in a share group (KIP-932). */
export const DeleteShareGroupOffsetsRequest = message({
  name: 'DeleteShareGroupOffsetsRequest',
  apiKey: 92,
  versions: '0',
  flexible: '0+',
  shape: {
    groupId: field('0+', string),
    topics: field('0+', array(struct({ topicName: field('0+', string) }))),
  },
})
export interface DeleteShareGroupOffsetsRequest
  extends Infer<typeof DeleteShareGroupOffsetsRequest> {}
/**
 * What {@link DeleteShareGroupOffsetsRequest} takes for encoding: fields with a default may be left
 * out.
 */
export type DeleteShareGroupOffsetsRequestInput = InferInput<typeof DeleteShareGroupOffsetsRequest>

const DeleteShareGroupOffsetsResponseTopic = struct({
  topicName: field('0+', string),
  topicId: field('0+', uuid),
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string), { default: null }),
})

/** Result per topic. */
export const DeleteShareGroupOffsetsResponse = message({
  name: 'DeleteShareGroupOffsetsResponse',
  apiKey: 92,
  versions: '0',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    errorMessage: field('0+', nullable(string), { default: null }),
    responses: field('0+', array(DeleteShareGroupOffsetsResponseTopic)),
  },
})
export interface DeleteShareGroupOffsetsResponse
  extends Infer<typeof DeleteShareGroupOffsetsResponse> {}
/**
 * What {@link DeleteShareGroupOffsetsResponse} takes for encoding: fields with a default may be
 * left out.
 */
export type DeleteShareGroupOffsetsResponseInput = InferInput<
  typeof DeleteShareGroupOffsetsResponse
>

/** API 92: forgets the offsets of topics in a share group (KIP-932). */
export const DeleteShareGroupOffsets: Api<
  typeof DeleteShareGroupOffsetsRequest,
  typeof DeleteShareGroupOffsetsResponse
> = api(DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse)
