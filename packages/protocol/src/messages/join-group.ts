import {
  type Api,
  api,
  array,
  bool,
  bytes,
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

const JoinGroupRequestProtocol = struct({
  name: field('0+', string),
  metadata: field('0+', bytes),
})

export const JoinGroupRequest = message({
  name: 'JoinGroupRequest',
  apiKey: 11,
  versions: '0-9',
  flexible: '6+',
  shape: {
    groupId: field('0+', string),
    sessionTimeoutMs: field('0+', int32),
    rebalanceTimeoutMs: field('1+', int32, { default: -1, ignorable: true }),
    memberId: field('0+', string),
    groupInstanceId: field('5+', nullable(string), { default: null }),
    protocolType: field('0+', string),
    protocols: field('0+', array(JoinGroupRequestProtocol)),
    reason: field('8+', nullable(string), { default: null, ignorable: true }),
  },
})
export interface JoinGroupRequest extends Infer<typeof JoinGroupRequest> {}
export type JoinGroupRequestInput = InferInput<typeof JoinGroupRequest>

const JoinGroupResponseMember = struct({
  memberId: field('0+', string),
  groupInstanceId: field('5+', nullable(string), { default: null, ignorable: true }),
  metadata: field('0+', bytes),
})

export const JoinGroupResponse = message({
  name: 'JoinGroupResponse',
  apiKey: 11,
  versions: '0-9',
  flexible: '6+',
  shape: {
    throttleTimeMs: field('2+', int32, { ignorable: true }),
    errorCode: field('0+', int16),
    generationId: field('0+', int32, { default: -1 }),
    protocolType: field('7+', nullable(string), { default: null, ignorable: true }),
    protocolName: field('0+', nullable(string, '7+')),
    leader: field('0+', string),
    skipAssignment: field('9+', bool, { default: false }),
    memberId: field('0+', string),
    members: field('0+', array(JoinGroupResponseMember)),
  },
})
export interface JoinGroupResponse extends Infer<typeof JoinGroupResponse> {}
export type JoinGroupResponseInput = InferInput<typeof JoinGroupResponse>

export const JoinGroup: Api<typeof JoinGroupRequest, typeof JoinGroupResponse> = api(
  JoinGroupRequest,
  JoinGroupResponse,
)
