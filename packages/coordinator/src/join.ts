import { ErrorCode, type JoinGroupRequest } from '@ottla/protocol'
import type { GroupRequestEvent } from './events.js'
import type { Group } from './group.js'
import { hasProtocols, type Member, noBytes } from './member.js'
import {
  answerWaiting,
  cancelSession,
  completeJoinIfAll,
  expectMember,
  extendSession,
  prepareRebalance,
  rebalanceOrComplete,
} from './rebalance.js'
import { groupRecord } from './records.js'
import { replyJoin, replyJoinError } from './replies.js'
import type { Step } from './step.js'
import { checkMember, groupAppendError } from './validate.js'

type JoinEvent = Extract<GroupRequestEvent, { type: 'joinGroup' }>

/** From this version on a client must join twice, the second time with the member id it was given (KIP-394). */
const memberIdRequiredFrom = 4

/** From this version on a static leader that comes back may be told to leave the assignment as it is (KIP-814). */
const skipAssignmentFrom = 9

/** JoinGroup. */
export function joinGroup(step: Step, event: JoinEvent): void {
  const { groupId, memberId, protocolType, protocols } = event.request
  const known = memberId === '' ? undefined : step.group(groupId)
  const refusal =
    checkRequest(step, event) ??
    (memberId !== '' && known === undefined ? ErrorCode.UNKNOWN_MEMBER_ID : undefined)
  if (refusal !== undefined) {
    replyJoinError(step, event, refusal, memberId)
    return
  }
  const group = known ?? step.groupOrNew(groupId)
  if (!hasRoom(step, group, memberId)) {
    group.pendingMembers.delete(memberId)
    replyJoinError(step, event, ErrorCode.GROUP_MAX_SIZE_REACHED, '')
  } else if (group.state.kind === 'Dead') {
    replyJoinError(step, event, ErrorCode.COORDINATOR_NOT_AVAILABLE, memberId)
  } else if (!group.supports(protocolType, protocols)) {
    replyJoinError(step, event, ErrorCode.INCONSISTENT_GROUP_PROTOCOL, memberId)
  } else if (memberId === '') {
    joinNew(step, group, event)
  } else {
    joinExisting(step, group, event)
  }
  if (group.isUnused) step.machine.groups.delete(groupId)
}

/** What is wrong with the request itself; undefined if nothing is. */
function checkRequest(step: Step, { request }: JoinEvent): number | undefined {
  const { groupMinSessionTimeoutMs: shortest, groupMaxSessionTimeoutMs: longest } = step.config
  const { groupId, sessionTimeoutMs } = request
  if (groupId === '') return ErrorCode.INVALID_GROUP_ID
  const fits = sessionTimeoutMs >= shortest && sessionTimeoutMs <= longest
  return fits ? undefined : ErrorCode.INVALID_SESSION_TIMEOUT
}

function hasRoom(step: Step, group: Group, memberId: string): boolean {
  const { groupMaxSize } = step.config
  const { state } = group
  switch (state.kind) {
    case 'Empty':
    case 'Dead':
      return true
    case 'PreparingRebalance':
      return state.joins.has(memberId) || state.joins.size < groupMaxSize
    default:
      return group.members.has(memberId) || group.members.size < groupMaxSize
  }
}

/** A client without a member id. */
function joinNew(step: Step, group: Group, event: JoinEvent): void {
  const { request } = event
  const { groupInstanceId } = request
  const memberId = `${groupInstanceId ?? event.clientId ?? ''}-${step.machine.newUuid()}`
  if (groupInstanceId !== null) {
    const current = group.staticMembers.get(groupInstanceId)
    if (current === undefined) addMember(step, group, event, memberId)
    else replaceStaticMember(step, group, event, current, memberId)
    return
  }
  if (event.version < memberIdRequiredFrom) {
    addMember(step, group, event, memberId)
    return
  }
  expectMember(step, group, memberId, request.sessionTimeoutMs)
  replyJoinError(step, event, ErrorCode.MEMBER_ID_REQUIRED, memberId)
}

/** A client with a member id: one that was just given it, or a member that joins again. */
function joinExisting(step: Step, group: Group, event: JoinEvent): void {
  const { memberId, groupInstanceId, protocols } = event.request
  if (group.pendingMembers.has(memberId) && groupInstanceId === null) {
    addMember(step, group, event, memberId)
    return
  }
  const errorCode = checkMember(group, memberId, groupInstanceId)
  const member = group.members.get(memberId)
  if (errorCode !== ErrorCode.NONE || member === undefined) {
    replyJoinError(step, event, errorCode, memberId)
    return
  }
  const isSame = hasProtocols(member, protocols)
  switch (group.state.kind) {
    case 'PreparingRebalance':
      updateMember(step, group, event, member, `${memberId} joins the rebalance`)
      return
    case 'CompletingRebalance':
      // The same metadata again: its answer was lost, it gets the present generation once more.
      if (isSame) replyJoin(step, group, memberId, event)
      else updateMember(step, group, event, member, `${memberId} has changed its metadata`)
      return
    case 'Stable':
      // A leader joins again because it wants to assign anew, whatever its metadata says.
      if (!isSame) updateMember(step, group, event, member, `${memberId} has changed its metadata`)
      else if (group.leaderId === memberId)
        updateMember(step, group, event, member, 'the leader joins again')
      else replyJoin(step, group, memberId, event)
      return
    default:
      replyJoinError(step, event, ErrorCode.UNKNOWN_MEMBER_ID, memberId)
  }
}

