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
  string,
  struct,
} from '../schema/index.js'

/**
 * Lists the groups a broker coordinates; an admin client asks every broker. Version 4 filters by
 * state (KIP-518), 5 by type (KIP-848).
 */
export const ListGroupsRequest = message({
  name: 'ListGroupsRequest',
  apiKey: 16,
  versions: '0-5',
  flexible: '3+',
  shape: {
    statesFilter: field('4+', array(string)),
    typesFilter: field('5+', array(string)),
  },
})
export interface ListGroupsRequest extends Infer<typeof ListGroupsRequest> {}
/** What {@link ListGroupsRequest} takes for encoding: fields with a default may be left out. */
export type ListGroupsRequestInput = InferInput<typeof ListGroupsRequest>

const ListedGroup = struct({
  groupId: field('0+', string),
  protocolType: field('0+', string),
  groupState: field('4+', string, { ignorable: true }),
  groupType: field('5+', string, { ignorable: true }),
})

/** Groups of this coordinator with protocol type, state and type. */
export const ListGroupsResponse = message({
  name: 'ListGroupsResponse',
  apiKey: 16,
  versions: '0-5',
  flexible: '3+',
  shape: {
    throttleTimeMs: field('1+', int32, { ignorable: true }),
    errorCode: field('0+', int16),
    groups: field('0+', array(ListedGroup)),
  },
})
export interface ListGroupsResponse extends Infer<typeof ListGroupsResponse> {}
/** What {@link ListGroupsResponse} takes for encoding: fields with a default may be left out. */
export type ListGroupsResponseInput = InferInput<typeof ListGroupsResponse>

/** API 16: lists the groups a broker coordinates. */
export const ListGroups: Api<typeof ListGroupsRequest, typeof ListGroupsResponse> = api(
  ListGroupsRequest,
  ListGroupsResponse,
)
