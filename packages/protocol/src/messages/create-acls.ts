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

const AclCreation = struct({
  resourceType: field('0+', int8),
  resourceName: field('0+', string),
  resourcePatternType: field('1+', int8, { default: 3 }),
  principal: field('0+', string),
  host: field('0+', string),
  operation: field('0+', int8),
  permissionType: field('0+', int8),
})

/** Creates access control entries (KIP-140). */
export const CreateAclsRequest = message({
  name: 'CreateAclsRequest',
  apiKey: 30,
  versions: '0-3',
  flexible: '2+',
  shape: {
    creations: field('0+', array(AclCreation)),
  },
})
export interface CreateAclsRequest extends Infer<typeof CreateAclsRequest> {}
/** What {@link CreateAclsRequest} takes for encoding: fields with a default may be left out. */
export type CreateAclsRequestInput = InferInput<typeof CreateAclsRequest>

const AclCreationResult = struct({
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string)),
})

/** Result per entry, in the order of the request. */
export const CreateAclsResponse = message({
  name: 'CreateAclsResponse',
  apiKey: 30,
  versions: '0-3',
  flexible: '2+',
  shape: {
    throttleTimeMs: field('0+', int32),
    results: field('0+', array(AclCreationResult)),
  },
})
export interface CreateAclsResponse extends Infer<typeof CreateAclsResponse> {}
/** What {@link CreateAclsResponse} takes for encoding: fields with a default may be left out. */
export type CreateAclsResponseInput = InferInput<typeof CreateAclsResponse>

/** API 30: creates access control entries (KIP-140). */
export const CreateAcls: Api<typeof CreateAclsRequest, typeof CreateAclsResponse> = api(
  CreateAclsRequest,
  CreateAclsResponse,
)
