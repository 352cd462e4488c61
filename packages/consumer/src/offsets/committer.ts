import type { Clock, Timer } from '@ottla/network'
import type { AssignedPartition } from '../fetch/assigned-partition.js'
import type { CallLimits, GroupOffsets, StoredOffset } from './group-offsets.js'

/** What a `Committer` works with. */
export interface CommitterSetup {
  readonly groupOffsets: GroupOffsets
  readonly partitions: () => Iterable<AssignedPartition>
  readonly clock: Clock
  /** Undefined: only explicit commits. */
  readonly autoCommitIntervalMs: number | undefined
  readonly limits: CallLimits
  /** A commit in the background failed. */
  readonly onError: (error: unknown) => void
}

/**
 * Commits what the application has finished: in the background, before partitions go, and when asked to. One commit at a time,
 * so that an older one that is repeated cannot overtake a newer one.
 */
export class Committer {
  readonly #setup: CommitterSetup
  #timer: Timer | undefined
  #tail: Promise<unknown> = Promise.resolve()

  constructor(setup: CommitterSetup) {
    this.#setup = setup
    setup.limits.signal.addEventListener('abort', () => this.stop(), { once: true })
  }

  get isAutomatic(): boolean {
    return this.#setup.autoCommitIntervalMs !== undefined
  }

  /** Records are being worked on: a background commit will be due. Without work there is no timer. */
  touch(): void {
    const { autoCommitIntervalMs, clock, limits } = this.#setup
    if (this.#timer !== undefined || autoCommitIntervalMs === undefined) return
    if (limits.signal.aborted) return
    this.#timer = clock.setTimer(autoCommitIntervalMs, () => {
      this.#timer = undefined
      void this.#commitInBackground()
    })
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** Commits everything finished and not committed yet; resolves when the coordinator has it. */
  commitFinished(limits: CallLimits = this.#setup.limits): Promise<void> {
    return this.#enqueue(() => this.#commit(this.#finished(), limits))
  }

  /** Commits these offsets. */
  commit(offsets: readonly StoredOffset[], limits: CallLimits): Promise<void> {
    return this.#enqueue(() => this.#commit(offsets, limits))
  }

  #enqueue(commit: () => Promise<void>): Promise<void> {
    const result = this.#tail.then(commit)
    this.#tail = result.catch(() => {})
    return result
  }

  async #commitInBackground(): Promise<void> {
    try {
      await this.commitFinished()
    } catch (error) {
      if (!this.#setup.limits.signal.aborted) this.#setup.onError(error)
    }
    for (const partition of this.#setup.partitions()) {
      if (partition.lease !== undefined || isDirty(partition)) return this.touch()
    }
  }

  #finished(): StoredOffset[] {
    const offsets: StoredOffset[] = []
    for (const partition of this.#setup.partitions()) {
      const offset = partition.committableOffset
      if (offset === undefined || offset === partition.committedOffset) continue
      const { topic, partition: number, finishedLeaderEpoch: leaderEpoch } = partition
      offsets.push({ topic, partition: number, offset, leaderEpoch, metadata: null })
    }
    return offsets
  }

  async #commit(offsets: readonly StoredOffset[], limits: CallLimits): Promise<void> {
    if (offsets.length === 0) return
    await this.#setup.groupOffsets.commit(offsets, limits)
    const committed = new Map<string, Map<number, number>>()
    for (const { topic, partition, offset } of offsets) {
      const numbers = committed.get(topic) ?? new Map<number, number>()
      committed.set(topic, numbers.set(partition, offset))
    }
    for (const partition of this.#setup.partitions()) {
      const offset = committed.get(partition.topic)?.get(partition.partition)
      if (offset !== undefined) partition.committedOffset = offset
    }
  }
}

const isDirty = (partition: AssignedPartition): boolean => {
  const offset = partition.committableOffset
  return offset !== undefined && offset !== partition.committedOffset
}
