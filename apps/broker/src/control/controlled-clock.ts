import type { Clock, Timer } from '../platform.js'

interface Entry {
  readonly atMs: number
  readonly callback: () => void
  timer: Timer | undefined
}

/**
 * The time of one life of a broker: that of the platform, plus what a test has added. Real time goes on meanwhile;
 * advancing fires what falls due, in order, and shortens what is left of the others.
 */
export class ControlledClock implements Clock {
  readonly #base: Clock
  /** Running timers, in the order of their creation. */
  readonly #entries = new Set<Entry>()
  #offsetMs: number
  #isStopped = false

  /** @param offsetMs what earlier lives were advanced by. */
  constructor(base: Clock, offsetMs = 0) {
    this.#base = base
    this.#offsetMs = offsetMs
  }

  /** How far this clock is ahead of the platform's. */
  get offsetMs(): number {
    return this.#offsetMs
  }

  now(): number {
    return this.#base.now() + Math.floor(this.#offsetMs)
  }

  monotonic(): number {
    return this.#base.monotonic() + this.#offsetMs
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const waitMs = Math.max(delayMs, 0) || 0
    const entry: Entry = { atMs: this.monotonic() + waitMs, callback, timer: undefined }
    if (!this.#isStopped) this.#arm(entry, waitMs)
    return { cancel: () => this.#cancel(entry) }
  }

  afterTurn(callback: () => void): void {
    this.#base.afterTurn(() => {
      if (!this.#isStopped) callback()
    })
  }

  /** Moves the time on. Between two moments at which timers fall due, what they caused gets a turn of the event loop. */
  async advance(ms: number): Promise<void> {
    const targetMs = this.monotonic() + ms
    for (let next = this.#earliest(); next && next.atMs <= targetMs; next = this.#earliest()) {
      this.#jumpTo(next.atMs)
      for (const entry of [...this.#entries]) {
        if (entry.atMs <= next.atMs && this.#entries.has(entry)) this.#fire(entry)
      }
      await new Promise<void>((resolve) => this.#base.afterTurn(resolve))
    }
    this.#jumpTo(targetMs)
    const nowMs = this.monotonic()
    for (const entry of this.#entries) {
      entry.timer?.cancel()
      this.#arm(entry, entry.atMs - nowMs)
    }
  }

  /** The end of this life: nothing fires any more. */
  stop(): void {
    this.#isStopped = true
    for (const entry of this.#entries) entry.timer?.cancel()
    this.#entries.clear()
  }

  #arm(entry: Entry, waitMs: number): void {
    this.#entries.add(entry)
    entry.timer = this.#base.setTimer(waitMs, () => this.#fire(entry))
  }

  #fire(entry: Entry): void {
    this.#cancel(entry)
    entry.callback()
  }

  #cancel(entry: Entry): void {
    entry.timer?.cancel()
    this.#entries.delete(entry)
  }

  /** Time never goes back: it may have passed the moment by itself. */
  #jumpTo(atMs: number): void {
    this.#offsetMs += Math.max(atMs - this.monotonic(), 0)
  }

  #earliest(): Entry | undefined {
    let first: Entry | undefined
    for (const entry of this.#entries) {
      if (first === undefined || entry.atMs < first.atMs) first = entry
    }
    return first
  }
}
