import { LeaveGroup, type LeaveGroupResponseInput } from '@ottla/protocol'
import { toApiError } from '../errors.js'
import { handler } from '../server/handler.js'

/** Takes members out of their group at once, without waiting for their sessions to end (KIP-345). */
export const leaveGroupHandler = handler(
  LeaveGroup,
  { min: 0, max: 5 },
  async (context, request): Promise<LeaveGroupResponseInput> => {
    try {
      return await context.broker.groups.request('leaveGroup', context, request.groupId, request)
    } catch (error) {
      return { throttleTimeMs: 0, errorCode: toApiError(error).errorCode, members: [] }
    }
  },
)
