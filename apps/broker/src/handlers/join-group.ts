import { JoinGroup, type JoinGroupResponseInput } from '@ottla/protocol'
import { toApiError } from '../errors.js'
import { handler } from '../server/handler.js'

/** Takes a member into its group; answered when the group's rebalance is complete (KIP-394, KIP-345, KIP-559). */
export const joinGroupHandler = handler(
  JoinGroup,
  { min: 0, max: 9 },
  async (context, request): Promise<JoinGroupResponseInput> => {
    try {
      return await context.broker.groups.request('joinGroup', context, request.groupId, request)
    } catch (error) {
      const { errorCode } = toApiError(error)
      const { memberId } = request
      const protocolName = context.apiVersion >= 7 ? null : ''
      return { throttleTimeMs: 0, errorCode, protocolName, leader: '', memberId, members: [] }
    }
  },
)
