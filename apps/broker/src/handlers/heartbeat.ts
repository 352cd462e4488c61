import { Heartbeat, type HeartbeatResponseInput } from '@ottla/protocol'
import { toApiError } from '../errors.js'
import { handler } from '../server/handler.js'

/** Keeps a member in its group, and tells it when the group rebalances. */
export const heartbeatHandler = handler(
  Heartbeat,
  { min: 0, max: 4 },
  async (context, request): Promise<HeartbeatResponseInput> => {
    try {
      return await context.broker.groups.request('heartbeat', context, request.groupId, request)
    } catch (error) {
      return { throttleTimeMs: 0, errorCode: toApiError(error).errorCode }
    }
  },
)
