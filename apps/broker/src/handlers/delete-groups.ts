import { DeleteGroups, type DeleteGroupsResponseInput, ErrorCode } from '@ottla/protocol'
import { toApiError } from '../errors.js'
import { handler, type RequestContext } from '../server/handler.js'

type Result = DeleteGroupsResponseInput['results'][number]

/** Deletes groups without members, with their offsets (KIP-229). A group that is named twice is deleted once. */
export const deleteGroupsHandler = handler(
  DeleteGroups,
  { min: 0, max: 3 },
  async (context, { groupsNames }): Promise<DeleteGroupsResponseInput> => {
    const names = [...new Set(groupsNames)]
    const results = await Promise.all(names.map((groupId) => remove(context, groupId)))
    return { throttleTimeMs: 0, results }
  },
)

const remove = async (context: RequestContext, groupId: string): Promise<Result> => {
  try {
    const one = { groupsNames: [groupId] }
    const { results } = await context.broker.groups.request('deleteGroups', context, groupId, one)
    return results[0] ?? { groupId, errorCode: ErrorCode.UNKNOWN_SERVER_ERROR }
  } catch (error) {
    return { groupId, errorCode: toApiError(error).errorCode }
  }
}
