import { ErrorCode } from '@ottla/protocol'
import type { GroupRequestEvent } from './events.js'
import type { Group } from './group.js'
import { noBytes } from './member.js'
import {
  extendSession,
  noteSynced,
  prepareRebalance,
  propagateAssignments,
  resetAssignments,
} from './rebalance.js'
import { groupRecord } from './records.js'
import { replySync, replySyncError } from './replies.js'
import type { Step } from './step.js'
import { checkMember, groupAppendError } from './validate.js'

type SyncEvent = Extract<GroupRequestEvent, { type: 'syncGroup' }>

/** SyncGroup. */
export function syncGroup(step: Step, event: SyncEvent): void {
  const { memberId, groupId } = event.request
  const group = step.group(groupId)
  const errorCode = groupId === '' ? ErrorCode.INVALID_GROUP_ID : checkSync(group, event)
  if (errorCode !== ErrorCode.NONE || group === undefined) {
    replySyncError(step, event, errorCode)
    return
  }
  const member = group.members.get(memberId)
  const { state } = group
  if (member === undefined) return
  if (state.kind === 'Stable') {
    noteSynced(step, group, memberId)
    replySync(step, group, member, event)
    extendSession(step, group, member)
  } else if (state.kind === 'CompletingRebalance') {
    const earlier = state.syncs.get(memberId)
    if (earlier !== undefined) replySyncError(step, earlier, ErrorCode.REBALANCE_IN_PROGRESS)
    state.syncs.set(memberId, event)
    noteSynced(step, group, memberId)
    if (group.leaderId === memberId) storeAssignments(step, group, event)
  }
}

function checkSync(group: Group | undefined, { request }: SyncEvent): number {
  if (group === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
  const { kind } = group.state
  if (kind === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE
  const errorCode = checkMember(group, request.memberId, request.groupInstanceId)
  if (errorCode !== ErrorCode.NONE) return errorCode
  if (request.generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION
  const differs = (asked: string | null, known: string | null): boolean =>
    asked !== null && known !== null && asked !== known
  if (
    differs(request.protocolType, group.protocolType) ||
    differs(request.protocolName, group.protocolName)
  ) {
    return ErrorCode.INCONSISTENT_GROUP_PROTOCOL
  }
  if (kind === 'PreparingRebalance') return ErrorCode.REBALANCE_IN_PROGRESS
  return kind === 'Empty' ? ErrorCode.UNKNOWN_MEMBER_ID : ErrorCode.NONE
}

/** The leader has assigned: the group is stored, then everyone gets its part. */
function storeAssignments(step: Step, group: Group, { request }: SyncEvent): void {
  const { generationId } = group
  const given = new Map(request.assignments.map((one) => [one.memberId, one.assignment]))
  const assignments = new Map<string, Uint8Array>()
  for (const memberId of group.members.keys())
    assignments.set(memberId, given.get(memberId) ?? noBytes)
  step.append([groupRecord(group, assignments)], (later, errorCode) => {
    // The group may have begun another rebalance while the record was written.
    if (group.state.kind !== 'CompletingRebalance' || group.generationId !== generationId) return
    if (errorCode === ErrorCode.NONE) {
      propagateAssignments(later, group, assignments)
      return
    }
    resetAssignments(later, group, groupAppendError(errorCode))
    prepareRebalance(later, group, `the assignment could not be stored (error ${errorCode})`)
  })
}
