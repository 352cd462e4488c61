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

/**
 * Describes classic groups; an admin request to the groups' coordinator. New-protocol groups have
 * ConsumerGroupDescribe.
 */
export const DescribeGroupsRequest = message({
  name: 'DescribeGroupsRequest',
  apiKey: 15,
  versions: '0-6',
  flexible: '5+',
  shape: {
    groups: field('0+', array(string)),
    includeAuthorizedOperations: field('3+', bool),
  },
})
export interface DescribeGroupsRequest extends Infer<typeof DescribeGroupsRequest> {}
/** What {@link DescribeGroupsRequest} takes for encoding: fields with a default may be left out. */
export type DescribeGroupsRequestInput = InferInput<typeof DescribeGroupsRequest>

const DescribedGroupMember = struct({
  memberId: field('0+', string),
  groupInstanceId: field('4+', nullable(string), { default: null, ignorable: true }),
  clientId: field('0+', string),
  clientHost: field('0+', string),
  memberMetadata: field('0+', bytes),
  memberAssignment: field('0+', bytes),
})

const DescribedGroup = struct({
  errorCode: field('0+', int16),
  errorMessage: field('6+', nullable(string), { default: null }),
  groupId: field('0+', string),
  groupState: field('0+', string),
  protocolType: field('0+', string),
  protocolData: field('0+', string),
  members: field('0+', array(DescribedGroupMember)),
  authorizedOperations: field('3+', int32, { default: -2147483648 }),
})

/**
 * State and members. From version 6 on a missing group is GROUP_ID_NOT_FOUND instead of a dead one
 * (KIP-1043).
 */
export const DescribeGroupsResponse = message({
  name: 'DescribeGroupsResponse',
  apiKey: 15,
  versions: '0-6',
  flexible: '5+',
  shape: {
    throttleTimeMs: field('1+', int32, { ignorable: true }),
    groups: field('0+', array(DescribedGroup)),
  },
})
export interface DescribeGroupsResponse extends Infer<typeof DescribeGroupsResponse> {}
/**
 * What {@link DescribeGroupsResponse} takes for encoding: fields with a default may be left out.
 */
export type DescribeGroupsResponseInput = InferInput<typeof DescribeGroupsResponse>

/** API 15: describes classic groups. */
export const DescribeGroups: Api<typeof DescribeGroupsRequest, typeof DescribeGroupsResponse> = api(
  DescribeGroupsRequest,
  DescribeGroupsResponse,
)
