/** A running timer. */
export interface Timer {
  /** Keeps the callback from being called, if it has not been yet. Idempotent. */
  cancel(): void
}

/** Time, as everything outside `platform/` and `transport/` sees it. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch: for timestamps that leave the process. It may jump. */
  now(): number
  /** Milliseconds since some fixed moment, never jumping: for deadlines, ages and backoff. */
  monotonic(): number
  /** Calls `callback` once after `delayMs` (0 when negative or not a number; any length). */
  setTimer(delayMs: number, callback: () => void): Timer
  /** Calls `callback` once when all that is ready in this turn of the event loop has run; no timer's delay. */
  afterTurn(callback: () => void): void
}

/** Node takes longer delays for 1 ms. */
const maxDelayMs = 2 ** 31 - 1

/** The real clock of this process. Its timers keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(delayMs, callback) {
    let handle: NodeJS.Timeout
    const arm = (leftMs: number): void => {
      const stepMs = Math.min(leftMs, maxDelayMs)
      handle = setTimeout(() => (leftMs > stepMs ? arm(leftMs - stepMs) : callback()), stepMs)
    }
    arm(Math.max(delayMs, 0) || 0)
    return { cancel: () => clearTimeout(handle) }
  },
  afterTurn: (callback) => {
    setImmediate(callback)
  },
}
