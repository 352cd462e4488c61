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
export type DeleteShareGroupOffsetsRequestInput = InferInput<typeof DeleteShareGroupOffsetsRequest>

const DeleteShareGroupOffsetsResponseTopic = struct({
  topicName: field('0+', string),
  topicId: field('0+', uuid),
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string), { default: null }),
})

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
export type DeleteShareGroupOffsetsResponseInput = InferInput<
  typeof DeleteShareGroupOffsetsResponse
>

export const DeleteShareGroupOffsets: Api<
  typeof DeleteShareGroupOffsetsRequest,
  typeof DeleteShareGroupOffsetsResponse
> = api(DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse)
