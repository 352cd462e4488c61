import { ErrorCode } from '@ottla/protocol'
import type { Group } from './group.js'
import type { Waiting } from './group-state.js'
import type { Member } from './member.js'
import { noBytes } from './member.js'
import type { Step } from './step.js'

/** JoinGroup before version 7 has no null for "no protocol". */
const noProtocol = (version: number): string | null => (version < 7 ? '' : null)

/** A JoinGroup answered with the present generation. The leader gets the members, unless the caller says otherwise. */
export function replyJoin(
  step: Step,
  group: Group,
  memberId: string,
  waiting: Waiting,
  options: {
    readonly leader?: string | null
    readonly withMembers?: boolean
    readonly skipAssignment?: boolean
  } = {},
): void {
  const { leader = group.leaderId, skipAssignment = false } = options
  const withMembers = options.withMembers ?? leader === memberId
  step.reply('joinGroup', waiting.requestId, {
    throttleTimeMs: 0,
    errorCode: ErrorCode.NONE,
    generationId: group.generationId,
    protocolType: group.protocolType,
    protocolName: group.protocolName ?? noProtocol(waiting.version),
    leader: leader ?? '',
    skipAssignment,
    memberId,
    members: withMembers ? group.memberList() : [],
  })
}

/** A JoinGroup answered with an error. */
export function replyJoinError(
  step: Step,
  waiting: Waiting,
  errorCode: number,
  memberId: string,
): void {
  step.reply('joinGroup', waiting.requestId, {
    throttleTimeMs: 0,
    errorCode,
    generationId: -1,
    protocolName: noProtocol(waiting.version),
    leader: '',
    memberId,
    members: [],
  })
}

/** A SyncGroup answered with the member's assignment. */
export function replySync(step: Step, group: Group, member: Member, waiting: Waiting): void {
  step.reply('syncGroup', waiting.requestId, {
    throttleTimeMs: 0,
    errorCode: ErrorCode.NONE,
    protocolType: group.protocolType,
    protocolName: group.protocolName,
    assignment: member.assignment,
  })
}

/** A SyncGroup answered with an error. */
export function replySyncError(step: Step, waiting: Waiting, errorCode: number): void {
  step.reply('syncGroup', waiting.requestId, { throttleTimeMs: 0, errorCode, assignment: noBytes })
}
