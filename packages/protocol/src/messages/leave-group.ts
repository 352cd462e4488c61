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
} from '../schema/index.js'

const MemberIdentity = struct({
  memberId: field('0+', string),
  groupInstanceId: field('0+', nullable(string), { default: null }),
  reason: field('5+', nullable(string), { default: null, ignorable: true }),
})

export const LeaveGroupRequest = message({
  name: 'LeaveGroupRequest',
  apiKey: 13,
  versions: '0-5',
  flexible: '4+',
  shape: {
    groupId: field('0+', string),
    memberId: field('0-2', string),
    members: field('3+', array(MemberIdentity)),
  },
})
export interface LeaveGroupRequest extends Infer<typeof LeaveGroupRequest> {}
export type LeaveGroupRequestInput = InferInput<typeof LeaveGroupRequest>

const MemberResponse = struct({
  memberId: field('0+', string),
  groupInstanceId: field('0+', nullable(string)),
  errorCode: field('0+', int16),
})

export const LeaveGroupResponse = message({
  name: 'LeaveGroupResponse',
  apiKey: 13,
  versions: '0-5',
  flexible: '4+',
  shape: {
    throttleTimeMs: field('1+', int32, { ignorable: true }),
    errorCode: field('0+', int16),
    members: field('3+', array(MemberResponse)),
  },
})
export interface LeaveGroupResponse extends Infer<typeof LeaveGroupResponse> {}
export type LeaveGroupResponseInput = InferInput<typeof LeaveGroupResponse>

export const LeaveGroup: Api<typeof LeaveGroupRequest, typeof LeaveGroupResponse> = api(
  LeaveGroupRequest,
  LeaveGroupResponse,
)
