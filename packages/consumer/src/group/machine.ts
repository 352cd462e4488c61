import { BrokerError, ErrorCode, FencedError, type KafkaError } from '@ottla/protocol'
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

const nobody: MemberIdentity = { memberId: '', generationId: -1 }
const noAssignments: ReadonlyMap<string, Uint8Array> = new Map()

/** A member that has not joined yet. */
export const createGroupMachine = (): GroupMachine => ({
  phase: { kind: 'unjoined' },
  identity: nobody,
  requestCount: 0,
})

/** When the machine wants a `tick`, or undefined if only events can move it. */
export const nextTickMs = ({ phase }: GroupMachine): number | undefined => {
  if (phase.kind === 'waiting') return phase.untilMs
  const heartbeat = heartbeatOf(phase)
  return heartbeat?.requestId === undefined ? heartbeat?.nextAtMs : undefined
}

/**
 * The classic group protocol from the member's side (eager): what an event makes of the machine, and what its owner must do.
 * No I/O and no clock: `nowMs` is an argument, so the same events give the same run.
 *
 * ```
 *               join                 79: again with the given id
 *  unjoined ──────────▶ joining ◀──────────────┐
 *     ▲          ▲         │ follower / leader ─┴▶ assigning
 *     │ pause    │ backoff ▼                          │
 *  releasing     └──── syncing ◀─────────────────────┘
 *     ▲ 22 25 27 rejoin    │
 *     └──── stable ◀───────┘
 * ```
 *
 * Throws nothing: errors that end the membership put it into `failed`.
 */
export const stepGroup = (
  machine: GroupMachine,
  event: GroupEvent,
  nowMs: number,
  config: GroupMachineConfig,
): GroupStep => {
  const { phase } = machine
  switch (event.type) {
    case 'tick':
      return onTick(machine, nowMs)
    case 'join':
      return phase.kind === 'unjoined' ? join(machine, 0) : stay(machine)
    case 'rejoin':
      return phase.kind === 'stable'
        ? release(machine, phase.heartbeat, 'join', event.reason)
        : stay(machine)
    case 'pause':
      return onPause(machine, config)
    case 'leave':
      return onLeave(machine, config)
    case 'released':
      return onReleased(machine, config)
    case 'joined':
      return onJoined(machine, event, nowMs, config)
    case 'computed':
      if (phase.kind !== 'assigning') return stay(machine)
      return sync(machine, phase.protocolName, phase.heartbeat, event.assignments)
    case 'computeFailed':
      return phase.kind === 'assigning' ? retryJoin(machine, 0, nowMs, config) : stay(machine)
    case 'synced':
      return onSynced(machine, event, nowMs, config)
    case 'heartbeatAnswered':
      return onHeartbeat(machine, event, nowMs, config)
    case 'leftGroup':
      return phase.kind === 'leaving' && phase.requestId === event.requestId
        ? move({ ...machine, identity: nobody }, { kind: 'unjoined' }, { type: 'left' })
        : stay(machine)
    case 'requestFailed':
      return onRequestFailed(machine, event, nowMs, config)
    case 'commitRefused':
      return event.generationId === machine.identity.generationId
        ? onMemberError(machine, event.errorCode, config)
        : stay(machine)
  }
}

const stay = (machine: GroupMachine): GroupStep => ({ machine, effects: [] })

const move = (machine: GroupMachine, phase: GroupPhase, ...effects: GroupEffect[]): GroupStep => ({
  machine: { ...machine, phase },
  effects,
})

const fail = (machine: GroupMachine, error: KafkaError): GroupStep =>
  move(machine, { kind: 'failed', error }, { type: 'failed', error })

const heartbeatOf = (phase: GroupPhase): Heartbeat | undefined =>
  'heartbeat' in phase ? phase.heartbeat : undefined

const join = (machine: GroupMachine, failures: number): GroupStep => {
  const requestId = machine.requestCount + 1
  const { memberId } = machine.identity
  return move(
    { ...machine, requestCount: requestId },
    { kind: 'joining', requestId, failures },
    { type: 'sendJoin', requestId, memberId },
  )
}

const retryJoin = (
  machine: GroupMachine,
  failures: number,
  nowMs: number,
  config: GroupMachineConfig,
  ...effects: GroupEffect[]
): GroupStep => {
  const untilMs = nowMs + config.backoffMs(failures)
  return move(machine, { kind: 'waiting', untilMs, failures: failures + 1 }, ...effects)
}

