import { BrokerError, ErrorCode, FencedError, type KafkaError } from '@ottla/protocol'
import {
  fail,
  giveUpAndLeave,
  heartbeatOf,
  join,
  lose,
  move,
  nobody,
  release,
  retryJoin,
  stay,
  sync,
  without,
} from './machine-moves.js'
import type {
  GroupEffect,
  GroupEvent,
  GroupMachine,
  GroupMachineConfig,
  GroupPhase,
  GroupStep,
  Heartbeat,
  MemberIdentity,
} from './machine-types.js'

const noAssignments: ReadonlyMap<string, Uint8Array> = new Map()
const forgetCoordinator: GroupEffect = { type: 'forgetCoordinator' }

/** JoinGroup was answered. */
export const onJoined = (
  machine: GroupMachine,
  event: GroupEvent & { type: 'joined' },
  nowMs: number,
  config: GroupMachineConfig,
): GroupStep => {
  const { phase } = machine
  if (phase.kind !== 'joining' || phase.requestId !== event.requestId) return stay(machine)
  const { failures, reason } = phase
  switch (event.errorCode) {
    case ErrorCode.NONE:
      break
    case ErrorCode.MEMBER_ID_REQUIRED: {
      const identity = { memberId: event.memberId, generationId: -1 }
      return join({ ...machine, identity }, failures, reason, config)
    }
    case ErrorCode.UNKNOWN_MEMBER_ID:
    case ErrorCode.ILLEGAL_GENERATION:
      if (machine.owned.length > 0) {
        return lose(machine, forget(machine, event.errorCode), lostReason, config)
      }
      return retryJoin(
        { ...machine, identity: forget(machine, event.errorCode) },
        failures,
        reason,
        nowMs,
        config,
      )
    case ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
    case ErrorCode.REBALANCE_IN_PROGRESS:
      return retryJoin(machine, failures, reason, nowMs, config)
    case ErrorCode.COORDINATOR_NOT_AVAILABLE:
    case ErrorCode.NOT_COORDINATOR:
      return retryJoin(machine, failures, reason, nowMs, config, forgetCoordinator)
    default:
      return fail(machine, memberError(event.errorCode, 'JoinGroup', config))
  }
  const { memberId, generationId, leader, protocolName, members } = event
  const joined: GroupMachine = { ...machine, identity: { memberId, generationId } }
  const heartbeat: Heartbeat = { nextAtMs: nowMs + config.heartbeatIntervalMs }
  // Told to skip (KIP-814), a leader that came back as a static member leaves the assignment as it was.
  if (leader !== memberId || event.skipAssignment) {
    return sync(joined, protocolName, heartbeat, noAssignments)
  }
  const compute: GroupEffect = { type: 'computeAssignment', protocolName, members }
  return move(joined, { kind: 'assigning', heartbeat, protocolName }, compute)
}

/** SyncGroup was answered. */
export const onSynced = (
  machine: GroupMachine,
  event: GroupEvent & { type: 'synced' },
  nowMs: number,
  config: GroupMachineConfig,
): GroupStep => {
  const { phase } = machine
  if (phase.kind !== 'syncing' || phase.requestId !== event.requestId) return stay(machine)
  const again = 'the group began another rebalance'
  switch (event.errorCode) {
    case ErrorCode.NONE:
      return onAssignment(machine, phase.heartbeat, event.partitions, config)
    case ErrorCode.REBALANCE_IN_PROGRESS:
      return join(machine, 0, again, config)
    case ErrorCode.UNKNOWN_MEMBER_ID:
    case ErrorCode.ILLEGAL_GENERATION:
      return lose(machine, forget(machine, event.errorCode), lostReason, config)
    case ErrorCode.COORDINATOR_NOT_AVAILABLE:
    case ErrorCode.NOT_COORDINATOR:
      return retryJoin(machine, 0, again, nowMs, config, forgetCoordinator)
    case ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
      return retryJoin(machine, 0, again, nowMs, config)
    default:
      return fail(machine, memberError(event.errorCode, 'SyncGroup', config))
  }
}

/** What the assignment lacks is given up first; if there is any, the group meets once more to pass it on (KIP-429). */
const onAssignment = (
  machine: GroupMachine,
  heartbeat: Heartbeat,
  assigned: GroupMachine['owned'],
  config: GroupMachineConfig,
): GroupStep => {
  const { owned, identity } = machine
  const { generationId } = identity
  const current = { ...machine, lastAssignment: { partitions: assigned, generationId } }
  if (machine.leaveByMs !== undefined) return giveUpAndLeave(current, heartbeat, config)
  const partitions = without(owned, assigned)
  const gained = without(assigned, owned)
  if (partitions.length > 0) {
    const reason = 'the new assignment gives them to other members'
    return release(current, { heartbeat, next: 'join', reason, partitions, gained }, config)
  }
  return move(
    { ...current, owned: assigned },
    { kind: 'stable', heartbeat },
    { type: 'assigned', partitions: gained },
  )
}

