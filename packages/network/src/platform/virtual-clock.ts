import type { Clock } from './clock.js'

/** Limits of `runUntil`. */
export interface RunOptions {
  /** Virtual time after which the wait is given up. Default 10 minutes. */
  readonly limitMs?: number
}

/** A clock that stands still until told to move. Timers fire in order of time, then of creation. */
export interface VirtualClock extends Clock {
  /** Timers not fired and not cancelled: 0 when everything is closed. */
  readonly pendingTimers: number
  /** Moves the time on, firing what falls due; between two timers all promises settle. */
  advance(ms: number): Promise<void>
  /**
   * Moves from timer to timer until the predicate holds or the promise settles.
   *
   * @returns what the promise gave, undefined for a predicate.
   * @throws Error when no timer is left that could change anything, or the limit passes; what the promise throws.
   */
  runUntil(predicate: () => boolean, options?: RunOptions): Promise<void>
  runUntil<T>(promise: Promise<T>, options?: RunOptions): Promise<T>
}

interface Entry {
  readonly atMs: number
  readonly callback: () => void
}

/**
 * Creates a clock at `startMs` (default 2026-01-01, a fixed moment so that runs repeat). `now` and `monotonic` move
 * together.
 */
export const createVirtualClock = ({
  startMs = Date.UTC(2026, 0, 1),
}: {
  readonly startMs?: number
} = {}): VirtualClock => {
  let elapsedMs = 0
  let turnsPending = 0
  const entries = new Set<Entry>()

  /** Lets every promise, `process.nextTick` and end of turn that can come, come. */
  const settle = async (): Promise<void> => {
    do await endOfTurn()
    while (turnsPending > 0)
  }

  // A Set keeps the order of creation, so the first of the earliest is the right one.
  const earliest = (): Entry | undefined => {
    let first: Entry | undefined
    for (const entry of entries) if (first === undefined || entry.atMs < first.atMs) first = entry
    return first
  }

  const fire = async (entry: Entry): Promise<void> => {
    entries.delete(entry)
    elapsedMs = Math.max(elapsedMs, entry.atMs)
    entry.callback()
    await settle()
  }

  const advance = async (ms: number): Promise<void> => {
    const targetMs = elapsedMs + ms
    await settle()
    for (let entry = earliest(); entry && entry.atMs <= targetMs; entry = earliest()) {
      await fire(entry)
    }
    elapsedMs = Math.max(elapsedMs, targetMs)
  }

  async function runUntil<T>(
    goal: Promise<T> | (() => boolean),
    { limitMs = 600_000 }: RunOptions = {},
  ): Promise<T | undefined> {
    let settled = false
    if (typeof goal !== 'function') {
      const mark = (): void => {
        settled = true
      }
      goal.then(mark, mark)
    }
    const reached = (): boolean => (typeof goal === 'function' ? goal() : settled)
    const endMs = elapsedMs + limitMs
    await settle()
    while (!reached()) {
      const entry = earliest()
      if (entry === undefined) throw new Error(`nothing left to happen at ${elapsedMs} ms`)
      if (entry.atMs > endMs) throw new Error(`not reached within ${limitMs} ms of virtual time`)
      await fire(entry)
    }
    return typeof goal === 'function' ? undefined : goal
  }

  return {
    // Whole milliseconds, as `Date.now` gives them: timers and latencies may be finer.
    now: () => startMs + Math.floor(elapsedMs),
    monotonic: () => elapsedMs,
    get pendingTimers() {
      return entries.size
    },
    setTimer(delayMs, callback) {
      const entry = { atMs: roundUp(elapsedMs + (Math.max(delayMs, 0) || 0)), callback }
      entries.add(entry)
      return { cancel: () => void entries.delete(entry) }
    },
    afterTurn(callback) {
      turnsPending++
      setImmediate(() => {
        turnsPending--
        callback()
      })
    },
    advance,
    runUntil: runUntil as VirtualClock['runUntil'],
  }
}

/**
 * Moments are multiples of 1/1024 ms, which a double holds exactly: who waits from one moment to another arrives there, and
 * not a rounding error earlier, to wait again for ever.
 */
const roundUp = (ms: number): number => Math.ceil(ms * 1024) / 1024

const endOfTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
