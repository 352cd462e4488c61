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

/** Deletes groups that have no members, with their offsets (KIP-229). */
export const DeleteGroupsRequest = message({
  name: 'DeleteGroupsRequest',
  apiKey: 42,
  versions: '0-3',
  flexible: '2+',
  shape: {
    groupsNames: field('0+', array(string)),
  },
})
export interface DeleteGroupsRequest extends Infer<typeof DeleteGroupsRequest> {}
/** What {@link DeleteGroupsRequest} takes for encoding: fields with a default may be left out. */
export type DeleteGroupsRequestInput = InferInput<typeof DeleteGroupsRequest>

const DeletableGroupResult = struct({
  groupId: field('0+', string),
  errorCode: field('0+', int16),
  errorMessage: field('3+', nullable(string), { default: null, ignorable: true }),
})

/** Result per group. */
export const DeleteGroupsResponse = message({
  name: 'DeleteGroupsResponse',
  apiKey: 42,
  versions: '0-3',
  flexible: '2+',
  shape: {
    throttleTimeMs: field('0+', int32),
    results: field('0+', array(DeletableGroupResult)),
  },
})
export interface DeleteGroupsResponse extends Infer<typeof DeleteGroupsResponse> {}
/** What {@link DeleteGroupsResponse} takes for encoding: fields with a default may be left out. */
export type DeleteGroupsResponseInput = InferInput<typeof DeleteGroupsResponse>

/** API 42: deletes groups that have no members, with their offsets (KIP-229). */
export const DeleteGroups: Api<typeof DeleteGroupsRequest, typeof DeleteGroupsResponse> = api(
  DeleteGroupsRequest,
  DeleteGroupsResponse,
)
