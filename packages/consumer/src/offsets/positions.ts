import type { Timer } from '@ottla/network'
import { BrokerError, ErrorCode, InvalidArgumentError, KafkaError } from '@ottla/protocol'
import type { FailureNotes } from '../delivery/delivery.js'
import type { AssignedPartition } from '../fetch/assigned-partition.js'
import type { Presence } from '../fetch/presence.js'
import { formatPartition } from '../topic-partition.js'
import type { GroupOffsets } from './group-offsets.js'
import { findOffsets, type LookupContext } from './list-offsets.js'
import { type AutoOffsetReset, resetTimestamp } from './reset-policy.js'

/** What `Positions` works with. */
export interface PositionsSetup {
  /** The group's offsets, undefined without a group. */
  readonly groupOffsets: GroupOffsets | undefined
  readonly groupId: string | undefined
  readonly policy: AutoOffsetReset
  readonly lookup: LookupContext
  readonly presence: Presence
  readonly partitions: () => Iterable<AssignedPartition>
  /** Positions were found: fetching may begin. */
  readonly onFound: () => void
  /** Something the application has to know. */
  readonly onError: (error: KafkaError, notes: FailureNotes) => void
}

/**
 * Finds where to start reading: the committed offset, else what `autoOffsetReset` says. A look-up that fails is repeated;
 * it never counts as "nothing committed", because that would skip or repeat records silently.
 */
export class Positions {
  readonly #setup: PositionsSetup
  /** Partitions whose position is gone from the log: the committed offset would lead there again. */
  readonly #resets = new WeakSet<AssignedPartition>()
  /** Partitions that do not exist, as far as is known; they are looked for again when the timer ends. */
  readonly #absent = new Set<AssignedPartition>()
  #absentTimer: Timer | undefined
  #absentRounds = 0

  constructor(setup: PositionsSetup) {
    this.#setup = setup
    setup.lookup.signal.addEventListener('abort', () => this.#absentTimer?.cancel(), { once: true })
  }

  /** Starts look-ups for all partitions that have no position yet and no look-up under way. */
  resolve(): void {
    const missing = [...this.#setup.partitions()].filter(
      (partition) => isMissing(partition) && !partition.isLookingUp && !partition.isHeld,
    )
    if (missing.length === 0 || this.#setup.lookup.signal.aborted) return
    for (const partition of missing) partition.isLookingUp = true
    this.#find(missing).then(
      () => this.#finish(missing),
      (cause: unknown) => this.#onFailure(missing, KafkaError.from(cause)),
    )
  }

  /** Looks up anew, whatever has become of look-ups under way. */
  restart(partitions: readonly AssignedPartition[]): void {
    for (const partition of partitions) {
      partition.isLookingUp = false
      partition.isValidating = false
    }
    this.resolve()
  }

  /** The broker does not have the offset: go where the policy says. */
  outOfRange(partition: AssignedPartition): void {
    const { policy, onError } = this.#setup
    if (policy === 'none') {
      const { topic, partition: number, fetchOffset } = partition
      partition.retryAtMs = Infinity
      const text = `offset ${fetchOffset} is not in the log, and autoOffsetReset is "none"; seek to go on`
      const error = new BrokerError(ErrorCode.OFFSET_OUT_OF_RANGE, {
        api: 'Fetch',
        topic,
        partition: number,
        text,
      })
      const onTaken = (): void => {
        partition.retryAtMs = 0
        this.#setup.onFound()
      }
      const { epoch } = partition
      const isSettled = (): boolean => partition.epoch !== epoch || partition.isRevoked
      onError(error, { onTaken, partition, isSettled })
      return
    }
    this.reset(partition)
  }

  /** Goes where the policy says. */
  reset(partition: AssignedPartition): void {
    this.#resets.add(partition)
    partition.discard()
    partition.fetchOffset = undefined
    partition.position = undefined
    this.resolve()
  }

  async #find(wanted: readonly AssignedPartition[]): Promise<void> {
    const { groupOffsets, lookup, presence } = this.#setup
    await this.#refreshTopics(wanted)
    // One that does not exist must not hold up the others.
    const partitions = wanted.filter((partition) => presence.absenceOf(partition) === undefined)
    const committing = partitions.filter((partition) => !this.#resets.has(partition))
    if (groupOffsets !== undefined && committing.length > 0) {
      const stored = await groupOffsets.fetch(committing, lookup)
      for (const partition of committing) {
        const { offset, leaderEpoch } = stored.get(partition.topic, partition.partition) ?? {}
        if (offset === undefined || !isMissing(partition)) continue
        partition.moveTo(offset)
        // Whether the log still has the record before it will be asked of its leader.
        partition.fetchEpoch = leaderEpoch ?? -1
        partition.finishedOffset = offset
        partition.committedOffset = offset
      }
    }
    await this.#reset(partitions.filter(isMissing))
  }

  async #refreshTopics(partitions: readonly AssignedPartition[]): Promise<void> {
    const { cluster, timeoutMs, signal } = this.#setup.lookup
    const names = new Set(partitions.map(({ topic }) => topic))
    const topics = [...names].filter((name) => cluster.metadata.isStale(name))
    if (topics.length > 0) await cluster.refreshMetadata({ topics, timeoutMs, signal })
  }

