import { ErrorCode, ListGroups, type ListGroupsResponseInput } from '@ottla/protocol'
import { toApiError } from '../errors.js'
import { handler } from '../server/handler.js'

/** Lists the groups that this broker coordinates, by state (KIP-518) and type (KIP-848) if asked. */
export const listGroupsHandler = handler(
  ListGroups,
  { min: 0, max: 5 },
  async (context, request): Promise<ListGroupsResponseInput> => {
    try {
      const groups = await context.broker.groups.list(context, request)
      return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, groups }
    } catch (error) {
      return { throttleTimeMs: 0, errorCode: toApiError(error).errorCode, groups: [] }
    }
  },
)
