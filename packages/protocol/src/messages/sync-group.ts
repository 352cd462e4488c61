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
    assignments: field('0+', array(SyncGroupRequestAssignment)),
  },
})
export interface SyncGroupRequest extends Infer<typeof SyncGroupRequest> {}
export type SyncGroupRequestInput = InferInput<typeof SyncGroupRequest>

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
export type SyncGroupResponseInput = InferInput<typeof SyncGroupResponse>

export const SyncGroup: Api<typeof SyncGroupRequest, typeof SyncGroupResponse> = api(
  SyncGroupRequest,
  SyncGroupResponse,
)
