import {
  type Api,
  api,
  array,
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

const SyncGroupRequestAssignment = struct({
  memberId: field('0+', string),
  assignment: field('0+', bytes),
})

/**
 * Asks for this member's assignment in a classic group; the leader's request brings those of all
 * members.
 */
export const SyncGroupRequest = message({
  name: 'SyncGroupRequest',
  apiKey: 14,
  versions: '0-5',
  flexible: '4+',
  shape: {
    groupId: field('0+', string),
    generationId: field('0+', int32),
    memberId: field('0+', string),
    groupInstanceId: field('3+', nullable(string), { default: null }),
    protocolType: field('5+', nullable(string), { default: null, ignorable: true }),
    protocolName: field('5+', nullable(string), { default: null, ignorable: true }),
    /** Empty unless this member is the leader. */
    assignments: field('0+', array(SyncGroupRequestAssignment)),
  },
})
export interface SyncGroupRequest extends Infer<typeof SyncGroupRequest> {}
/** What {@link SyncGroupRequest} takes for encoding: fields with a default may be left out. */
export type SyncGroupRequestInput = InferInput<typeof SyncGroupRequest>

/**
 * The member's assignment as its protocol encodes it (ConsumerProtocolAssignment for consumers),
 * sent when the leader has delivered it.
 */
export const SyncGroupResponse = message({
  name: 'SyncGroupResponse',
  apiKey: 14,
  versions: '0-5',
  flexible: '4+',
  shape: {
    throttleTimeMs: field('1+', int32, { ignorable: true }),
    errorCode: field('0+', int16),
    protocolType: field('5+', nullable(string), { default: null, ignorable: true }),
    protocolName: field('5+', nullable(string), { default: null, ignorable: true }),
    assignment: field('0+', bytes),
  },
})
export interface SyncGroupResponse extends Infer<typeof SyncGroupResponse> {}
/** What {@link SyncGroupResponse} takes for encoding: fields with a default may be left out. */
export type SyncGroupResponseInput = InferInput<typeof SyncGroupResponse>

/** API 14: asks for this member's assignment in a classic group. */
export const SyncGroup: Api<typeof SyncGroupRequest, typeof SyncGroupResponse> = api(
  SyncGroupRequest,
  SyncGroupResponse,
)
