import type { Clock, Timer } from '@ottla/network'
import type { Delivery } from './delivery.js'

/** What a `Watchdog` watches and whom it tells. */
export interface WatchdogSetup {
  readonly clock: Clock
  readonly delivery: Delivery
  readonly maxPollIntervalMs: number
  readonly signal: AbortSignal
  /** Nothing has moved for `maxPollIntervalMs`. */
  readonly onStuck: (idleMs: number) => void
}

/** Looks so many times within the interval: it is noticed at most an eighth late. */
const looksPerInterval = 8

/**
 * Notices an application that has stopped: a handler that works on one record for `maxPollIntervalMs`, or a loop that does not
 * come back for more. It looks from time to time instead of keeping the time of every record, which would cost more than
 * handing the record out.
 */
export class Watchdog {
  readonly #setup: WatchdogSetup
  #timer: Timer | undefined
  #requests = -1
  #requestedAtMs = 0

  constructor(setup: WatchdogSetup) {
    this.#setup = setup
    setup.signal.addEventListener('abort', () => this.stop(), { once: true })
  }

  /** Starts looking, from now on. Idempotent. */
  start(): void {
    if (this.#timer !== undefined || this.#setup.signal.aborted) return
    this.#requestedAtMs = this.#setup.clock.monotonic()
    this.#schedule()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #schedule(): void {
    const { clock, maxPollIntervalMs } = this.#setup
    this.#timer = clock.setTimer(Math.ceil(maxPollIntervalMs / looksPerInterval), () => {
      this.#schedule()
      this.#look(clock.monotonic())
    })
  }

  #look(nowMs: number): void {
    const { delivery, maxPollIntervalMs, onStuck } = this.#setup
    let oldestMs = nowMs
    for (const lease of delivery.leases) {
      const progress = lease.index + lease.beats
      if (lease.seenProgress !== progress) {
        lease.seenProgress = progress
        lease.seenAtMs = nowMs
      }
      oldestMs = Math.min(oldestMs, lease.seenAtMs)
    }
    if (delivery.leases.size > 0 || delivery.isAwaited || delivery.requests !== this.#requests) {
      this.#requests = delivery.requests
      this.#requestedAtMs = nowMs
    }
    const idleMs = nowMs - Math.min(oldestMs, this.#requestedAtMs)
    if (idleMs >= maxPollIntervalMs) onStuck(idleMs)
  }
}
