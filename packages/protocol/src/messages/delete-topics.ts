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

const DeleteTopicState = struct({
  name: field('0+', nullable(string), { default: null }),
  topicId: field('0+', uuid),
})

/** Deletes topics by name or, from version 6 on, by id (KIP-516). */
export const DeleteTopicsRequest = message({
  name: 'DeleteTopicsRequest',
  apiKey: 20,
  versions: '0-6',
  flexible: '4+',
  shape: {
    topics: field('6+', array(DeleteTopicState)),
    topicNames: field('0-5', array(string), { ignorable: true }),
    timeoutMs: field('0+', int32),
  },
})
export interface DeleteTopicsRequest extends Infer<typeof DeleteTopicsRequest> {}
/** What {@link DeleteTopicsRequest} takes for encoding: fields with a default may be left out. */
export type DeleteTopicsRequestInput = InferInput<typeof DeleteTopicsRequest>

const DeletableTopicResult = struct({
  name: field('0+', nullable(string, '6+')),
  topicId: field('6+', uuid, { ignorable: true }),
  errorCode: field('0+', int16),
  errorMessage: field('5+', nullable(string), { default: null, ignorable: true }),
})

/** Result per topic. */
export const DeleteTopicsResponse = message({
  name: 'DeleteTopicsResponse',
  apiKey: 20,
  versions: '0-6',
  flexible: '4+',
  shape: {
    throttleTimeMs: field('1+', int32, { ignorable: true }),
    responses: field('0+', array(DeletableTopicResult)),
  },
})
export interface DeleteTopicsResponse extends Infer<typeof DeleteTopicsResponse> {}
/** What {@link DeleteTopicsResponse} takes for encoding: fields with a default may be left out. */
export type DeleteTopicsResponseInput = InferInput<typeof DeleteTopicsResponse>

/** API 20: deletes topics by name or, from version 6 on, by id (KIP-516). */
export const DeleteTopics: Api<typeof DeleteTopicsRequest, typeof DeleteTopicsResponse> = api(
  DeleteTopicsRequest,
  DeleteTopicsResponse,
)
