import type { Clock, Timer } from '../platform.js'

/** A request that waits: asked again after each event on what it watches, until it has an answer. */
export interface Parked {
  /** Tries to finish; true once it is done and nothing more is to be called. */
  attempt(): boolean
  /** The deadline has passed: finishes with what there is. */
  expire(): void
}

/** What parked requests watch: a partition has one list for readers and one for writers. */
export class Watchers {
  /** Made for the first request that waits: most partitions of many are never waited for. */
  #entries: Set<Entry> | undefined

  /** Number of requests that watch this. */
  get size(): number {
    return this.#entries?.size ?? 0
  }

  /** Something happened here: whoever watches is asked again, once, when the current turn's work is done. */
  notify(): void {
    for (const entry of this.#entries ?? []) entry.purgatory.schedule(entry)
  }

  /** Lets an entry hear of the key. */
  add(entry: Entry): void {
    this.#entries ??= new Set()
    this.#entries.add(entry)
  }

  /** Lets it hear no more. */
  remove(entry: Entry): void {
    this.#entries?.delete(entry)
  }
}

interface Entry {
  readonly purgatory: Scheduler
  readonly parked: Parked
  readonly watched: readonly Watchers[]
  readonly deadline: Deadline
}

/** A moment, and the requests that expire then. */
interface Deadline {
  readonly atMs: number
  readonly entries: Set<Entry>
  readonly timer: Timer
}

interface Scheduler {
  schedule(entry: Entry): void
}

/** What a purgatory has done since it was made. */
export interface PurgatoryStats {
  /** Requests that wait now. */
  readonly parked: number
  /** Times a parked request was asked whether it is done. */
  readonly wakeUps: number
  /** Requests that ran into their deadline. */
  readonly expired: number
}

/**
 * Where requests wait for data, for replicas, for members. Nothing polls: a parked request costs a timer, its deadline,
 * which it may share with others, and is looked at only when something it watches has happened. Events of one turn of the
 * event loop are taken together, so that twenty appends wake a fetch once and it carries all of them.
 */
export class Purgatory implements Scheduler {
  readonly #clock: Clock
  readonly #entries = new Set<Entry>()
  /** By the moment at which they expire. */
  readonly #deadlines = new Map<number, Deadline>()
  #due = new Set<Entry>()
  #wakeUps = 0
  #expired = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get stats(): PurgatoryStats {
    return { parked: this.#entries.size, wakeUps: this.#wakeUps, expired: this.#expired }
  }

  /**
   * Parks a request that could not be answered at once.
   * @returns a function that expires it now, for when its client is gone.
   */
  park(parked: Parked, watched: readonly Watchers[], waitMs: number): () => void {
    const deadline = this.#deadlineIn(waitMs)
    const entry: Entry = { purgatory: this, parked, watched, deadline }
    deadline.entries.add(entry)
    for (const watchers of watched) watchers.add(entry)
    this.#entries.add(entry)
    return () => this.#expire(entry)
  }

  /** Ends every wait at once; for shutdown. */
  close(): void {
    for (const entry of [...this.#entries]) this.#expire(entry)
  }

  /** Looks at an entry once more at the end of this turn. */
  schedule(entry: Entry): void {
    if (this.#due.size === 0) queueMicrotask(() => this.#wakeDue())
    this.#due.add(entry)
  }

  #wakeDue(): void {
    const due = this.#due
    this.#due = new Set()
    for (const entry of due) {
      if (!this.#entries.has(entry)) continue
      this.#wakeUps += 1
      if (entry.parked.attempt()) this.#remove(entry)
    }
  }

  #expire(entry: Entry): void {
    if (!this.#entries.has(entry)) return
    this.#remove(entry)
    entry.parked.expire()
  }

  /**
   * A moment to expire at. Where many wait, it is up to a thirty-second of the wait later, at a moment that others have,
   * too: a broker with hundreds of idle consumers wakes up for many of them at once.
   */
  #deadlineIn(waitMs: number): Deadline {
    const nowMs = this.#clock.monotonic()
    const grainMs = this.#entries.size < fewWaits ? 0 : grainOf(waitMs)
    const dueMs = nowMs + waitMs
    const atMs = grainMs === 0 ? dueMs : Math.ceil(dueMs / grainMs) * grainMs
    const known = this.#deadlines.get(atMs)
    if (known !== undefined) return known
    const entries = new Set<Entry>()
    const timer = this.#clock.setTimer(atMs - nowMs, () => {
      for (const entry of entries) {
        this.#expired += 1
        this.#expire(entry)
      }
    })
    const deadline: Deadline = { atMs, entries, timer }
    this.#deadlines.set(atMs, deadline)
    return deadline
  }

  #remove(entry: Entry): void {
    const { deadline } = entry
    deadline.entries.delete(entry)
    if (deadline.entries.size === 0) {
      deadline.timer.cancel()
      this.#deadlines.delete(deadline.atMs)
    }
    this.#entries.delete(entry)
    for (const watchers of entry.watched) watchers.remove(entry)
  }
}

/** While no more wait, each ends at its own millisecond. */
const fewWaits = 16

const maxGrainMs = 16

/** What deadlines are rounded up to: a power of two, at most a thirty-second of the wait; 0 for a wait too short for it. */
const grainOf = (waitMs: number): number => {
  if (!(waitMs >= 32)) return 0
  let grainMs = maxGrainMs
  while (grainMs * 32 > waitMs) grainMs /= 2
  return grainMs
}