/** Heartbeat was answered. */
export const onHeartbeat = (
  machine: GroupMachine,
  event: GroupEvent & { type: 'heartbeatAnswered' },
  nowMs: number,
  config: GroupMachineConfig,
): GroupStep => {
  const beaten = restartHeartbeat(machine, event.requestId, nowMs + config.heartbeatIntervalMs)
  if (beaten === undefined) return stay(machine)
  switch (event.errorCode) {
    case ErrorCode.NONE:
      return stay(beaten)
    case ErrorCode.COORDINATOR_NOT_AVAILABLE:
    case ErrorCode.NOT_COORDINATOR: {
      const sooner = restartHeartbeat(machine, event.requestId, nowMs + config.backoffMs(0))
      return { machine: sooner ?? beaten, effects: [forgetCoordinator] }
    }
    case ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
      return stay(beaten)
    default:
      return onMemberError(beaten, event.errorCode, 'Heartbeat', config)
  }
}

/** The machine with the next heartbeat at `nextAtMs`, or undefined if the request is not the one under way. */
const restartHeartbeat = (
  machine: GroupMachine,
  requestId: number,
  nextAtMs: number,
): GroupMachine | undefined => {
  const heartbeat = heartbeatOf(machine.phase)
  if (heartbeat?.requestId !== requestId) return undefined
  return { ...machine, phase: { ...machine.phase, heartbeat: { nextAtMs } } as GroupPhase }
}

/** A heartbeat or commit was told that our place in the group is not what we think. */
export const onMemberError = (
  machine: GroupMachine,
  errorCode: number,
  api: string,
  config: GroupMachineConfig,
): GroupStep => {
  const { phase, owned } = machine
  switch (errorCode) {
    case ErrorCode.REBALANCE_IN_PROGRESS: {
      // While releasing or syncing we are on our way there already.
      if (phase.kind !== 'stable') return stay(machine)
      const partitions = config.protocol === 'eager' ? owned : []
      const { heartbeat } = phase
      const reason = 'the group rebalances'
      return release(machine, { heartbeat, next: 'join', reason, partitions }, config)
    }
    case ErrorCode.ILLEGAL_GENERATION:
    case ErrorCode.UNKNOWN_MEMBER_ID: {
      const identity = forget(machine, errorCode)
      switch (phase.kind) {
        case 'stable':
        case 'assigning':
        case 'syncing':
          return lose(machine, identity, lostReason, config)
        case 'releasing':
          return move({ ...machine, identity }, { ...phase, heartbeat: undefined })
        default:
          // A JoinGroup is under way or will be: its answer says what we are.
          return stay(machine)
      }
    }
    default:
      return fail(machine, memberError(errorCode, api, config))
  }
}

const lostReason = 'the group went on without this member'

const forget = ({ identity: { memberId } }: GroupMachine, errorCode: number): MemberIdentity =>
  errorCode === ErrorCode.UNKNOWN_MEMBER_ID ? nobody : { memberId, generationId: -1 }

/** A request had no answer. */
export const onRequestFailed = (
  machine: GroupMachine,
  event: GroupEvent & { type: 'requestFailed' },
  nowMs: number,
  config: GroupMachineConfig,
): GroupStep => {
  const { phase } = machine
  const { requestId, error } = event
  if (phase.kind === 'leaving' && phase.requestId === requestId) {
    // The session timeout does what the lost request would have done.
    return move({ ...machine, identity: nobody }, { kind: 'unjoined' }, { type: 'left' })
  }
  const heartbeat = restartHeartbeat(machine, requestId, nowMs + config.backoffMs(0))
  if (heartbeat !== undefined) {
    return error.retriable
      ? { machine: heartbeat, effects: [forgetCoordinator] }
      : fail(machine, error)
  }
  if (phase.kind !== 'joining' && phase.kind !== 'syncing') return stay(machine)
  if (phase.requestId !== requestId) return stay(machine)
  if (!error.retriable) return fail(machine, error)
  const failures = phase.kind === 'joining' ? phase.failures : 0
  const reason = phase.kind === 'joining' ? phase.reason : 'the coordinator could not be reached'
  return retryJoin(machine, failures, reason, nowMs, config, forgetCoordinator)
}

const memberError = (errorCode: number, api: string, config: GroupMachineConfig): KafkaError => {
  const error = new BrokerError(errorCode, { api, fatal: true })
  const { groupId, groupInstanceId } = config
  if (errorCode !== ErrorCode.FENCED_INSTANCE_ID) return error
  return new FencedError(
    `Another member joined group ${JSON.stringify(groupId)} with the same groupInstanceId ${JSON.stringify(groupInstanceId)}. Give every running consumer its own, or stop one of them.`,
    { cause: error, api },
  )
}
