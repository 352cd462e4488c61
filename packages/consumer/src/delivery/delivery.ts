import { InvalidArgumentError } from '@ottla/protocol'
import { RecordArray } from '../batch.js'
import { closedError } from '../closed-error.js'
import type { AssignedPartition } from '../fetch/assigned-partition.js'
import type { Claim } from './claim.js'
import { Lease } from './lease.js'
import { Waiters } from './waiters.js'

/** What delivery tells its owner. */
export interface DeliveryEvents {
  /** A batch was handed out. */
  onTaken(): void
  /** Fetched bytes were read: there may be room for the next fetch. */
  onDrained(partition: AssignedPartition): void
  /** Records of the partition cannot be read; it was moved back so that they are fetched again. */
  onUnreadable(partition: AssignedPartition, error: unknown): void
}

/** Who draws records: a loop, a run, or a loop over partitions with its streams. */
export interface Reader {
  /** What the application called, for messages: `a loop over batches()`. */
  readonly what: string
}

/** What goes with an error that is handed to the application. */
export interface FailureNotes {
  /** Called when the application has the error, or when it was settled before. */
  readonly onTaken?: (() => void) | undefined
  /** Whose records it is about, if it is about one partition's. */
  readonly partition?: AssignedPartition | undefined
  /** Whether the application has dealt with it meanwhile, by a seek: then it is not thrown. */
  readonly isSettled?: (() => boolean) | undefined
}

interface Failure extends FailureNotes {
  readonly error: unknown
}

/**
 * Between the fetcher and the application: who has records, who works on what. Partitions take turns; a partition is with one
 * worker at a time. Loops, `run` and its workers all draw from here, one reader at a time.
 */
export class Delivery {
  readonly #events: DeliveryEvents
  readonly #queue: AssignedPartition[] = []
  readonly #leases = new Set<Lease>()
  readonly #waiters = new Waiters()
  readonly #drains = new Set<() => void>()
  readonly #failures: Failure[] = []
  #reader: Reader | undefined
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

  /** Whether a partition waits for its turn. */
  get isAnyReady(): boolean {
    return this.#queue.some((partition) => partition.claim === undefined && isReady(partition))
  }

  /** Whether the application waits for records right now. */
  get isAwaited(): boolean {
    return this.#waiters.size > 0
  }

