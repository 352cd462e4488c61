import { type Clock, type Timer, waitFor } from '@ottla/network'
import { TimeoutError } from '@ottla/protocol'
import type { AssignedPartition } from '../fetch/assigned-partition.js'
import { PartitionMap } from '../topic-partition.js'
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
    return this.#enqueue(limits, (left) => this.#commit(finishedOf(this.#setup.partitions()), left))
  }

  /** Commits these offsets. */
  commit(offsets: readonly StoredOffset[], limits: CallLimits): Promise<void> {
    return this.#enqueue(limits, (left) => this.#commit(offsets, left))
  }

  /** These partitions are given up without waiting: what is finished of them now is committed in the background. */
  commitDropped(partitions: Iterable<AssignedPartition>): void {
    const offsets = this.isAutomatic ? finishedOf(partitions) : []
    if (offsets.length > 0) void this.#inBackground(this.commit(offsets, this.#setup.limits))
  }

  /** The limits count from the call, waiting for the commits before it included; one that has run out of them is not sent. */
  async #enqueue(limits: CallLimits, commit: (left: CallLimits) => Promise<void>): Promise<void> {
    const { clock } = this.#setup
    const { signal, timeoutMs } = limits
    const deadlineMs = clock.monotonic() + timeoutMs
    const before = this.#tail
    let leave: () => void = () => {}
    this.#tail = new Promise<void>((resolve) => {
      leave = resolve
    })
    try {
      await waitFor(before, {
        clock,
        signal,
        deadlineMs,
        onTimeout: () =>
          new TimeoutError(
            `Nothing was committed within ${timeoutMs} ms: the coordinator has not answered the commit before it yet.`,
            { api: 'OffsetCommit' },
          ),
      })
    } catch (error) {
      // Those behind it still wait for those before it.
      void before.then(leave)
      throw error
    }
    try {
      await commit({ signal, timeoutMs: Math.max(deadlineMs - clock.monotonic(), 1) })
    } finally {
      leave()
    }
  }

  async #commitInBackground(): Promise<void> {
    await this.#inBackground(this.commitFinished())
    for (const partition of this.#setup.partitions()) {
      if (partition.lease !== undefined || uncommittedOffset(partition) !== undefined) {
        return this.touch()
      }
    }
  }

  async #inBackground(commit: Promise<void>): Promise<void> {
    try {
      await commit
    } catch (error) {
      if (!this.#setup.limits.signal.aborted) this.#setup.onError(error)
    }
  }

  async #commit(offsets: readonly StoredOffset[], limits: CallLimits): Promise<void> {
    if (offsets.length === 0) return
    await this.#setup.groupOffsets.commit(offsets, limits)
    const committed = new PartitionMap<number>()
    for (const { topic, partition, offset } of offsets) committed.set(topic, partition, offset)
    for (const partition of this.#setup.partitions()) {
      const offset = committed.get(partition.topic, partition.partition)
      if (offset !== undefined) partition.committedOffset = offset
    }
  }
}

/** What is finished of these partitions and not committed yet. */
const finishedOf = (partitions: Iterable<AssignedPartition>): StoredOffset[] => {
  const offsets: StoredOffset[] = []
  for (const partition of partitions) {
    const offset = uncommittedOffset(partition)
    if (offset === undefined) continue
    const { topic, partition: number, finishedLeaderEpoch: leaderEpoch } = partition
    offsets.push({ topic, partition: number, offset, leaderEpoch, metadata: null })
  }
  return offsets
}

const uncommittedOffset = ({
  committableOffset,
  committedOffset,
}: AssignedPartition): number | undefined =>
  committableOffset === committedOffset ? undefined : committableOffset
