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

/**
 * Joins a share group, keeps alive and leaves (KIP-932): like ConsumerGroupHeartbeat, without owned
 * partitions to report.
 */
export const ShareGroupHeartbeatRequest = message({
  name: 'ShareGroupHeartbeatRequest',
  apiKey: 76,
  versions: '1',
  flexible: '0+',
  shape: {
    groupId: field('0+', string),
    memberId: field('0+', string),
    /** 0 to join, -1 to leave. */
    memberEpoch: field('0+', int32),
    rackId: field('0+', nullable(string), { default: null }),
    subscribedTopicNames: field('0+', nullable(array(string)), { default: null }),
  },
})
export interface ShareGroupHeartbeatRequest extends Infer<typeof ShareGroupHeartbeatRequest> {}
/**
 * What {@link ShareGroupHeartbeatRequest} takes for encoding: fields with a default may be left
 * out.
 */
export type ShareGroupHeartbeatRequestInput = InferInput<typeof ShareGroupHeartbeatRequest>

const TopicPartitions = struct({
  topicId: field('0+', uuid),
  partitions: field('0+', array(int32)),
})

const Assignment = struct({
  topicPartitions: field('0+', array(TopicPartitions)),
})

/** The member's epoch and, when it changed, its assignment. */
export const ShareGroupHeartbeatResponse = message({
  name: 'ShareGroupHeartbeatResponse',
  apiKey: 76,
  versions: '1',
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
export interface ShareGroupHeartbeatResponse extends Infer<typeof ShareGroupHeartbeatResponse> {}
/**
 * What {@link ShareGroupHeartbeatResponse} takes for encoding: fields with a default may be left
 * out.
 */
export type ShareGroupHeartbeatResponseInput = InferInput<typeof ShareGroupHeartbeatResponse>

/** API 76: joins a share group, keeps alive and leaves (KIP-932). */
export const ShareGroupHeartbeat: Api<
  typeof ShareGroupHeartbeatRequest,
  typeof ShareGroupHeartbeatResponse
> = api(ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse)
