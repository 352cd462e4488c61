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

const TopicPartitions = struct({
  topicId: field('0+', uuid),
  partitions: field('0+', array(int32)),
})

export const ConsumerGroupHeartbeatRequest = message({
  name: 'ConsumerGroupHeartbeatRequest',
  apiKey: 68,
  versions: '0-1',
  flexible: '0+',
  shape: {
    groupId: field('0+', string),
    memberId: field('0+', string),
    memberEpoch: field('0+', int32),
    instanceId: field('0+', nullable(string), { default: null }),
    rackId: field('0+', nullable(string), { default: null }),
    rebalanceTimeoutMs: field('0+', int32, { default: -1 }),
    subscribedTopicNames: field('0+', nullable(array(string)), { default: null }),
    subscribedTopicRegex: field('1+', nullable(string), { default: null }),
    serverAssignor: field('0+', nullable(string), { default: null }),
    topicPartitions: field('0+', nullable(array(TopicPartitions)), { default: null }),
  },
})
export interface ConsumerGroupHeartbeatRequest
  extends Infer<typeof ConsumerGroupHeartbeatRequest> {}
export type ConsumerGroupHeartbeatRequestInput = InferInput<typeof ConsumerGroupHeartbeatRequest>

const Assignment = struct({
  topicPartitions: field('0+', array(TopicPartitions)),
})

export const ConsumerGroupHeartbeatResponse = message({
  name: 'ConsumerGroupHeartbeatResponse',
  apiKey: 68,
  versions: '0-1',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    errorMessage: field('0+', nullable(string), { default: null }),
    memberId: field('0+', nullable(string), { default: null }),
    memberEpoch: field('0+', int32),
    heartbeatIntervalMs: field('0+', int32),
    assignment: field('0+', nullable(Assignment), { default: null }),
  },
})
export interface ConsumerGroupHeartbeatResponse
  extends Infer<typeof ConsumerGroupHeartbeatResponse> {}
export type ConsumerGroupHeartbeatResponseInput = InferInput<typeof ConsumerGroupHeartbeatResponse>

export const ConsumerGroupHeartbeat: Api<
  typeof ConsumerGroupHeartbeatRequest,
  typeof ConsumerGroupHeartbeatResponse
> = api(ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse)
