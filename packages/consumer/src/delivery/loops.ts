import { InvalidArgumentError } from '@ottla/protocol'
import type { ConsumerBatch } from '../batch.js'
import type { ConsumerRecord } from '../record.js'
import type { Claim } from './claim.js'
import type { Reader } from './delivery.js'
import type { Lease } from './lease.js'
import { LeaseSource, type LoopSource } from './lease-source.js'

const ended = { done: true, value: undefined } as const

/** A partition that is read by itself, and by whom. */
export interface ClaimedBy {
  readonly reader: Reader
  readonly claim: Claim
}

/**
 * What the loops have in common. They are written by hand: an async generator costs two to three times as much per record. Calls
 * of `next` must follow each other, as `for await` does it.
 */
abstract class LeaseLoop<Item> implements AsyncIterableIterator<Item>, Reader {
  abstract readonly what: string
  protected lease: Lease | undefined
  readonly #leases: LeaseSource
  #isTaking = false
  #ignoreAbort: (() => void) | undefined

  constructor(source: LoopSource, claimed?: ClaimedBy) {
    this.#leases = new LeaseSource(source, claimed?.reader ?? this, claimed?.claim)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  abstract next(): Promise<IteratorResult<Item>>

  /** What `next` gives of a new lease. */
  protected abstract begin(lease: Lease): Item | undefined

  /** Whether what is at hand should no longer be handed over: its partition is revoked, paused or was moved. */
  get isStopped(): boolean {
    return this.lease?.isStopped === true
  }

  /** Takes back what is at hand and not finished: it comes again, if it is still ours. */
  putBack(): void {
    const { lease } = this
    if (lease !== undefined) this.release(lease, lease.finished)
  }

  /** The loop was left for good: what is not finished of what is at hand comes again, and who still waits gets nothing. */
  return(): Promise<IteratorResult<Item>> {
    this.putBack()
    this.#ignoreSignal()
    this.#leases.end()
    return Promise.resolve(ended)
  }

  protected release(lease: Lease, finished: number): void {
    this.lease = undefined
    this.#leases.delivery.release(lease, finished)
  }

  protected async takeNext(): Promise<IteratorResult<Item>> {
    if (this.#isTaking) {
      throw new InvalidArgumentError(
        'next() was called before the promise of the last call settled; await each record before the next.',
        { code: 'OTTLA_CONCURRENT_READ' },
      )
    }
    this.#isTaking = true
    // Without it, what is at hand would still be handed over after the signal.
    this.#ignoreAbort ??= this.#leases.onAbort(() => this.lease?.stop(false))
    try {
      const lease = this.#leases.tryTake() ?? (await this.#leases.take())
      const value = lease === undefined ? undefined : this.begin(lease)
      if (lease === undefined || value === undefined) {
        this.#leave()
        return ended
      }
      this.lease = lease
      return { done: false, value }
    } catch (error) {
      // `for await` does not call `return` after this.
      this.#leave()
      throw error
    } finally {
      this.#isTaking = false
    }
  }

  #leave(): void {
    this.#ignoreSignal()
    this.#leases.leave()
  }

  #ignoreSignal(): void {
    this.#ignoreAbort?.()
    this.#ignoreAbort = undefined
  }
}

/** `for await (const record of consumer)`. */
export class RecordLoop extends LeaseLoop<ConsumerRecord> {
  readonly what = 'a loop over records'

  /** The next record. The one before is finished by asking. */
  next(): Promise<IteratorResult<ConsumerRecord>> {
    const { lease } = this
    if (lease !== undefined) {
      const value = lease.batch[++lease.index]
      if (value !== undefined && !lease.isStopped) return Promise.resolve({ done: false, value })
      this.release(lease, lease.finished)
    }
    return this.takeNext()
  }

  protected begin({ batch }: Lease): ConsumerRecord | undefined {
    return batch[0]
  }
}

/** `for await (const batch of consumer.batches())`. */
export class BatchLoop extends LeaseLoop<ConsumerBatch> {
  readonly what = 'a loop over batches()'

  /** The next batch. All of the one before is finished by asking. */
  next(): Promise<IteratorResult<ConsumerBatch>> {
    const { lease } = this
    if (lease !== undefined) this.release(lease, lease.atHand)
    return this.takeNext()
  }

  /** Of the batch at hand only the first `count` records are handed over: the others come again. */
  shorten(count: number): void {
    if (this.lease !== undefined) this.lease.atHand = count
  }

  protected begin(lease: Lease): ConsumerBatch {
    lease.atHand = lease.batch.length
    return lease.batch
  }
}
