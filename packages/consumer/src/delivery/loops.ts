import type { Clock } from '@ottla/network'
import type { ConsumerBatch } from '../batch.js'
import type { ConsumerRecord } from '../record.js'
import type { Delivery } from './delivery.js'
import type { Lease } from './lease.js'

/** What loops draw from. */
export interface LoopSource {
  readonly delivery: Delivery
  readonly clock: Clock
  readonly maxPollRecords: number
  /** Starts the consumer, or joins again after it was put aside. */
  readonly onRequest: () => void
  readonly signal: AbortSignal | undefined
}

/**
 * A loop that always finds records ready would keep the event loop from turning: no heartbeat, no socket. So it steps aside
 * after this long.
 */
const maxTurnMs = 10

/** Next lease, now or later. Shared by both loops and by the workers of `run`. */
export class LeaseSource {
  readonly #source: LoopSource
  #turnStartMs = -Infinity

  constructor(source: LoopSource) {
    this.#source = source
  }

  get delivery(): Delivery {
    return this.#source.delivery
  }

  /** A lease that is there already, if this turn of the event loop has not taken too long yet. */
  tryTake(): Lease | undefined {
    const { clock, delivery, maxPollRecords } = this.#source
    if (clock.monotonic() - this.#turnStartMs >= maxTurnMs) return undefined
    return delivery.take(maxPollRecords)
  }

  /** Waits for a lease; undefined at the end of the consumer. Rejects with what went wrong. */
  async take(): Promise<Lease | undefined> {
    const { clock, delivery, maxPollRecords, onRequest, signal } = this.#source
    if (clock.monotonic() - this.#turnStartMs >= maxTurnMs) {
      await new Promise<void>((resolve) => clock.afterTurn(resolve))
      this.#turnStartMs = clock.monotonic()
    }
    for (;;) {
      signal?.throwIfAborted()
      onRequest()
      const lease = delivery.take(maxPollRecords)
      if (lease !== undefined || delivery.isClosed) return lease
      await delivery.wait(signal)
      this.#turnStartMs = clock.monotonic()
    }
  }
}

const ended = { done: true, value: undefined } as const

/**
 * `for await (const record of consumer)`. Written by hand: an async generator costs two to three times as much per record. Calls
 * of `next` must follow each other, as `for await` does it.
 */
export class RecordLoop implements AsyncIterableIterator<ConsumerRecord> {
  readonly #source: LeaseSource
  #lease: Lease | undefined

  constructor(source: LoopSource) {
    this.#source = new LeaseSource(source)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** The next record. The one before is finished by asking. */
  next(): Promise<IteratorResult<ConsumerRecord>> {
    const lease = this.#lease
    if (lease !== undefined) {
      const value = lease.batch[++lease.index]
      if (value !== undefined && !lease.isStopped) return Promise.resolve({ done: false, value })
      this.#lease = undefined
      this.#source.delivery.release(lease, lease.finished)
    }
    return this.#nextLease()
  }

  /** The loop was left: the record at hand is not finished, so it will come again. */
  return(): Promise<IteratorResult<ConsumerRecord>> {
    const lease = this.#lease
    this.#lease = undefined
    if (lease !== undefined) this.#source.delivery.release(lease, lease.finished)
    return Promise.resolve(ended)
  }

  async #nextLease(): Promise<IteratorResult<ConsumerRecord>> {
    const lease = this.#source.tryTake() ?? (await this.#source.take())
    const value = lease?.batch[0]
    if (lease === undefined || value === undefined) return ended
    this.#lease = lease
    return { done: false, value }
  }
}

/** `for await (const batch of consumer.batches())`. */
export class BatchLoop implements AsyncIterableIterator<ConsumerBatch> {
  readonly #source: LeaseSource
  #lease: Lease | undefined

  constructor(source: LoopSource) {
    this.#source = new LeaseSource(source)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** The next batch. All of the one before is finished by asking. */
  next(): Promise<IteratorResult<ConsumerBatch>> {
    const lease = this.#lease
    if (lease !== undefined) {
      this.#lease = undefined
      this.#source.delivery.release(lease, lease.batch.length)
    }
    return this.#nextLease()
  }

  /** The loop was left: what was not committed of the batch at hand will come again. */
  return(): Promise<IteratorResult<ConsumerBatch>> {
    const lease = this.#lease
    this.#lease = undefined
    if (lease !== undefined) this.#source.delivery.release(lease, lease.finished)
    return Promise.resolve(ended)
  }

  async #nextLease(): Promise<IteratorResult<ConsumerBatch>> {
    const lease = this.#source.tryTake() ?? (await this.#source.take())
    if (lease === undefined) return ended
    lease.isWhole = true
    this.#lease = lease
    return { done: false, value: lease.batch }
  }
}
