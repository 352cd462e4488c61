import { ErrorCode } from '@ottla/protocol'
import type { Group } from './group.js'
import type { Waiting } from './group-state.js'
import { type Member, noBytes } from './member.js'
import { groupRecord } from './records.js'
import { replyJoin, replyJoinError, replySync, replySyncError } from './replies.js'
import type { Step } from './step.js'

/** A member without an id that waits for its first JoinGroup response is given up after this time: its client may be gone. */
const newMemberJoinTimeoutMs = 300_000

const joinTimer = (group: Group): string => `join:${group.groupId}`
const syncTimer = (group: Group): string => `sync:${group.groupId}`
const sessionTimer = (group: Group, memberId: string): string =>
  `session:${group.groupId}:${memberId}`

/** A JoinGroup that waits, to be put into the state that the group comes into. */
export interface JoiningMember {
  readonly memberId: string
  readonly waiting: Waiting
}

/**
 * A member has joined, changed or gone: starts a rebalance, or goes on with the one under way. `joining` waits for its answer.
 */
export function rebalanceOrComplete(
  step: Step,
  group: Group,
  reason: string,
  joining?: JoiningMember,
): void {
  if (group.state.kind !== 'PreparingRebalance') {
    prepareRebalance(step, group, reason, joining)
    return
  }
  if (joining !== undefined) addJoining(step, group, joining)
  completeJoinIfAll(step, group)
}

/** Puts a JoinGroup into the state; one of the same member that waited there is answered: its client has sent it again. */
function addJoining(step: Step, group: Group, { memberId, waiting }: JoiningMember): void {
  if (group.state.kind !== 'PreparingRebalance') return
  const earlier = group.state.joins.get(memberId)
  if (earlier !== undefined) {
    replyJoinError(step, earlier, ErrorCode.REBALANCE_IN_PROGRESS, memberId)
  }
  group.state.joins.set(memberId, waiting)
}

/** Starts a rebalance: members are told by their next heartbeat, and by the answers to SyncGroups that wait. */
export function prepareRebalance(
  step: Step,
  group: Group,
  reason: string,
  joining?: JoiningMember,
): void {
  const { state } = group
  if (state.kind === 'CompletingRebalance') {
    resetAssignments(step, group, ErrorCode.REBALANCE_IN_PROGRESS)
  }
  step.cancelTimer(syncTimer(group))
  const isInitial = state.kind === 'Empty'
  step.transition(
    group,
    { kind: 'PreparingRebalance', isInitial, hasNewMember: false, joins: new Map() },
    reason,
  )
  if (joining !== undefined) addJoining(step, group, joining)
  if (isInitial) {
    const delayMs = step.config.groupInitialRebalanceDelayMs
    const remainingMs = Math.max(group.rebalanceTimeoutMs - delayMs, 0)
    step.setTimer(joinTimer(group), delayMs, (later) => {
      prolongOrComplete(later, group, delayMs, remainingMs)
    })
    return
  }
  if (hasAllJoined(group)) completeJoin(step, group)
  else waitForJoins(step, group)
}

function waitForJoins(step: Step, group: Group): void {
  step.setTimer(joinTimer(group), group.rebalanceTimeoutMs, (later) => completeJoin(later, group))
}

/** The delay of a first rebalance is over: wait as long again if members came meanwhile, within the rebalance timeout. */
function prolongOrComplete(step: Step, group: Group, delayMs: number, remainingMs: number): void {
  const { state } = group
  if (state.kind !== 'PreparingRebalance') return
  if (!state.hasNewMember || remainingMs === 0) {
    completeJoin(step, group)
    return
  }
  state.hasNewMember = false
  const nextDelayMs = Math.min(step.config.groupInitialRebalanceDelayMs, remainingMs)
  const nextRemainingMs = Math.max(remainingMs - delayMs, 0)
  step.setTimer(joinTimer(group), nextDelayMs, (later) => {
    prolongOrComplete(later, group, nextDelayMs, nextRemainingMs)
  })
}

function hasAllJoined(group: Group): boolean {
  const { state } = group
  return (
    state.kind === 'PreparingRebalance' &&
    state.joins.size === group.members.size &&
    group.pendingMembers.size === 0
  )
}

/** Ends the join phase if nobody is missing; a first rebalance waits for its delay. */
export function completeJoinIfAll(step: Step, group: Group): void {
  const { state } = group
  if (state.kind === 'PreparingRebalance' && !state.isInitial && hasAllJoined(group)) {
    completeJoin(step, group)
  }
}

/** Ends the join phase: who has not joined is out (static members stay until their session ends); a new generation begins. */
function completeJoin(step: Step, group: Group): void {
  const { state } = group
  if (state.kind !== 'PreparingRebalance') return
  const { joins } = state
  step.cancelTimer(joinTimer(group))
  for (const member of [...group.members.values()]) {
    if (!joins.has(member.memberId) && member.groupInstanceId === null) {
      forgetMember(step, group, member.memberId)
    }
  }
  if (group.members.size > 0 && !electJoinedLeader(group, joins)) {
    waitForJoins(step, group)
    return
  }
  group.generationId += 1
  if (group.members.size === 0) {
    group.protocolName = null
    group.leaderId = null
    step.transition(group, { kind: 'Empty' }, 'no member is left')
    step.append([groupRecord(group, undefined)], () => {})
    return
  }
  group.protocolName = group.selectProtocol()
  const unsynced = new Set(group.members.keys())
  step.transition(
    group,
    { kind: 'CompletingRebalance', syncs: new Map(), unsynced },
    'all members joined',
  )
  for (const member of group.members.values()) {
    const waiting = joins.get(member.memberId)
    if (waiting !== undefined) replyJoin(step, group, member.memberId, waiting)
    member.isNew = false
    extendSession(step, group, member)
  }
  const { generationId } = group
  step.setTimer(syncTimer(group), group.rebalanceTimeoutMs, (later) => {
    removeUnsynced(later, group, generationId)
  })
}

