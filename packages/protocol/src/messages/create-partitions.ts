import {
  type Api,
  api,
  array,
  bool,
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  message,
  nullable,
  string,
  struct,
} from '../schema/index.js'

const CreatePartitionsTopic = struct({
  name: field('0+', string),
  /** The new total, not how many to add. */
  count: field('0+', int32),
  assignments: field('0+', nullable(array(struct({ brokerIds: field('0+', array(int32)) })))),
})

/** Raises the number of partitions of topics (KIP-195). */
export const CreatePartitionsRequest = message({
  name: 'CreatePartitionsRequest',
  apiKey: 37,
  versions: '0-3',
  flexible: '2+',
  shape: {
    topics: field('0+', array(CreatePartitionsTopic)),
    timeoutMs: field('0+', int32),
    validateOnly: field('0+', bool),
  },
})
export interface CreatePartitionsRequest extends Infer<typeof CreatePartitionsRequest> {}
/**
 * What {@link CreatePartitionsRequest} takes for encoding: fields with a default may be left out.
 */
export type CreatePartitionsRequestInput = InferInput<typeof CreatePartitionsRequest>

const CreatePartitionsTopicResult = struct({
  name: field('0+', string),
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string), { default: null }),
})

/** Result per topic. */
export const CreatePartitionsResponse = message({
  name: 'CreatePartitionsResponse',
  apiKey: 37,
  versions: '0-3',
  flexible: '2+',
  shape: {
    throttleTimeMs: field('0+', int32),
    results: field('0+', array(CreatePartitionsTopicResult)),
  },
})
export interface CreatePartitionsResponse extends Infer<typeof CreatePartitionsResponse> {}
/**
 * What {@link CreatePartitionsResponse} takes for encoding: fields with a default may be left out.
 */
export type CreatePartitionsResponseInput = InferInput<typeof CreatePartitionsResponse>

/** API 37: raises the number of partitions of topics (KIP-195). */
export const CreatePartitions: Api<
  typeof CreatePartitionsRequest,
  typeof CreatePartitionsResponse
> = api(CreatePartitionsRequest, CreatePartitionsResponse)
