import {
  type Api,
  api,
  array,
  field,
  type Infer,
  type InferInput,
  int8,
  int16,
  int32,
  message,
  nullable,
  string,
  struct,
} from '../schema/index.js'

/**
 * Lists access control entries that match a filter (KIP-140). Version 1 adds pattern types
 * (KIP-290).
 */
export const DescribeAclsRequest = message({
  name: 'DescribeAclsRequest',
  apiKey: 29,
  versions: '0-3',
  flexible: '2+',
  shape: {
    resourceTypeFilter: field('0+', int8),
    resourceNameFilter: field('0+', nullable(string)),
    patternTypeFilter: field('1+', int8, { default: 3 }),
    principalFilter: field('0+', nullable(string)),
    hostFilter: field('0+', nullable(string)),
    operation: field('0+', int8),
    permissionType: field('0+', int8),
  },
})
export interface DescribeAclsRequest extends Infer<typeof DescribeAclsRequest> {}
/** What {@link DescribeAclsRequest} takes for encoding: fields with a default may be left out. */
export type DescribeAclsRequestInput = InferInput<typeof DescribeAclsRequest>

const AclDescription = struct({
  principal: field('0+', string),
  host: field('0+', string),
  operation: field('0+', int8),
  permissionType: field('0+', int8),
})

const DescribeAclsResource = struct({
  resourceType: field('0+', int8),
  resourceName: field('0+', string),
  patternType: field('1+', int8, { default: 3 }),
  acls: field('0+', array(AclDescription)),
})

/** Matching entries by resource. */
export const DescribeAclsResponse = message({
  name: 'DescribeAclsResponse',
  apiKey: 29,
  versions: '0-3',
  flexible: '2+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    errorMessage: field('0+', nullable(string)),
    resources: field('0+', array(DescribeAclsResource)),
  },
})
export interface DescribeAclsResponse extends Infer<typeof DescribeAclsResponse> {}
/** What {@link DescribeAclsResponse} takes for encoding: fields with a default may be left out. */
export type DescribeAclsResponseInput = InferInput<typeof DescribeAclsResponse>

/** API 29: lists access control entries that match a filter (KIP-140). */
export const DescribeAcls: Api<typeof DescribeAclsRequest, typeof DescribeAclsResponse> = api(
  DescribeAclsRequest,
  DescribeAclsResponse,
)
