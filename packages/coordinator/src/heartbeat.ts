import { ErrorCode } from '@ottla/protocol'
import type { GroupRequestEvent } from './events.js'
import { extendSession } from './rebalance.js'
import type { Step } from './step.js'
import { checkMember } from './validate.js'

type HeartbeatEvent = Extract<GroupRequestEvent, { type: 'heartbeat' }>

/** Heartbeat: keeps the session, and tells a member by REBALANCE_IN_PROGRESS to join again. */
export function heartbeat(step: Step, event: HeartbeatEvent): void {
  step.reply('heartbeat', event.requestId, { throttleTimeMs: 0, errorCode: answer(step, event) })
}

function answer(step: Step, { request }: HeartbeatEvent): number {
  if (request.groupId === '') return ErrorCode.INVALID_GROUP_ID
  const group = step.group(request.groupId)
  if (group === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
  const { kind } = group.state
  if (kind === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE
  const errorCode = checkMember(group, request.memberId, request.groupInstanceId)
  if (errorCode !== ErrorCode.NONE) return errorCode
  if (request.generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION
  const member = group.members.get(request.memberId)
  if (kind === 'Empty' || member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
  extendSession(step, group, member)
  return kind === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE
}
