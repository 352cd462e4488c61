import type { RecordArray } from '../batch.js'
import type { AssignedPartition } from '../fetch/assigned-partition.js'

/**
 * A batch in the application's hands. A partition has at most one lease at a time, so its records are worked on in order and
 * by one handler; everything before `index` is finished.
 */
export class Lease {
  readonly partition: AssignedPartition
  batch: RecordArray
  /** The partition's epoch when the batch was handed out: a lease of an earlier one changes nothing any more. */
  readonly epoch: number
  /** The record at hand. */
  index = 0
  /** How many records the application has at hand, from `index` on. */
  atHand = 1
  /** Records before it were committed by the application itself, although it still has them at hand. */
  #marked = 0
  /** Set when no further record of this batch may be handed out. */
  isStopped = false
  /** Called when more records of the partition came, which `Delivery.extend` can bring; set by who wants to know. */
  onMore: (() => void) | undefined
  /** Called when no further record may be started; set by who works on several at a time. */
  onStopped: (() => void) | undefined
  /** Goes up with each new attempt at a record: signs of life that do not show in `index`. */
  beats = 0
  /** How far the watchdog saw the work (`index` and `beats`), and when it saw that first. */
  seenProgress = -1
  seenAtMs = 0
  #controller: AbortController | undefined
  #aborted = false

  constructor(partition: AssignedPartition, batch: RecordArray) {
    this.partition = partition
    this.batch = batch
    this.epoch = partition.epoch
  }

  /** Fires when the partition is revoked or the consumer closes. Made on first use: most handlers never ask. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#aborted) this.#controller.abort()
    return this.#controller.signal
  }

  /** How many records are finished. */
  get finished(): number {
    return Math.max(this.index, this.#marked)
  }

  /** Offset up to which everything is finished, undefined if nothing of this batch is. */
  get committableOffset(): number | undefined {
    const { batch, finished } = this
    if (finished >= batch.length) return batch.nextOffsetNumber
    return finished === 0 ? undefined : batch[finished]?.offsetNumber
  }

  /** Counts everything before `offset` as finished: the application has committed it. */
  mark(offset: number): void {
    const index = this.batch.findIndex((record) => record.offsetNumber >= offset)
    this.#marked = Math.max(this.#marked, index === -1 ? this.batch.length : index)
  }

  /**
   * Drops the finished records at the front and, of the others, those that `keep` refuses; the partition remembers that they are
   * finished.
   */
  trim(keep: (index: number) => boolean = () => true): void {
    const { partition, batch, index } = this
    const last = batch[index - 1]
    if (this.epoch === partition.epoch && last !== undefined) {
      partition.finishedOffset = this.committableOffset
      partition.finishedLeaderEpoch = last.leaderEpoch
    }
    this.beats += index
    this.batch = batch.rest(index, keep)
    this.#marked = Math.max(0, this.#marked - index)
    this.index = 0
  }

  /** Hands out no more of this batch; with `abort` the handler is told to hurry. */
  stop(abort: boolean): void {
    this.isStopped = true
    if (abort && !this.#aborted) {
      this.#aborted = true
      this.#controller?.abort()
    }
    this.onStopped?.()
  }
}