  async #reset(partitions: readonly AssignedPartition[]): Promise<void> {
    const { policy, lookup, groupId } = this.#setup
    const [first] = partitions
    if (first === undefined) return
    const timestamp = resetTimestamp(policy, lookup.clock.now())
    if (timestamp === undefined) {
      const why =
        groupId === undefined ? 'has no group to ask' : `finds none committed by ${groupId}`
      throw new InvalidArgumentError(
        `No offset to start ${formatPartition(first)} from: the consumer ${why}, and autoOffsetReset is "none". Seek, or choose "earliest", "latest" or "by_duration:…".`,
        { code: 'OTTLA_NO_OFFSET', topic: first.topic, partition: first.partition },
      )
    }
    const found = await findOffsets(lookup, partitions, timestamp)
    for (const partition of partitions) {
      const offset = found.get(partition.topic, partition.partition)?.offset
      // A seek may have come in between: it wins.
      if (offset === undefined || !isMissing(partition)) continue
      this.#resets.delete(partition)
      partition.moveTo(offset)
      // Worth committing although nothing was read: after a restart "latest" would be a later place.
      partition.finishedOffset = offset
    }
  }

  #finish(partitions: readonly AssignedPartition[]): void {
    for (const partition of partitions) {
      if (!isMissing(partition) || !this.#judge(partition)) partition.isLookingUp = false
    }
    if (this.#absent.size === 0) this.#absentRounds = 0
    else this.#absentTimer ??= this.#scheduleAbsent()
    this.#setup.onFound()
    this.resolve()
  }

  /** Whether the partition is absent: it then stays marked until it is looked for again. */
  #judge(partition: AssignedPartition): boolean {
    const { presence, onError } = this.#setup
    const absence = presence.absenceOf(partition)
    if (absence === undefined) return false
    partition.lastError = absence.error
    if (!absence.isFinal) {
      this.#absent.add(partition)
      return true
    }
    partition.absentSinceMs = undefined
    partition.retryAtMs = Infinity
    const onTaken = (): void => {
      partition.retryAtMs = 0
      this.#lookAgain([partition])
    }
    onError(absence.error, { onTaken, partition, isSettled: () => !isMissing(partition) })
    return true
  }

  #scheduleAbsent(): Timer {
    const { clock, backoff } = this.#setup.lookup
    return clock.setTimer(backoff.delayMs(++this.#absentRounds), () => {
      this.#absentTimer = undefined
      const absent = [...this.#absent]
      this.#absent.clear()
      this.#lookAgain(absent)
    })
  }

  #lookAgain(partitions: readonly AssignedPartition[]): void {
    const { metadata } = this.#setup.lookup.cluster
    for (const partition of partitions) {
      metadata.markStale(partition.topic)
      partition.isLookingUp = false
    }
    this.resolve()
  }

  #onFailure(partitions: readonly AssignedPartition[], error: KafkaError): void {
    const { lookup, onError } = this.#setup
    if (lookup.signal.aborted) return
    for (const partition of partitions) partition.lastError = error
    // Each attempt has its time limit and its pauses: another one follows, however long the brokers are away.
    if (error.retriable || !partitions.some(isMissing)) this.#finish(partitions)
    // Still marked as being looked up: the next attempt begins when the application has heard of this one.
    else {
      for (const partition of partitions) partition.retryAtMs = Infinity
      const onTaken = (): void => {
        for (const partition of partitions) partition.retryAtMs = 0
        this.#finish(partitions)
      }
      onError(error, { onTaken, isSettled: () => !partitions.some(isMissing) })
    }
  }
}

const isMissing = (partition: AssignedPartition): boolean =>
  partition.fetchOffset === undefined && !partition.isRevoked
