import type { Clock } from '@ottla/network'
import { gaveUp, type Handling, type RecordWork } from './handler.js'
import { withPlace } from './handler-error.js'
import type { Lease } from './lease.js'
import { type LeaseSource, maxTurnMs } from './lease-source.js'
import { RecordWindow } from './record-window.js'
import type { Ordering } from './run-options.js'

/** What a `ConcurrentRun` works with. */
export interface ConcurrentRunSetup {
  readonly clock: Clock
  readonly leases: LeaseSource
  readonly handling: Handling
  readonly eachRecord: RecordWork
  readonly concurrency: number
  readonly ordering: Ordering
  readonly maxPollRecords: number
  /** Aborted when a handler throws for good. */
  readonly failed: AbortController
}

/**
 * `run` with an ordering other than by partition: up to `concurrency` handlers at a time, whatever partitions their records are
 * of. Each partition at hand has a window of records; see `RecordWindow` for what is started when and what counts as finished.
 */
export class ConcurrentRun {
  readonly #setup: ConcurrentRunSetup
  readonly #windows = new Set<RecordWindow>()
  #free: number
  #isTaking = false
  /** Handlers that never wait would keep the event loop from turning; see `maxTurnMs`. */
  #turnStartMs = -Infinity
  #isYielding = false
  #isOver = false
  #error: { readonly reason: unknown } | undefined
  #end: () => void = () => {}

  constructor(setup: ConcurrentRunSetup) {
    this.#setup = setup
    this.#free = setup.concurrency
  }

  /** Resolves when the consumer closes or `stop` fires, and the handlers at work have ended. */
  async run(stop: AbortSignal): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      this.#end = resolve
    })
    const onStop = (): void => this.#finish()
    stop.addEventListener('abort', onStop, { once: true })
    if (stop.aborted) this.#finish()
    else this.#pump()
    await ended
    stop.removeEventListener('abort', onStop)
    if (this.#error !== undefined) throw this.#error.reason
  }

  /** Starts what can be started, then sees that there will be more. */
  #pump(): void {
    while (this.#free > 0 && !this.#mustYield()) {
      this.#openWaiting()
      if (!this.#startOne()) break
    }
    if (this.#isOver) this.#endIfIdle()
    else if (this.#free > 0 && !this.#isTaking && !this.#isYielding) void this.#take()
  }

  #mustYield(): boolean {
    const { clock } = this.#setup
    if (this.#isYielding) return true
    if (clock.monotonic() - this.#turnStartMs < maxTurnMs) return false
    this.#isYielding = true
    clock.afterTurn(() => {
      this.#isYielding = false
      this.#turnStartMs = clock.monotonic()
      this.#pump()
    })
    return true
  }

  /** A partition that waits gets its share, however much the others have. */
  #openWaiting(): void {
    const { leases, concurrency } = this.#setup
    if (this.#isOver || this.#windows.size >= concurrency || !leases.delivery.isAnyReady) return
    try {
      const lease = leases.takeReady()
      if (lease !== undefined) this.#open(lease)
    } catch (error) {
      this.#onFailed(error)
    }
  }

  #startOne(): boolean {
    for (const window of this.#windows) {
      const index = this.#isOver ? undefined : window.nextToStart()
      if (index !== undefined) {
        // The partition goes behind the others, so that all get their share.
        this.#windows.delete(window)
        this.#windows.add(window)
        this.#start(window, index)
        return true
      }
      if (window.isDone(this.#isOver)) this.#release(window)
    }
    return false
  }

  async #take(): Promise<void> {
    const { leases } = this.#setup
    this.#isTaking = true
    try {
      const lease = leases.tryTake() ?? (await leases.take())
      if (lease === undefined) this.#finish()
      else this.#open(lease)
    } catch (error) {
      this.#onFailed(error)
    }
    this.#isTaking = false
    this.#pump()
  }

  /** There are no more records to be had. */
  #onFailed(error: unknown): void {
    if (!this.#isOver) this.#endWith(error)
  }

  #endWith(reason: unknown): void {
    this.#error ??= { reason }
    this.#isOver = true
    this.#setup.failed.abort()
  }

  #open(lease: Lease): void {
    const { leases, maxPollRecords, ordering, concurrency } = this.#setup
    const window = new RecordWindow({
      lease,
      // While others wait, a partition has its turn of one batch, as everywhere.
      extend: () => !leases.delivery.isAnyReady && leases.delivery.extend(lease, maxPollRecords),
      maxAhead: Math.max(maxPollRecords, concurrency),
      byKey: ordering === 'key',
    })
    lease.onMore = () => {
      if (this.#free > 0) this.#pump()
    }
    lease.onStopped = () => {
      if (window.isDone(this.#isOver)) this.#release(window)
    }
    this.#windows.add(window)
  }

  #release(window: RecordWindow): void {
    this.#windows.delete(window)
    const { lease } = window
    lease.onMore = undefined
    lease.onStopped = undefined
    window.close()
    this.#setup.leases.delivery.release(lease, lease.finished)
  }

  #start(window: RecordWindow, index: number): void {
    const { handling, eachRecord } = this.#setup
    const { lease } = window
    const record = window.recordAt(index)
    this.#free--
    try {
      const result = handling.isPlain
        ? eachRecord(record, lease)
        : handling.call(() => eachRecord(record, lease), lease, [record])
      if (result === undefined) this.#settle(window, index)
      else void this.#await(window, index, result)
    } catch (error) {
      this.#fail(window, index, error)
    }
  }

  async #await(window: RecordWindow, index: number, result: Promise<void>): Promise<void> {
    try {
      await result
      this.#settle(window, index)
    } catch (error) {
      this.#fail(window, index, error)
    }
    this.#pump()
  }

  #settle(window: RecordWindow, index: number): void {
    this.#free++
    window.finish(index)
  }

  #fail(window: RecordWindow, index: number, error: unknown): void {
    const record = window.recordAt(index)
    this.#free++
    window.leave()
    if (gaveUp(window.lease, error)) return
    this.#endWith(withPlace(error, record))
  }

  #finish(): void {
    this.#isOver = true
    this.#pump()
  }

  #endIfIdle(): void {
    for (const window of this.#windows) if (window.isDone(true)) this.#release(window)
    if (this.#windows.size === 0 && this.#free === this.#setup.concurrency) this.#end()
  }
}
