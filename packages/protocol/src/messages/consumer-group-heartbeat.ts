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

/**
 * The one request of the new consumer protocol (KIP-848): joins, reports what is owned, keeps alive
 * and leaves. Fields unchanged since the last heartbeat are null or -1.
 */
export const ConsumerGroupHeartbeatRequest = message({
  name: 'ConsumerGroupHeartbeatRequest',
  apiKey: 68,
  versions: '0-1',
  flexible: '0+',
  shape: {
    groupId: field('0+', string),
    /** From version 1 on a uuid chosen by the client for its whole life (KIP-1082). */
    memberId: field('0+', string),
    /**
     * 0 to join, -1 to leave, -2 to leave for a while as a static member; otherwise the epoch last
     * received.
     */
    memberEpoch: field('0+', int32),
    instanceId: field('0+', nullable(string), { default: null }),
    rackId: field('0+', nullable(string), { default: null }),
    rebalanceTimeoutMs: field('0+', int32, { default: -1 }),
    subscribedTopicNames: field('0+', nullable(array(string)), { default: null }),
    /** A RE2 expression that the broker evaluates. */
    subscribedTopicRegex: field('1+', nullable(string), { default: null }),
    serverAssignor: field('0+', nullable(string), { default: null }),
    /** Partitions owned now: sending them acknowledges that revoked ones were given up. */
    topicPartitions: field('0+', nullable(array(TopicPartitions)), { default: null }),
  },
})
export interface ConsumerGroupHeartbeatRequest
  extends Infer<typeof ConsumerGroupHeartbeatRequest> {}
/**
 * What {@link ConsumerGroupHeartbeatRequest} takes for encoding: fields with a default may be left
 * out.
 */
export type ConsumerGroupHeartbeatRequestInput = InferInput<typeof ConsumerGroupHeartbeatRequest>

const Assignment = struct({
  topicPartitions: field('0+', array(TopicPartitions)),
})

/** The member's epoch, the interval of heartbeats, and its assignment when it changed. */
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
    /** Null: unchanged. */
    assignment: field('0+', nullable(Assignment), { default: null }),
  },
})
export interface ConsumerGroupHeartbeatResponse
  extends Infer<typeof ConsumerGroupHeartbeatResponse> {}
/**
 * What {@link ConsumerGroupHeartbeatResponse} takes for encoding: fields with a default may be left
 * out.
 */
export type ConsumerGroupHeartbeatResponseInput = InferInput<typeof ConsumerGroupHeartbeatResponse>

/** API 68: the one request of the new consumer protocol (KIP-848). */
export const ConsumerGroupHeartbeat: Api<
  typeof ConsumerGroupHeartbeatRequest,
  typeof ConsumerGroupHeartbeatResponse
> = api(ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse)
