import {
  onHeartbeat,
  onJoined,
  onMemberError,
  onRequestFailed,
  onSynced,
} from './machine-answers.js'
import {
  afterRelease,
  fail,
  giveUpAndLeave,
  heartbeatOf,
  join,
  move,
  nobody,
  putAside,
  release,
  retryJoin,
  sendLeave,
  stay,
  sync,
} from './machine-moves.js'
import type {
  GroupEvent,
  GroupMachine,
  GroupMachineConfig,
  GroupPhase,
  GroupStep,
} from './machine-types.js'

/** A member that has not joined yet. */
export const createGroupMachine = (): GroupMachine => ({
  phase: { kind: 'unjoined' },
  identity: nobody,
  requestCount: 0,
  owned: [],
  lastAssignment: { partitions: [], generationId: -1 },
  leaveByMs: undefined,
  rejoinReason: undefined,
})

/** When the machine wants a `tick`, or undefined if only events can move it. */
export const nextTickMs = ({ phase, leaveByMs = Infinity }: GroupMachine): number | undefined => {
  if (phase.kind === 'waiting') return phase.untilMs
  const heartbeat = heartbeatOf(phase)
  const beatAtMs = heartbeat?.requestId === undefined ? heartbeat?.nextAtMs : undefined
  const atMs = Math.min(beatAtMs ?? Infinity, isRebalancing(phase) ? leaveByMs : Infinity)
  return atMs === Infinity ? undefined : atMs
}

const isRebalancing = ({ kind }: GroupPhase): boolean =>
  kind === 'joining' || kind === 'assigning' || kind === 'syncing'

/**
 * The classic group protocol from the member's side: what an event makes of the machine, and what its owner must do. No I/O and
 * no clock: `nowMs` is an argument, so the same events give the same run.
 *
 * ```
 *               join                 79: again with the given id
 *  unjoined ──────────▶ joining ◀──────────────┐
 *     ▲          ▲       ▲ │ follower / leader ─┴▶ assigning
 *     │ pause    │ pause │ ▼                          │
 *  releasing ────┴───────┼─ syncing ◀────────────────┘
 *     ▲ all: eager       │    │ some are to go: releasing, then joining
 *     │ lost: both       │    ▼
 *     └──────────────────┴─ stable        27, rejoin: eager by way of releasing, cooperative straight to joining
 * ```
 *
 * `unsubscribe` goes the way of `pause`, but as a member until the partitions are given up, so that what is finished is committed.
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
      return onTick(machine, nowMs, config)
    case 'join':
      return phase.kind === 'unjoined'
        ? join(machine, 0, 'the consumer begins to read', config)
        : stay(machine)
    case 'rejoin':
      return onRejoin(machine, event, config)
    case 'pause':
      return onPause(machine, config)
    case 'unsubscribe':
      return onUnsubscribe(machine, event, config)
    case 'leave':
      return onLeave(machine, nowMs, config)
    case 'released':
      return phase.kind === 'releasing' ? afterRelease(machine, phase, config) : stay(machine)
    case 'joined':
      return onJoined(machine, event, nowMs, config)
    case 'computed':
      if (phase.kind !== 'assigning') return stay(machine)
      return sync(machine, phase.protocolName, phase.heartbeat, event.assignments)
    case 'computeFailed':
      if (phase.kind !== 'assigning') return stay(machine)
      // An assignor that throws will throw again, in this member or the next one to lead.
      return event.error.retriable
        ? retryJoin(machine, 0, 'the assignment could not be computed', nowMs, config)
        : fail(machine, event.error)
    case 'synced':
      return afterSync(onSynced(machine, event, nowMs, config), nowMs, config)
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
        ? onMemberError(machine, event.errorCode, 'OffsetCommit', config)
        : stay(machine)
  }
}

const onTick = (machine: GroupMachine, nowMs: number, config: GroupMachineConfig): GroupStep => {
  const { phase } = machine
  if (phase.kind === 'waiting') {
    if (phase.untilMs > nowMs) return stay(machine)
    return join(machine, phase.failures, phase.reason, config)
  }
  const heartbeat = heartbeatOf(phase)
  if (isRebalancing(phase) && machine.leaveByMs !== undefined && machine.leaveByMs <= nowMs) {
    return giveUpAndLeave(machine, heartbeat, config)
  }
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

const onRejoin = (
  machine: GroupMachine,
  { reason, unwanted }: GroupEvent & { type: 'rejoin' },
  config: GroupMachineConfig,
): GroupStep => {
  const { phase, owned } = machine
  switch (phase.kind) {
    case 'stable': {
      const partitions = config.protocol === 'eager' ? owned : unwanted
      const { heartbeat } = phase
      return release(machine, { heartbeat, next: 'join', reason, partitions }, config)
    }
    case 'joining':
    case 'assigning':
    case 'syncing':
      // What we joined with is no longer true. A round that has begun is ended first: leaving it would begin it again for all.
      return stay({ ...machine, rejoinReason: reason })
    default:
      return stay(machine)
  }
}

/** Another round at once, if this one is out of date. */
const afterSync = (step: GroupStep, nowMs: number, config: GroupMachineConfig): GroupStep => {
  const { machine, effects } = step
  const { rejoinReason: reason } = machine
  if (machine.phase.kind !== 'stable' || reason === undefined) return step
  const current = { ...machine, rejoinReason: undefined }
  const next = stepGroup(current, { type: 'rejoin', reason, unwanted: [] }, nowMs, config)
  return { machine: next.machine, effects: [...effects, ...next.effects] }
}

const onPause = (machine: GroupMachine, config: GroupMachineConfig): GroupStep => {
  const { phase, owned } = machine
  if (phase.kind === 'releasing') return pauseAfterRelease(machine, phase)
  return owned.length > 0 ? putAside(machine, 'the application is stuck', config) : stay(machine)
}

const pauseAfterRelease = (
  machine: GroupMachine,
  phase: GroupPhase & { kind: 'releasing' },
): GroupStep => move(machine, { ...phase, next: phase.next === 'leave' ? 'leave' : 'pause' })

const onUnsubscribe = (
  machine: GroupMachine,
  { reason }: GroupEvent & { type: 'unsubscribe' },
  config: GroupMachineConfig,
): GroupStep => {
  const { phase, owned } = machine
  switch (phase.kind) {
    case 'releasing':
      return pauseAfterRelease(machine, phase)
    case 'stable': {
      const { heartbeat } = phase
      return release(machine, { heartbeat, next: 'pause', reason, partitions: owned }, config)
    }
    default:
      // A round that has begun is ended first; in the next one we ask for nothing.
      return onRejoin(machine, { type: 'rejoin', reason, unwanted: [] }, config)
  }
}

const onLeave = (machine: GroupMachine, nowMs: number, config: GroupMachineConfig): GroupStep => {
  const { phase, owned } = machine
  switch (phase.kind) {
    case 'releasing':
      return move(machine, { ...phase, next: 'leave' })
    case 'leaving':
      return stay(machine)
    case 'failed':
    case 'unjoined':
      return sendLeave(machine, config)
    case 'joining':
    case 'assigning':
    case 'syncing':
      if (owned.length === 0) return sendLeave(machine, config)
      // Others need about so long to notice that the group rebalances, and to join.
      return stay({ ...machine, leaveByMs: nowMs + config.heartbeatIntervalMs })
    default:
      return giveUpAndLeave(machine, heartbeatOf(phase), config)
  }
}
