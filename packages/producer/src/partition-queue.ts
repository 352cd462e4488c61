import type { ProducerBatch } from './batch.js'
import { PartitionSequence } from './sequence.js'

/** When a batch may leave. */
export interface DrainRules {
  readonly lingerMs: number
  /** Nothing lingers: a flush, a close, or somebody waits for memory. */
  readonly isFlushing: boolean
  readonly isIdempotent: boolean
}

/**
 * The batches of one partition, in order: those in flight, those that wait to leave (first the ones to be sent again),
 * and the open one that records go into.
 */
export class PartitionQueue {
  readonly topic: string
  readonly partition: number
  readonly sequence = new PartitionSequence()
  /** Sent and not answered, in the order of sending. */
  readonly inFlight: ProducerBatch[] = []
  /** Closed and waiting, in the order they must be stored. */
  readonly ready: ProducerBatch[] = []
  open: ProducerBatch | undefined
  /** The last request that a batch of this partition went into; one request takes one batch. */
  lastCall: object | undefined
  /** Monotonic time of the last answer that a batch was stored. */
  lastStoredMs = 0
  #nextOrder = 0

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
  }

  /** Batches that wait or are in flight. */
  get length(): number {
    return this.ready.length + this.inFlight.length + (this.open === undefined ? 0 : 1)
  }

  /** Nothing waits to leave. */
  get isIdle(): boolean {
    return this.open === undefined && this.ready.length === 0
  }

  /** Closes the open batch: later records go into another. */
  close(): void {
    if (this.open === undefined) return
    this.ready.push(this.open)
    this.open = undefined
  }

  /** When the first batch may leave: now or earlier, later, or (Infinity) only after an answer that is outstanding. */
  leavesAtMs(rules: DrainRules): number {
    const head = this.ready[0] ?? this.open
    if (head === undefined || this.#mustWait(head, rules)) return Infinity
    if (head !== this.open) return head.retryAtMs
    return rules.isFlushing ? 0 : head.createdAtMs + rules.lingerMs
  }

  /**
   * What is sent again goes out alone: nothing may overtake it, and a broker that remembers the last five batches must not
   * be sent a sixth while the first may still be repeated. A gap closes only when nothing is in flight.
   */
  #mustWait(head: ProducerBatch, rules: DrainRules): boolean {
    const first = this.inFlight[0]
    if (first === undefined) return false
    if (head.attempts > 0 || first.attempts > 1) return true
    return rules.isIdempotent && (this.sequence.hasGap || !this.sequence.isConfirmed)
  }

  /** Takes the batch that `leavesAtMs` allowed and gives it its place in the partition's order. */
  take(): ProducerBatch | undefined {
    if (this.ready.length === 0) this.close()
    const batch = this.ready.shift()
    if (batch === undefined) return undefined
    if (batch.order < 0) batch.order = this.#nextOrder++
    return batch
  }

  /** Puts a batch that was taken back before everything that must come after it. */
  putBack(...batches: readonly ProducerBatch[]): void {
    const order = (batches[0] as ProducerBatch).order
    const index = this.ready.findIndex((other) => other.order < 0 || other.order >= order)
    this.ready.splice(index < 0 ? this.ready.length : index, 0, ...batches)
  }

  /** Forgets that a batch is in flight. */
  landed(batch: ProducerBatch): void {
    const index = this.inFlight.indexOf(batch)
    if (index >= 0) this.inFlight.splice(index, 1)
  }

  /**
   * Begins a new epoch after a gap: batches that the broker surely does not have get new sequences when they leave next.
   * One that it may have goes out once more as it is; the answer tells.
   */
  closeGap(): void {
    const head = this.ready[0]
    if (!this.sequence.hasGap || this.inFlight.length > 0) return
    if (head?.stamp !== undefined && head.maybeStored) return
    this.sequence.restart()
    for (const batch of this.ready) {
      batch.stamp = undefined
      batch.maybeStored = false
    }
  }
}
