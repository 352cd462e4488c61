import { ClosedError } from '@ottla/protocol'
import { RecordArray } from '../batch.js'
import type { AssignedPartition } from '../fetch/assigned-partition.js'
import { Lease } from './lease.js'

/** What delivery tells its owner. */
export interface DeliveryEvents {
  /** A batch was handed out. */
  onTaken(): void
  /** Fetched bytes were read: there may be room for the next fetch. */
  onDrained(partition: AssignedPartition): void
  /** Records of the partition cannot be read; it was moved back so that they are fetched again. */
  onUnreadable(partition: AssignedPartition, error: unknown): void
}

/**
 * Between the fetcher and the application: who has records, who works on what. Partitions take turns; a partition is with one
 * worker at a time. Loops, `run` and its workers all draw from here.
 */
export class Delivery {
  readonly #events: DeliveryEvents
  readonly #queue: AssignedPartition[] = []
  readonly #leases = new Set<Lease>()
  readonly #waiters = new Set<() => void>()
  readonly #drains = new Set<() => void>()
  readonly #errors: { readonly error: unknown; readonly onTaken: (() => void) | undefined }[] = []
  #fatal: unknown
  #isClosed = false
  /** Goes up with every request for records: a sign of life from the application. */
  requests = 0

  constructor(events: DeliveryEvents) {
    this.#events = events
  }

  /** What the application has in its hands. */
  get leases(): ReadonlySet<Lease> {
    return this.#leases
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Whether the application waits for records right now. */
  get isAwaited(): boolean {
    return this.#waiters.size > 0
  }

  /** Lets a partition take its turn, if it has records and may. */
  offer(partition: AssignedPartition): void {
    if (partition.isQueued || !isReady(partition)) return
    partition.isQueued = true
    this.#queue.push(partition)
    this.#wake()
  }

  /**
   * The next batch of at most `max` records, or undefined when there is none yet.
   *
   * @throws what `fail` was given, once; after `failForever` always.
   */
  take(max: number): Lease | undefined {
    this.requests++
    if (this.#fatal !== undefined) throw this.#fatal
    this.#throwNext()
    if (this.#isClosed) return undefined
    for (let partition = this.#queue.shift(); partition; partition = this.#queue.shift()) {
      partition.isQueued = false
      if (!isReady(partition)) continue
      const batch = this.#read(partition, max)
      if (batch === undefined) continue
      const lease = new Lease(partition, batch)
      partition.lease = lease
      this.#leases.add(lease)
      this.#events.onTaken()
      return lease
    }
    this.#throwNext()
    return undefined
  }

  /** Resolves when `take` may have something: records, an error, or the end. Rejects with the signal's reason. */
  wait(signal?: AbortSignal): Promise<void> {
    if (this.#isClosed || this.#errors.length > 0 || this.#fatal !== undefined) {
      return Promise.resolve()
    }
    if (signal?.aborted) return Promise.reject(signal.reason)
    return new Promise((resolve, reject) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }
      const abort = (): void => {
        this.#waiters.delete(wake)
        reject(signal?.reason)
      }
      this.#waiters.add(wake)
      signal?.addEventListener('abort', abort, { once: true })
    })
  }

  /** Takes a batch back of which the first `finished` records are done; the others come again. */
  release(lease: Lease, finished: number): void {
    if (!this.#leases.delete(lease)) return
    const { partition, batch } = lease
    if (partition.lease === lease) partition.lease = undefined
    if (lease.epoch === partition.epoch) {
      lease.index = finished
      partition.finishedOffset = lease.committableOffset ?? partition.finishedOffset
      const last = batch[Math.min(finished, batch.length) - 1]
      if (last !== undefined) partition.finishedLeaderEpoch = last.leaderEpoch
      if (finished < batch.length) {
        partition.remainder = finished === 0 ? batch : batch.rest(finished)
        partition.position = batch[finished]?.offsetNumber
      }
    }
    // Also after a seek, which brought other records while this batch was at hand.
    this.offer(partition)
    if (this.#drains.size > 0) for (const check of [...this.#drains]) check()
  }

  /** Stops what is at hand of these partitions; resolves when it has been taken back, or when `deadline` resolves. */
  drain(
    belongs: (partition: AssignedPartition) => boolean,
    deadline: Promise<void>,
  ): Promise<void> {
    const isBusy = (): boolean => {
      for (const { partition } of this.#leases) if (belongs(partition)) return true
      return false
    }
    for (const lease of this.#leases) if (belongs(lease.partition)) lease.stop(true)
    if (!isBusy()) return Promise.resolve()
    return new Promise((resolve) => {
      const check = (): void => {
        if (!isBusy()) finish()
      }
      const finish = (): void => {
        this.#drains.delete(check)
        resolve()
      }
      this.#drains.add(check)
      deadline.then(finish, finish)
    })
  }

  /** Hands an error to whoever asks next; `onTaken` tells that it was. */
  fail(error: unknown, onTaken?: () => void): void {
    this.#errors.push({ error, onTaken })
    this.#wake()
  }

  /** Hands an error to everyone from now on. */
  failForever(error: unknown): void {
    this.#fatal ??= error
    this.#wake()
  }

  /** Ends all loops. */
  close(): void {
    this.#isClosed = true
    for (const lease of this.#leases) lease.stop(true)
    this.#wake()
  }

  /** @throws ClosedError after `close`. */
  assertOpen(): void {
    if (this.#isClosed) throw new ClosedError('The consumer is closed; create a new one.')
  }

  #read(partition: AssignedPartition, max: number): RecordArray | undefined {
    const { remainder } = partition
    if (remainder !== undefined) {
      partition.remainder = undefined
      partition.position = remainder.nextOffsetNumber
      return remainder
    }
    const { topic, partition: number, chunks } = partition
    for (let chunk = chunks[0]; chunk !== undefined; chunk = chunks[0]) {
      const batch = new RecordArray(topic, number, chunk.highWatermark)
      try {
        chunk.read(batch, max)
      } catch (error) {
        this.#events.onUnreadable(partition, error)
        return undefined
      }
      batch.nextOffsetNumber = chunk.nextOffset
      partition.position = chunk.nextOffset
      if (chunk.isExhausted) {
        chunks.shift()
        partition.bufferedBytes -= chunk.sizeInBytes
        this.#events.onDrained(partition)
      }
      if (batch.length > 0) return batch
      // Nothing but markers and aborted records: they are finished by being passed over.
      partition.finishedOffset = chunk.nextOffset
    }
    return undefined
  }

  #throwNext(): void {
    const entry = this.#errors.shift()
    if (entry === undefined) return
    entry.onTaken?.()
    throw entry.error
  }

  #wake(): void {
    for (const wake of this.#waiters) wake()
    this.#waiters.clear()
  }
}

const isReady = (partition: AssignedPartition): boolean =>
  partition.hasRecords &&
  partition.lease === undefined &&
  !partition.isPaused &&
  !partition.isRevoking &&
  !partition.isRevoked
