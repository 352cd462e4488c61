import { DescribeGroups, type DescribeGroupsResponseInput, ErrorCode } from '@ottla/protocol'
import { groupOperations, operationsNotAsked } from '../authorized-operations.js'
import { toApiError } from '../errors.js'
import { handler, type RequestContext } from '../server/handler.js'

type GroupAnswer = DescribeGroupsResponseInput['groups'][number]

/** Describes groups with their members, each group wherever its coordinator is. */
export const describeGroupsHandler = handler(
  DescribeGroups,
  { min: 0, max: 6 },
  async (context, request): Promise<DescribeGroupsResponseInput> => {
    const groups = await Promise.all(request.groups.map((groupId) => describe(context, groupId)))
    const isAsked = request.includeAuthorizedOperations
    return {
      throttleTimeMs: 0,
      groups: groups.map((group) => ({
        ...group,
        authorizedOperations:
          isAsked && group.errorCode === ErrorCode.NONE ? groupOperations : operationsNotAsked,
      })),
    }
  },
)

const describe = async (context: RequestContext, groupId: string): Promise<GroupAnswer> => {
  const failure = (errorCode: number): GroupAnswer => ({
    errorCode,
    errorMessage: null,
    groupId,
    groupState: '',
    protocolType: '',
    protocolData: '',
    members: [],
  })
  try {
    const one = { groups: [groupId], includeAuthorizedOperations: false }
    const { groups } = await context.broker.groups.request('describeGroups', context, groupId, one)
    return groups[0] ?? failure(ErrorCode.UNKNOWN_SERVER_ERROR)
  } catch (error) {
    return failure(toApiError(error).errorCode)
  }
}
