import {
  type Api,
  api,
  array,
  bool,
  field,
  type Infer,
  type InferInput,
  int8,
  int16,
  int32,
  message,
  nullable,
  string,
  struct,
  uuid,
} from '../schema/index.js'

const CreatableReplicaAssignment = struct({
  partitionIndex: field('0+', int32),
  brokerIds: field('0+', array(int32)),
})

const CreatableTopicConfig = struct({
  name: field('0+', string),
  value: field('0+', nullable(string)),
})

const CreatableTopic = struct({
  name: field('0+', string),
  numPartitions: field('0+', int32),
  replicationFactor: field('0+', int16),
  assignments: field('0+', array(CreatableReplicaAssignment)),
  configs: field('0+', array(CreatableTopicConfig)),
})

export const CreateTopicsRequest = message({
  name: 'CreateTopicsRequest',
  apiKey: 19,
  versions: '0-7',
  flexible: '5+',
  shape: {
    topics: field('0+', array(CreatableTopic)),
    timeoutMs: field('0+', int32, { default: 60000 }),
    validateOnly: field('1+', bool, { default: false }),
  },
})
export interface CreateTopicsRequest extends Infer<typeof CreateTopicsRequest> {}
export type CreateTopicsRequestInput = InferInput<typeof CreateTopicsRequest>

const CreatableTopicConfigs = struct({
  name: field('0+', string),
  value: field('0+', nullable(string)),
  readOnly: field('0+', bool),
  configSource: field('0+', int8, { default: -1, ignorable: true }),
  isSensitive: field('0+', bool),
})

const CreatableTopicResult = struct({
  name: field('0+', string),
  topicId: field('7+', uuid, { ignorable: true }),
  errorCode: field('0+', int16),
  errorMessage: field('1+', nullable(string), { ignorable: true }),
  topicConfigErrorCode: field('5+', int16, { tag: 0, ignorable: true }),
  numPartitions: field('5+', int32, { default: -1, ignorable: true }),
  replicationFactor: field('5+', int16, { default: -1, ignorable: true }),
  configs: field('5+', nullable(array(CreatableTopicConfigs)), { ignorable: true }),
})

export const CreateTopicsResponse = message({
  name: 'CreateTopicsResponse',
  apiKey: 19,
  versions: '0-7',
  flexible: '5+',
  shape: {
    throttleTimeMs: field('2+', int32, { ignorable: true }),
    topics: field('0+', array(CreatableTopicResult)),
  },
})
export interface CreateTopicsResponse extends Infer<typeof CreateTopicsResponse> {}
export type CreateTopicsResponseInput = InferInput<typeof CreateTopicsResponse>

export const CreateTopics: Api<typeof CreateTopicsRequest, typeof CreateTopicsResponse> = api(
  CreateTopicsRequest,
  CreateTopicsResponse,
)
