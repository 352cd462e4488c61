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

/**
 * Leaves a classic group at once instead of timing out. Version 3 removes several members, static
 * ones by instance id (KIP-345); 5 adds a reason (KIP-800).
 */
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
/** What {@link LeaveGroupRequest} takes for encoding: fields with a default may be left out. */
export type LeaveGroupRequestInput = InferInput<typeof LeaveGroupRequest>

const MemberResponse = struct({
  memberId: field('0+', string),
  groupInstanceId: field('0+', nullable(string)),
  errorCode: field('0+', int16),
})

/** Result per member from version 3 on. */
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
/** What {@link LeaveGroupResponse} takes for encoding: fields with a default may be left out. */
export type LeaveGroupResponseInput = InferInput<typeof LeaveGroupResponse>

/** API 13: leaves a classic group at once instead of timing out. */
export const LeaveGroup: Api<typeof LeaveGroupRequest, typeof LeaveGroupResponse> = api(
  LeaveGroupRequest,
  LeaveGroupResponse,
)
