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
export type HeartbeatRequestInput = InferInput<typeof HeartbeatRequest>

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
export type HeartbeatResponseInput = InferInput<typeof HeartbeatResponse>

export const Heartbeat: Api<typeof HeartbeatRequest, typeof HeartbeatResponse> = api(
  HeartbeatRequest,
  HeartbeatResponse,
)