  /**
   * Begins to draw, until `exit`. Two at once would tear the order of records apart and steal each other's.
   *
   * @throws InvalidArgumentError (code `OTTLA_CONCURRENT_READ`) while another reader draws.
   */
  enter(reader: Reader): void {
    if (this.#reader === reader) return
    if (this.#reader === undefined) {
      this.#reader = reader
      return
    }
    throw new InvalidArgumentError(
      `${reader.what} cannot begin: ${this.#reader.what} is reading from this consumer. Leave that first (break, or return() of its iterator), or read partitions side by side with partitions() or run({ concurrency }).`,
      { code: 'OTTLA_CONCURRENT_READ' },
    )
  }

  /** The reader draws no more. */
  exit(reader: Reader): void {
    if (this.#reader === reader) this.#reader = undefined
  }

  /** Lets a partition take its turn, if it has records and may. */
  offer(partition: AssignedPartition): void {
    const { claim, lease } = partition
    if (lease?.onMore !== undefined && partition.chunks.length > 0) lease.onMore()
    if (partition.isQueued || !isReady(partition)) return
    if (claim !== undefined) {
      claim.wake?.()
      return
    }
    partition.isQueued = true
    this.#queue.push(partition)
    this.#waiters.wake()
  }

  /**
   * The next batch of at most `max` records, or undefined when there is none yet. With a claim: of its partition, else of any
   * partition that is not claimed.
   *
   * @throws what `fail` was given, once; after `failForever` always.
   */
  take(max: number, claim?: Claim): Lease | undefined {
    this.throwPending(claim)
    if (this.#isClosed) return undefined
    const lease = claim === undefined ? this.#takeNext(max) : this.#takeFrom(claim.partition, max)
    if (lease === undefined && this.#failures.length > 0) this.#throwNext(claim?.partition)
    return lease
  }

  /** Counts as a request for records. Throws what `fail` was given, once; after `failForever` always. */
  throwPending(claim?: Claim): void {
    this.requests++
    if (this.#fatal !== undefined) throw this.#fatal
    if (this.#failures.length > 0) this.#throwNext(claim?.partition)
  }

  /** Reads up to `max` more records into a batch that is at hand; false when there are none. */
  extend(lease: Lease, max: number): boolean {
    const { partition, batch } = lease
    if (this.#isClosed || lease.isStopped || lease.epoch !== partition.epoch) return false
    return this.#fill(partition, batch, max)
  }

  /** Resolves when `take` may have something: records, an error, or the end. Rejects with the signal's reason. */
  wait(signal?: AbortSignal, claim?: Claim): Promise<void> {
    const isNews =
      this.isOver(claim) || this.#fatal !== undefined || this.#failureFor(claim?.partition) !== -1
    if (isNews) return Promise.resolve()
    return this.#waiters.wait(signal, claim)
  }

  /** Whether there will be no more records, at all or of the claimed partition. */
  isOver(claim?: Claim): boolean {
    return this.#isClosed || claim?.isOver === true
  }

  /** Wakes whoever waits, to look again: partitions came or went. */
  wake(): void {
    this.#waiters.wakeAll()
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
  drain(partitions: Iterable<AssignedPartition>, deadline: Promise<void>): Promise<void> {
    const going = new Set(partitions)
    const isBusy = (): boolean => {
      for (const { partition } of this.#leases) if (going.has(partition)) return true
      return false
    }
    for (const partition of going) partition.claim?.wake?.()
    for (const lease of this.#leases) if (going.has(lease.partition)) lease.stop(true)
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

  /** Hands an error to whoever asks next, of this partition if one is named. */
  fail(error: unknown, notes: FailureNotes = {}): void {
    this.#failures.push({ ...notes, error })
    this.#waiters.wakeAll()
  }

  /** Hands an error to everyone from now on. */
  failForever(error: unknown): void {
    this.#fatal ??= error
    this.#waiters.wakeAll()
  }

  /** Ends all loops. */
  close(): void {
    this.#isClosed = true
    for (const lease of this.#leases) lease.stop(true)
    this.#waiters.wakeAll()
  }

  /** @throws ClosedError after `close`. */
  assertOpen(): void {
    if (this.#isClosed) throw closedError()
  }

  #takeNext(max: number): Lease | undefined {
    for (let partition = this.#queue.shift(); partition; partition = this.#queue.shift()) {
      partition.isQueued = false
      if (partition.claim !== undefined) continue
      const lease = this.#takeFrom(partition, max)
      if (lease !== undefined) return lease
    }
    return undefined
  }

  #takeFrom(partition: AssignedPartition, max: number): Lease | undefined {
    if (!isReady(partition)) return undefined
    const batch = this.#read(partition, max)
    if (batch === undefined) return undefined
    const lease = new Lease(partition, batch)
    partition.lease = lease
    this.#leases.add(lease)
    this.#events.onTaken()
    return lease
  }

  #read(partition: AssignedPartition, max: number): RecordArray | undefined {
    const { remainder, topic, partition: number, chunks } = partition
    if (remainder !== undefined) {
      partition.remainder = undefined
      partition.position = remainder.nextOffsetNumber
      return remainder
    }
    const batch = new RecordArray(topic, number, chunks[0]?.highWatermark ?? -1n)
    if (this.#fill(partition, batch, max)) return batch
    // Nothing but markers and aborted records: they are finished by being passed over.
    if (batch.nextOffsetNumber > 0) partition.finishedOffset = batch.nextOffsetNumber
    return undefined
  }

  /** Reads up to `max` records into the batch from the first chunk that has any to show. */
  #fill(partition: AssignedPartition, batch: RecordArray, max: number): boolean {
    const { chunks } = partition
    const before = batch.length
    for (let chunk = chunks[0]; chunk !== undefined; chunk = chunks[0]) {
      try {
        chunk.read(batch, before + max)
      } catch (error) {
        this.#events.onUnreadable(partition, error)
        return false
      }
      batch.nextOffsetNumber = chunk.nextOffset
      partition.position = chunk.nextOffset
      if (chunk.isExhausted) {
        partition.removeChunk()
        this.#events.onDrained(partition)
      }
      if (batch.length > before) return true
    }
    return false
  }

  #throwNext(partition: AssignedPartition | undefined): void {
    for (;;) {
      const index = this.#failureFor(partition)
      const [failure] = index === -1 ? [] : this.#failures.splice(index, 1)
      if (failure === undefined) return
      const isSettled = failure.isSettled?.() === true
      failure.onTaken?.()
      if (!isSettled) throw failure.error
    }
  }

  /** An error about a partition that someone else reads by itself is that one's. */
  #failureFor(partition: AssignedPartition | undefined): number {
    return this.#failures.findIndex(({ partition: about }) => {
      if (about === undefined || about === partition) return true
      return about.claim === undefined || about.isRevoked
    })
  }
}

const isReady = (partition: AssignedPartition): boolean =>
  partition.hasRecords &&
  partition.lease === undefined &&
  !partition.isPaused &&
  !partition.isRevoking &&
  !partition.isRevoked
