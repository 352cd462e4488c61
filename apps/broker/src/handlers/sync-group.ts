import { ErrorCode, SyncGroup, type SyncGroupResponseInput } from '@ottla/protocol'
import { toApiError } from '../errors.js'
import { handler } from '../server/handler.js'

/** Takes the assignments from the leader of a group and gives every member its own. */
export const syncGroupHandler = handler(
  SyncGroup,
  { min: 0, max: 5 },
  async (context, request): Promise<SyncGroupResponseInput> => {
    const { protocolType, protocolName } = request
    if (context.apiVersion >= 5 && (protocolType === null || protocolName === null)) {
      const errorCode = ErrorCode.INCONSISTENT_GROUP_PROTOCOL
      return { throttleTimeMs: 0, errorCode, assignment: new Uint8Array(0) }
    }
    try {
      return await context.broker.groups.request('syncGroup', context, request.groupId, request)
    } catch (error) {
      const { errorCode } = toApiError(error)
      return { throttleTimeMs: 0, errorCode, assignment: new Uint8Array(0) }
    }
  },
)
