import { type Clock, onAbort } from '@ottla/network'
import type { Claim } from './claim.js'
import type { Delivery, Reader } from './delivery.js'
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
export const maxTurnMs = 10

/** Next lease, now or later. Shared by the loops, the streams of partitions and the workers of `run`. */
export class LeaseSource {
  readonly #source: LoopSource
  readonly #reader: Reader
  readonly #claim: Claim | undefined
  #turnStartMs = -Infinity
  #isEnded = false

  constructor(source: LoopSource, reader: Reader, claim?: Claim) {
    this.#source = source
    this.#reader = reader
    this.#claim = claim
  }

  get delivery(): Delivery {
    return this.#source.delivery
  }

  /** Whether there will be nothing more: of the claimed partition, or because whoever drew has left for good. */
  get #isOver(): boolean {
    return this.#isEnded || this.#claim?.isOver === true
  }

  /** A lease that is there already, if this turn of the event loop has not taken too long yet. */
  tryTake(): Lease | undefined {
    const { clock } = this.#source
    if (clock.monotonic() - this.#turnStartMs >= maxTurnMs) return undefined
    return this.takeReady()
  }

  /** A lease that is there already, however long this turn has taken. Throws the signal's reason, and what went wrong. */
  takeReady(): Lease | undefined {
    const { delivery, maxPollRecords, signal } = this.#source
    if (this.#isOver) return undefined
    signal?.throwIfAborted()
    delivery.enter(this.#reader)
    return delivery.take(maxPollRecords, this.#claim)
  }

  /** Waits for a lease; undefined at the end of the consumer or of the claimed partition. Rejects with what went wrong. */
  async take(): Promise<Lease | undefined> {
    const { clock, delivery, maxPollRecords, onRequest, signal } = this.#source
    if (this.#isOver) return undefined
    delivery.enter(this.#reader)
    if (clock.monotonic() - this.#turnStartMs >= maxTurnMs) {
      await new Promise<void>((resolve) => clock.afterTurn(resolve))
      this.#turnStartMs = clock.monotonic()
    }
    for (;;) {
      signal?.throwIfAborted()
      if (this.#isOver) return undefined
      onRequest()
      const lease = delivery.take(maxPollRecords, this.#claim)
      if (lease !== undefined || delivery.isClosed) return lease
      await delivery.wait(signal, this.#claim)
      this.#turnStartMs = clock.monotonic()
    }
  }

  /** Calls `callback` when the signal aborts; returns what stops that. */
  onAbort(callback: () => void): () => void {
    return onAbort(this.#source.signal, callback)
  }

  /** Draws no more, ever: who waits for a lease gets none. */
  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.leave()
    this.#source.delivery.wake()
  }

  /** Draws no more for now. */
  leave(): void {
    const { delivery } = this.#source
    if (this.#claim === undefined) {
      delivery.exit(this.#reader)
      return
    }
    this.#claim.leave()
    delivery.offer(this.#claim.partition)
    delivery.wake()
  }
}
