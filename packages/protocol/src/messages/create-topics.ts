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
  /** -1 with assignments, or for the broker's default. */
  numPartitions: field('0+', int32),
  replicationFactor: field('0+', int16),
  /** Replicas by hand, the preferred leader first; empty lets the controller place them. */
  assignments: field('0+', array(CreatableReplicaAssignment)),
  configs: field('0+', array(CreatableTopicConfig)),
})

/**
 * Creates topics; an admin request that brokers forward to the controller. Version 4 takes -1 for
 * the cluster's default counts (KIP-464), 5 returns the resulting configs (KIP-525), 7 topic ids
 * (KIP-516).
 */
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
/** What {@link CreateTopicsRequest} takes for encoding: fields with a default may be left out. */
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
  /** Null when the caller may not see them (topicConfigErrorCode says why). */
  configs: field('5+', nullable(array(CreatableTopicConfigs)), { ignorable: true }),
})

/** Result per topic. */
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
/** What {@link CreateTopicsResponse} takes for encoding: fields with a default may be left out. */
export type CreateTopicsResponseInput = InferInput<typeof CreateTopicsResponse>

/** API 19: creates topics. */
export const CreateTopics: Api<typeof CreateTopicsRequest, typeof CreateTopicsResponse> = api(
  CreateTopicsRequest,
  CreateTopicsResponse,
)