function addMember(step: Step, group: Group, event: JoinEvent, memberId: string): void {
  const { request } = event
  const member: Member = {
    memberId,
    groupInstanceId: request.groupInstanceId,
    clientId: event.clientId ?? '',
    clientHost: event.clientHost,
    protocolType: request.protocolType,
    assignment: noBytes,
    isNew: true,
    ...joinFields(request),
  }
  if (group.state.kind === 'PreparingRebalance' && group.state.isInitial) {
    group.state.hasNewMember = true
  }
  group.add(member)
  extendSession(step, group, member)
  rebalanceOrComplete(step, group, `${memberId} joins`, { memberId, waiting: event })
}

function updateMember(
  step: Step,
  group: Group,
  event: JoinEvent,
  member: Member,
  reason: string,
): void {
  Object.assign(member, joinFields(event.request))
  rebalanceOrComplete(step, group, reason, { memberId: member.memberId, waiting: event })
}

/** What a JoinGroup says of a member each time. Version 0 has no rebalance timeout: the session timeout counts. */
const joinFields = (
  request: JoinGroupRequest,
): Pick<Member, 'rebalanceTimeoutMs' | 'sessionTimeoutMs' | 'protocols'> => ({
  rebalanceTimeoutMs:
    request.rebalanceTimeoutMs === -1 ? request.sessionTimeoutMs : request.rebalanceTimeoutMs,
  sessionTimeoutMs: request.sessionTimeoutMs,
  protocols: request.protocols.map(({ name, metadata }) => ({ name, metadata })),
})

/**
 * A static member comes back without its member id, after a restart perhaps: it takes the place of its former self, which is
 * fenced. In a stable group nobody else notices, if the selected protocol stays.
 */
function replaceStaticMember(
  step: Step,
  group: Group,
  event: JoinEvent,
  oldId: string,
  newId: string,
): void {
  const formerLeader = group.leaderId
  const former = group.members.get(oldId)
  answerWaiting(step, group, oldId, ErrorCode.FENCED_INSTANCE_ID, oldId)
  cancelSession(step, group, oldId)
  const member = group.replaceStatic(oldId, newId, { ...joinFields(event.request), isNew: false })
  if (member === undefined || former === undefined) return
  extendSession(step, group, member)
  const { state } = group
  if (state.kind !== 'Stable') {
    const joining = { memberId: newId, waiting: event }
    if (state.kind === 'PreparingRebalance') rebalanceOrComplete(step, group, '', joining)
    else prepareRebalance(step, group, `the static member ${newId} has replaced ${oldId}`, joining)
    return
  }
  if (group.selectProtocol() !== group.protocolName) {
    const reason = `the static member ${newId} has changed the protocol`
    rebalanceOrComplete(step, group, reason, { memberId: newId, waiting: event })
    return
  }
  const { generationId } = group
  step.append([groupRecord(group, undefined)], (later, errorCode) => {
    if (errorCode !== ErrorCode.NONE) {
      revertStaticMember(later, group, former, newId)
      replyJoinError(later, event, groupAppendError(errorCode), '')
    } else if (group.state.kind === 'Stable' && group.generationId === generationId) {
      replyReplaced(later, group, event, newId, formerLeader)
    } else {
      // The group has moved on while the record was written.
      joinExisting(later, group, { ...event, request: { ...event.request, memberId: newId } })
    }
  })
}

/** The answer to a static member that has replaced its former self in a stable group. */
function replyReplaced(
  step: Step,
  group: Group,
  event: JoinEvent,
  memberId: string,
  formerLeader: string | null,
): void {
  if (!group.members.has(memberId)) {
    replyJoinError(step, event, ErrorCode.UNKNOWN_MEMBER_ID, memberId)
  } else if (event.version >= skipAssignmentFrom) {
    const isLeader = group.leaderId === memberId
    replyJoin(step, group, memberId, event, { skipAssignment: isLeader })
  } else {
    // It must not think that it leads and assign anew, so it is shown the leader from before.
    replyJoin(step, group, memberId, event, { leader: formerLeader, withMembers: false })
  }
}

function revertStaticMember(step: Step, group: Group, former: Member, newId: string): void {
  cancelSession(step, group, newId)
  const member = group.replaceStatic(newId, former.memberId, former)
  if (member !== undefined) extendSession(step, group, member)
  completeJoinIfAll(step, group)
}