/** Keeps the leader if it joined, else takes the first member that did; false if none did. */
function electJoinedLeader(group: Group, joins: ReadonlyMap<string, Waiting>): boolean {
  if (group.leaderId !== null && joins.has(group.leaderId)) return true
  for (const memberId of group.members.keys()) {
    if (joins.has(memberId)) {
      group.leaderId = memberId
      return true
    }
  }
  return false
}

/** Members that got the generation but never asked for their assignment are out. */
function removeUnsynced(step: Step, group: Group, generationId: number): void {
  const { state } = group
  const canMiss = state.kind === 'CompletingRebalance' || state.kind === 'Stable'
  if (!canMiss || group.generationId !== generationId || state.unsynced.size === 0) return
  const missing = [...state.unsynced]
  for (const memberId of missing) forgetMember(step, group, memberId)
  prepareRebalance(step, group, `${missing.join(', ')} did not send SyncGroup in time`)
}

/** A member asked for its assignment. */
export function noteSynced(step: Step, group: Group, memberId: string): void {
  const { state } = group
  if (state.kind !== 'CompletingRebalance' && state.kind !== 'Stable') return
  state.unsynced.delete(memberId)
  if (state.unsynced.size === 0) step.cancelTimer(syncTimer(group))
}

/** The leader's assignment is stored: every member that waits gets its part. */
export function propagateAssignments(
  step: Step,
  group: Group,
  assignments: ReadonlyMap<string, Uint8Array>,
): void {
  const { state } = group
  if (state.kind !== 'CompletingRebalance') return
  for (const member of group.members.values()) {
    member.assignment = assignments.get(member.memberId) ?? noBytes
  }
  step.transition(group, { kind: 'Stable', unsynced: state.unsynced }, 'the leader has assigned')
  for (const [memberId, waiting] of state.syncs) {
    const member = group.members.get(memberId)
    if (member === undefined) continue
    replySync(step, group, member, waiting)
    extendSession(step, group, member)
  }
}

/** The assignment will not come: every member that waits for it gets the error. */
export function resetAssignments(step: Step, group: Group, errorCode: number): void {
  const { state } = group
  if (state.kind !== 'CompletingRebalance') return
  for (const member of group.members.values()) member.assignment = noBytes
  for (const [memberId, waiting] of state.syncs) {
    replySyncError(step, waiting, errorCode)
    const member = group.members.get(memberId)
    if (member !== undefined) extendSession(step, group, member)
  }
  state.syncs.clear()
}

/** Takes a member out with its timer; requests of it that wait get `UNKNOWN_MEMBER_ID`, so that a live client joins anew. */
export function forgetMember(step: Step, group: Group, memberId: string): void {
  answerWaiting(step, group, memberId, ErrorCode.UNKNOWN_MEMBER_ID, '')
  step.cancelTimer(sessionTimer(group, memberId))
  group.remove(memberId)
}

/** Answers whatever a member waits for. */
export function answerWaiting(
  step: Step,
  group: Group,
  memberId: string,
  errorCode: number,
  replyMemberId: string,
): void {
  const { state } = group
  if (state.kind === 'PreparingRebalance') {
    const waiting = state.joins.get(memberId)
    if (waiting !== undefined) replyJoinError(step, waiting, errorCode, replyMemberId)
    state.joins.delete(memberId)
  } else if (state.kind === 'CompletingRebalance') {
    const waiting = state.syncs.get(memberId)
    if (waiting !== undefined) replySyncError(step, waiting, errorCode)
    state.syncs.delete(memberId)
  }
}

/** A sign of life: the session starts again. */
export function extendSession(step: Step, group: Group, member: Member): void {
  const timeoutMs = member.isNew ? newMemberJoinTimeoutMs : member.sessionTimeoutMs
  step.setTimer(sessionTimer(group, member.memberId), timeoutMs, (later) => {
    expireSession(later, group, member.memberId)
  })
}

/** Ends the session watch of a member id that is in use no more. */
export function cancelSession(step: Step, group: Group, memberId: string): void {
  step.cancelTimer(sessionTimer(group, memberId))
}

/** Waits for a client to come back with the member id it was given. */
export function expectMember(step: Step, group: Group, memberId: string, timeoutMs: number): void {
  group.pendingMembers.add(memberId)
  step.setTimer(sessionTimer(group, memberId), timeoutMs, (later) => {
    if (!group.pendingMembers.delete(memberId)) return
    completeJoinIfAll(later, group)
  })
}

function expireSession(step: Step, group: Group, memberId: string): void {
  const member = group.members.get(memberId)
  if (member === undefined) return
  const { state } = group
  const waits =
    (state.kind === 'PreparingRebalance' && state.joins.has(memberId)) ||
    (state.kind === 'CompletingRebalance' && state.syncs.has(memberId))
  // Who waits for an answer cannot send heartbeats; the answer starts the session again.
  if (waits && !member.isNew) return
  removeAndRebalance(step, group, memberId, `the session of ${memberId} has ended`)
}

/** A member is gone: the others share its partitions. */
export function removeAndRebalance(
  step: Step,
  group: Group,
  memberId: string,
  reason: string,
): void {
  forgetMember(step, group, memberId)
  const { kind } = group.state
  if (kind === 'Stable' || kind === 'CompletingRebalance') prepareRebalance(step, group, reason)
  else if (kind === 'PreparingRebalance') completeJoinIfAll(step, group)
}
