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

const DeleteAclsFilter = struct({
  resourceTypeFilter: field('0+', int8),
  resourceNameFilter: field('0+', nullable(string)),
  patternTypeFilter: field('1+', int8, { default: 3 }),
  principalFilter: field('0+', nullable(string)),
  hostFilter: field('0+', nullable(string)),
  operation: field('0+', int8),
  permissionType: field('0+', int8),
})

/** Deletes the access control entries that match filters (KIP-140). */
export const DeleteAclsRequest = message({
  name: 'DeleteAclsRequest',
  apiKey: 31,
  versions: '0-3',
  flexible: '2+',
  shape: {
    filters: field('0+', array(DeleteAclsFilter)),
  },
})
export interface DeleteAclsRequest extends Infer<typeof DeleteAclsRequest> {}
/** What {@link DeleteAclsRequest} takes for encoding: fields with a default may be left out. */
export type DeleteAclsRequestInput = InferInput<typeof DeleteAclsRequest>

const DeleteAclsMatchingAcl = struct({
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string)),
  resourceType: field('0+', int8),
  resourceName: field('0+', string),
  patternType: field('1+', int8, { default: 3 }),
  principal: field('0+', string),
  host: field('0+', string),
  operation: field('0+', int8),
  permissionType: field('0+', int8),
})

const DeleteAclsFilterResult = struct({
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string)),
  matchingAcls: field('0+', array(DeleteAclsMatchingAcl)),
})

/** What each filter deleted. */
export const DeleteAclsResponse = message({
  name: 'DeleteAclsResponse',
  apiKey: 31,
  versions: '0-3',
  flexible: '2+',
  shape: {
    throttleTimeMs: field('0+', int32),
    filterResults: field('0+', array(DeleteAclsFilterResult)),
  },
})
export interface DeleteAclsResponse extends Infer<typeof DeleteAclsResponse> {}
/** What {@link DeleteAclsResponse} takes for encoding: fields with a default may be left out. */
export type DeleteAclsResponseInput = InferInput<typeof DeleteAclsResponse>

/** API 31: deletes the access control entries that match filters (KIP-140). */
export const DeleteAcls: Api<typeof DeleteAclsRequest, typeof DeleteAclsResponse> = api(
  DeleteAclsRequest,
  DeleteAclsResponse,
)
