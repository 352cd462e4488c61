import {
  type Api,
  api,
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  message,
  nullable,
  string,
} from '../schema/index.js'

/**
 * Keeps a member of a classic group alive. The answer's REBALANCE_IN_PROGRESS tells it to rejoin.
 */
export const HeartbeatRequest = message({
  name: 'HeartbeatRequest',
  apiKey: 12,
  versions: '0-4',
  flexible: '4+',
  shape: {
    groupId: field('0+', string),
    generationId: field('0+', int32),
    memberId: field('0+', string),
    groupInstanceId: field('3+', nullable(string), { default: null }),
  },
})
export interface HeartbeatRequest extends Infer<typeof HeartbeatRequest> {}
/** What {@link HeartbeatRequest} takes for encoding: fields with a default may be left out. */
export type HeartbeatRequestInput = InferInput<typeof HeartbeatRequest>

/** Whether member and generation are still current. */
export const HeartbeatResponse = message({
  name: 'HeartbeatResponse',
  apiKey: 12,
  versions: '0-4',
  flexible: '4+',
  shape: {
    throttleTimeMs: field('1+', int32, { ignorable: true }),
    errorCode: field('0+', int16),
  },
})
export interface HeartbeatResponse extends Infer<typeof HeartbeatResponse> {}
/** What {@link HeartbeatResponse} takes for encoding: fields with a default may be left out. */
export type HeartbeatResponseInput = InferInput<typeof HeartbeatResponse>

/** API 12: keeps a member of a classic group alive. */
export const Heartbeat: Api<typeof HeartbeatRequest, typeof HeartbeatResponse> = api(
  HeartbeatRequest,
  HeartbeatResponse,
)