const sync = (
  machine: GroupMachine,
  protocolName: string,
  heartbeat: Heartbeat,
  assignments: ReadonlyMap<string, Uint8Array>,
): GroupStep => {
  const requestId = machine.requestCount + 1
  const { identity } = machine
  return move(
    { ...machine, requestCount: requestId },
    { kind: 'syncing', requestId, heartbeat },
    { type: 'sendSync', requestId, identity, protocolName, assignments },
  )
}

const release = (
  machine: GroupMachine,
  heartbeat: Heartbeat | undefined,
  next: 'join' | 'leave' | 'pause',
  reason: string,
): GroupStep =>
  move(
    machine,
    { kind: 'releasing', heartbeat, next },
    { type: 'release', lost: heartbeat === undefined, reason },
  )

const sendLeave = (machine: GroupMachine, config: GroupMachineConfig): GroupStep => {
  const { memberId } = machine.identity
  // A static member stays in the group until its session ends: that is what lets it restart without a rebalance (KIP-345).
  if (memberId === '' || config.groupInstanceId !== null) {
    return move({ ...machine, identity: nobody }, { kind: 'unjoined' }, { type: 'left' })
  }
  const requestId = machine.requestCount + 1
  return move(
    { ...machine, requestCount: requestId },
    { kind: 'leaving', requestId },
    { type: 'sendLeave', requestId, memberId },
  )
}

const onTick = (machine: GroupMachine, nowMs: number): GroupStep => {
  const { phase } = machine
  if (phase.kind === 'waiting') {
    return phase.untilMs <= nowMs ? join(machine, phase.failures) : stay(machine)
  }
  const heartbeat = heartbeatOf(phase)
  if (heartbeat === undefined || heartbeat.requestId !== undefined || heartbeat.nextAtMs > nowMs) {
    return stay(machine)
  }
  const requestId = machine.requestCount + 1
  const { identity } = machine
  return move(
    { ...machine, requestCount: requestId },
    { ...phase, heartbeat: { ...heartbeat, requestId } } as GroupPhase,
    { type: 'sendHeartbeat', requestId, identity },
  )
}

const onPause = (machine: GroupMachine, config: GroupMachineConfig): GroupStep => {
  const { phase } = machine
  if (phase.kind === 'stable') {
    // The handler is stuck, so nothing can be finished: others get the partitions at once, ours count as lost.
    const left = sendLeave(machine, config)
    const released = release({ ...left.machine, identity: nobody }, undefined, 'pause', 'stuck')
    return {
      machine: released.machine,
      effects: [...left.effects.filter(({ type }) => type === 'sendLeave'), ...released.effects],
    }
  }
  if (phase.kind === 'releasing') {
    return move(machine, { ...phase, next: phase.next === 'leave' ? 'leave' : 'pause' })
  }
  return stay(machine)
}

const onLeave = (machine: GroupMachine, config: GroupMachineConfig): GroupStep => {
  const { phase } = machine
  switch (phase.kind) {
    case 'stable':
      return release(machine, phase.heartbeat, 'leave', 'the consumer leaves the group')
    case 'releasing':
      return move(machine, { ...phase, next: 'leave' })
    case 'leaving':
      return stay(machine)
    default:
      return sendLeave(machine, config)
  }
}

const onReleased = (machine: GroupMachine, config: GroupMachineConfig): GroupStep => {
  const { phase } = machine
  if (phase.kind !== 'releasing') return stay(machine)
  if (phase.next === 'join') return join(machine, 0)
  if (phase.next === 'leave') return sendLeave(machine, config)
  const left = sendLeave(machine, config)
  const effects = left.effects.filter(({ type }) => type === 'sendLeave')
  return { machine: { ...left.machine, identity: nobody, phase: { kind: 'unjoined' } }, effects }
}

