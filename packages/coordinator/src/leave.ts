import { ErrorCode } from '@ottla/protocol'
import type { GroupRequestEvent } from './events.js'
import type { Group } from './group.js'
import { cancelSession, completeJoinIfAll, forgetMember, prepareRebalance } from './rebalance.js'
import type { Step } from './step.js'
import { checkMember } from './validate.js'

type LeaveEvent = Extract<GroupRequestEvent, { type: 'leaveGroup' }>

/** Who leaves, by member id, instance id or both. */
interface Identity {
  readonly memberId: string
  readonly groupInstanceId: string | null
}

/** From this version on several members may leave in one request, by an admin client perhaps (KIP-345). */
const batchFrom = 3

/** LeaveGroup. */
export function leaveGroup(step: Step, event: LeaveEvent): void {
  const { request, requestId, version } = event
  const group = step.group(request.groupId)
  const refused =
    request.groupId === ''
      ? ErrorCode.INVALID_GROUP_ID
      : group?.state.kind === 'Dead'
        ? ErrorCode.COORDINATOR_NOT_AVAILABLE
        : ErrorCode.NONE
  if (refused !== ErrorCode.NONE) {
    step.reply('leaveGroup', requestId, { throttleTimeMs: 0, errorCode: refused, members: [] })
    return
  }
  const leaving: readonly Identity[] =
    version < batchFrom ? [{ memberId: request.memberId, groupInstanceId: null }] : request.members
  const members = leaving.map(({ memberId, groupInstanceId }) => ({
    memberId,
    groupInstanceId,
    errorCode:
      group === undefined
        ? ErrorCode.UNKNOWN_MEMBER_ID
        : leave(step, group, { memberId, groupInstanceId }),
  }))
  const [first] = members
  const errorCode = version < batchFrom ? (first?.errorCode ?? ErrorCode.NONE) : ErrorCode.NONE
  step.reply('leaveGroup', requestId, {
    throttleTimeMs: 0,
    errorCode,
    members: version < batchFrom ? [] : members,
  })
  if (group === undefined || members.every((member) => member.errorCode !== ErrorCode.NONE)) return
  const { kind } = group.state
  if (kind === 'Stable' || kind === 'CompletingRebalance') {
    prepareRebalance(step, group, `${members.map(({ memberId }) => memberId).join(', ')} left`)
  } else {
    completeJoinIfAll(step, group)
  }
}

function leave(step: Step, group: Group, { memberId, groupInstanceId }: Identity): number {
  if (memberId === '' && groupInstanceId !== null) {
    const current = group.staticMembers.get(groupInstanceId)
    if (current === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
    forgetMember(step, group, current)
    return ErrorCode.NONE
  }
  if (group.pendingMembers.delete(memberId)) {
    cancelSession(step, group, memberId)
    return ErrorCode.NONE
  }
  const errorCode = checkMember(group, memberId, groupInstanceId)
  if (errorCode === ErrorCode.NONE) forgetMember(step, group, memberId)
  return errorCode
}
