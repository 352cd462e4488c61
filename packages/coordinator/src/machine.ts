import type { GroupConfig } from './config.js'
import type { CoordinatorRecord, GroupEffect, GroupEvent } from './events.js'

/** What the machine needs from outside. */
export interface GroupMachineOptions {
  readonly config?: Partial<GroupConfig>
  /** A fresh random uuid, dashed lower-case hex: becomes part of member ids. */
  readonly newUuid: () => string
  /** Topic id of a name and back, for the versions of OffsetCommit and OffsetFetch that carry ids (10+). */
  readonly topics?: {
    idOf(name: string): string | undefined
    nameOf(topicId: string): string | undefined
  }
}

/**
 * All groups of one partition of `__consumer_offsets`. Pure: no clock, no I/O; the same events at the same times give
 * the same effects.
 */
export interface GroupMachine {
  /** Takes one event and says what to do. */
  handle(event: GroupEvent, nowMs: number): GroupEffect[]
  /** Loading: one record of the partition, in order. Unknown kinds are passed over. */
  replay(record: CoordinatorRecord): void
  /** Loading is done: starts the session timers of the members found. */
  loaded(nowMs: number): GroupEffect[]
  /** The partition goes elsewhere: every unanswered request gets this error code. */
  unload(errorCode: number): GroupEffect[]
  /** Removes offsets that have expired and groups that have nothing left; call it every ten minutes (`offsets.retention.check.interval.ms`). */
  expireOffsets(nowMs: number): GroupEffect[]
}

export type CreateGroupMachine = (options: GroupMachineOptions) => GroupMachine