const onJoined = (
  machine: GroupMachine,
  event: GroupEvent & { type: 'joined' },
  nowMs: number,
  config: GroupMachineConfig,
): GroupStep => {
  const { phase, identity } = machine
  if (phase.kind !== 'joining' || phase.requestId !== event.requestId) return stay(machine)
  switch (event.errorCode) {
    case ErrorCode.NONE:
      break
    case ErrorCode.MEMBER_ID_REQUIRED:
      return join(
        { ...machine, identity: { memberId: event.memberId, generationId: -1 } },
        phase.failures,
      )
    case ErrorCode.UNKNOWN_MEMBER_ID:
      return retryJoin({ ...machine, identity: nobody }, phase.failures, nowMs, config)
    case ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
    case ErrorCode.REBALANCE_IN_PROGRESS:
      return retryJoin(machine, phase.failures, nowMs, config)
    case ErrorCode.COORDINATOR_NOT_AVAILABLE:
    case ErrorCode.NOT_COORDINATOR: {
      const forget: GroupEffect = { type: 'forgetCoordinator' }
      return retryJoin(machine, phase.failures, nowMs, config, forget)
    }
    default:
      return fail(
        { ...machine, identity },
        memberError(event.errorCode, 'JoinGroup', config.groupId),
      )
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

const onSynced = (
  machine: GroupMachine,
  event: GroupEvent & { type: 'synced' },
  nowMs: number,
  config: GroupMachineConfig,
): GroupStep => {
  const { phase } = machine
  if (phase.kind !== 'syncing' || phase.requestId !== event.requestId) return stay(machine)
  switch (event.errorCode) {
    case ErrorCode.NONE:
      return move(
        machine,
        { kind: 'stable', heartbeat: phase.heartbeat },
        { type: 'assigned', partitions: event.partitions },
      )
    case ErrorCode.REBALANCE_IN_PROGRESS:
      return join(machine, 0)
    case ErrorCode.UNKNOWN_MEMBER_ID:
    case ErrorCode.ILLEGAL_GENERATION:
      return join({ ...machine, identity: forget(machine.identity, event.errorCode) }, 0)
    case ErrorCode.COORDINATOR_NOT_AVAILABLE:
    case ErrorCode.NOT_COORDINATOR:
      return retryJoin(machine, 0, nowMs, config, { type: 'forgetCoordinator' })
    case ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
      return retryJoin(machine, 0, nowMs, config)
    default:
      return fail(machine, memberError(event.errorCode, 'SyncGroup', config.groupId))
  }
}

const onHeartbeat = (
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
      return { machine: sooner ?? beaten, effects: [{ type: 'forgetCoordinator' }] }
    }
    case ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
      return stay(beaten)
    default:
      return onMemberError(beaten, event.errorCode, config)
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
const onMemberError = (
  machine: GroupMachine,
  errorCode: number,
  config: GroupMachineConfig,
): GroupStep => {
  const { phase } = machine
  switch (errorCode) {
    case ErrorCode.REBALANCE_IN_PROGRESS:
      // While releasing or syncing we are on our way there already.
      if (phase.kind !== 'stable') return stay(machine)
      return release(machine, phase.heartbeat, 'join', 'the group rebalances')
    case ErrorCode.ILLEGAL_GENERATION:
    case ErrorCode.UNKNOWN_MEMBER_ID: {
      const fenced = { ...machine, identity: forget(machine.identity, errorCode) }
      if (phase.kind === 'stable') {
        return release(fenced, undefined, 'join', 'the group went on without this member')
      }
      if (phase.kind === 'releasing') return move(fenced, { ...phase, heartbeat: undefined })
      return phase.kind === 'assigning' || phase.kind === 'syncing' ? join(fenced, 0) : stay(fenced)
    }
    default:
      return fail(machine, memberError(errorCode, 'Heartbeat', config.groupId))
  }
}

const forget = ({ memberId }: MemberIdentity, errorCode: number): MemberIdentity =>
  errorCode === ErrorCode.UNKNOWN_MEMBER_ID ? nobody : { memberId, generationId: -1 }

const onRequestFailed = (
  machine: GroupMachine,
  event: GroupEvent & { type: 'requestFailed' },
  nowMs: number,
  config: GroupMachineConfig,
): GroupStep => {
  const { phase } = machine
  const { requestId, error } = event
  const again: GroupEffect = { type: 'forgetCoordinator' }
  if (phase.kind === 'leaving' && phase.requestId === requestId) {
    // The session timeout does what the lost request would have done.
    return move({ ...machine, identity: nobody }, { kind: 'unjoined' }, { type: 'left' })
  }
  const heartbeat = restartHeartbeat(machine, requestId, nowMs + config.backoffMs(0))
  if (heartbeat !== undefined) {
    return error.retriable ? { machine: heartbeat, effects: [again] } : fail(machine, error)
  }
  if (phase.kind !== 'joining' && phase.kind !== 'syncing') return stay(machine)
  if (phase.requestId !== requestId) return stay(machine)
  if (!error.retriable) return fail(machine, error)
  const failures = phase.kind === 'joining' ? phase.failures : 0
  return retryJoin(machine, failures, nowMs, config, again)
}

const memberError = (errorCode: number, api: string, groupId: string): KafkaError => {
  const error = new BrokerError(errorCode, { api, fatal: true })
  if (errorCode !== ErrorCode.FENCED_INSTANCE_ID) return error
  return new FencedError(
    `Another member joined group ${groupId} with the same groupInstanceId. Give every running consumer its own, or stop one of them.`,
    { cause: error, api },
  )
}
