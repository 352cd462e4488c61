import type { KafkaError } from '@ottla/protocol'
import { PartitionMap, type TopicPartition } from '../topic-partition.js'
import type {
  GroupEffect,
  GroupMachine,
  GroupMachineConfig,
  GroupPhase,
  GroupStep,
  Heartbeat,
  MemberIdentity,
  ReleasingPhase,
} from './machine-types.js'

/** Who we are before the coordinator has given us an id. */
export const nobody: MemberIdentity = { memberId: '', generationId: -1 }

/** Nothing happens. */
export const stay = (machine: GroupMachine): GroupStep => ({ machine, effects: [] })

/** To another phase. */
export const move = (
  machine: GroupMachine,
  phase: GroupPhase,
  ...effects: GroupEffect[]
): GroupStep => ({ machine: { ...machine, phase }, effects })

/** The heartbeats of phases that have them. */
export const heartbeatOf = (phase: GroupPhase): Heartbeat | undefined =>
  'heartbeat' in phase ? phase.heartbeat : undefined

/** The end; what we own is lost. */
export const fail = (machine: GroupMachine, error: KafkaError): GroupStep => {
  const { owned } = machine
  const effects: GroupEffect[] = [{ type: 'failed', error }]
  if (owned.length > 0) {
    effects.push({ type: 'release', lost: true, reason: error.message, partitions: owned })
  }
  if (machine.leaveByMs !== undefined) effects.push({ type: 'left' })
  return { machine: { ...machine, phase: { kind: 'failed', error }, owned: [] }, effects }
}

/** Sends JoinGroup, unless we were told to leave meanwhile. */
export const join = (
  machine: GroupMachine,
  failures: number,
  reason: string,
  config: GroupMachineConfig,
): GroupStep => {
  if (machine.leaveByMs !== undefined) return giveUpAndLeave(machine, undefined, config)
  const { identity, owned, lastAssignment } = machine
  const { memberId } = identity
  const requestId = machine.requestCount + 1
  return move(
    { ...machine, requestCount: requestId, rejoinReason: undefined },
    { kind: 'joining', requestId, failures, reason },
    { type: 'sendJoin', requestId, memberId, owned, lastAssignment, reason },
  )
}

/** Joins after a pause. */
export const retryJoin = (
  machine: GroupMachine,
  failures: number,
  reason: string,
  nowMs: number,
  config: GroupMachineConfig,
  ...effects: GroupEffect[]
): GroupStep => {
  if (machine.leaveByMs !== undefined) return giveUpAndLeave(machine, undefined, config)
  const untilMs = nowMs + config.backoffMs(failures)
  return move(machine, { kind: 'waiting', untilMs, failures: failures + 1, reason }, ...effects)
}

/** Sends SyncGroup. */
export const sync = (
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

/** Gives partitions up in order, or goes straight on if there are none. */
export const release = (
  machine: GroupMachine,
  phase: Omit<ReleasingPhase, 'kind'>,
  config: GroupMachineConfig,
): GroupStep => {
  const { heartbeat, reason, partitions } = phase
  if (partitions.length === 0) return afterRelease(machine, { kind: 'releasing', ...phase }, config)
  return move(
    machine,
    { kind: 'releasing', ...phase },
    { type: 'release', lost: heartbeat === undefined, reason, partitions },
  )
}

/** What `next` says, when partitions have been given up. */
export const afterRelease = (
  machine: GroupMachine,
  phase: ReleasingPhase,
  config: GroupMachineConfig,
): GroupStep => {
  const { heartbeat, next, reason, partitions } = phase
  const rest: GroupMachine = { ...machine, owned: without(machine.owned, partitions) }
  const isLost = heartbeat === undefined
  if (rest.owned.length > 0 && next === 'pause') return putAside(rest, reason, config)
  if (rest.owned.length > 0 && (isLost || next === 'leave')) {
    return release(rest, { heartbeat, next, reason, partitions: rest.owned }, config)
  }
  switch (next) {
    case 'leave':
      return sendLeave(rest, config)
    case 'pause': {
      const left = sendLeave(rest, config, reason)
      const effects = left.effects.filter(({ type }) => type === 'sendLeave')
      return move({ ...left.machine, identity: nobody }, { kind: 'unjoined' }, ...effects)
    }
    case 'join': {
      const gained = isLost ? undefined : phase.gained
      if (gained === undefined) return join(rest, 0, reason, config)
      const joined = join({ ...rest, owned: [...rest.owned, ...gained] }, 0, reason, config)
      const assigned: GroupEffect = { type: 'assigned', partitions: gained }
      return { machine: joined.machine, effects: [assigned, ...joined.effects] }
    }
  }
}

/** The coordinator no longer knows us as what we were: what we own is lost, and we join again. */
export const lose = (
  machine: GroupMachine,
  identity: MemberIdentity,
  reason: string,
  config: GroupMachineConfig,
): GroupStep =>
  release(
    { ...machine, identity },
    { heartbeat: undefined, next: 'join', reason, partitions: machine.owned },
    config,
  )

/** Gives everything up and leaves. */
export const giveUpAndLeave = (
  machine: GroupMachine,
  heartbeat: Heartbeat | undefined,
  config: GroupMachineConfig,
): GroupStep => {
  const reason = 'the consumer leaves the group'
  const partitions = machine.owned
  // Without partitions there is nothing that heartbeats would have to keep.
  const kept = heartbeat ?? { nextAtMs: Infinity }
  return release(machine, { heartbeat: kept, next: 'leave', reason, partitions }, config)
}

/** Leaves at once because the handler is stuck: nothing can be finished, so others get the partitions and ours count as lost. */
export const putAside = (
  machine: GroupMachine,
  reason: string,
  config: GroupMachineConfig,
): GroupStep => {
  const left = sendLeave(machine, config, reason)
  const released = release(
    { ...left.machine, identity: nobody },
    { heartbeat: undefined, next: 'pause', reason, partitions: machine.owned },
    config,
  )
  const effects = left.effects.filter(({ type }) => type === 'sendLeave')
  return { machine: released.machine, effects: [...effects, ...released.effects] }
}

/** Sends LeaveGroup. */
export const sendLeave = (
  machine: GroupMachine,
  config: GroupMachineConfig,
  reason = 'the consumer is being closed',
): GroupStep => {
  const { memberId } = machine.identity
  // A static member stays in the group until its session ends: that is what lets it restart without a rebalance (KIP-345).
  if (memberId === '' || config.groupInstanceId !== null) {
    return move({ ...machine, identity: nobody }, { kind: 'unjoined' }, { type: 'left' })
  }
  const requestId = machine.requestCount + 1
  return move(
    { ...machine, requestCount: requestId },
    { kind: 'leaving', requestId },
    { type: 'sendLeave', requestId, memberId, reason },
  )
}

/** The partitions that are not among `others`. */
export const without = (
  partitions: readonly TopicPartition[],
  others: readonly TopicPartition[],
): readonly TopicPartition[] => {
  const removed = new PartitionMap<true>()
  for (const { topic, partition } of others) removed.set(topic, partition, true)
  return partitions.filter(({ topic, partition }) => removed.get(topic, partition) === undefined)
}
