import type { Clock, Timer } from '../platform.js'

/** Something to be done at a time. */
interface Item {
  readonly key: string
  readonly dueMs: number
  readonly run: () => void
}

/** Work is done in slices this long, with a pause between them, so that requests never wait for much of it. */
const sliceMs = 4
const pauseMs = 8

/**
 * Things to be done later, each at its own time, with one timer for all of them: ten thousand idle partitions cost
 * nothing until the first of them falls due. A heap by due time.
 */
export class Agenda {
  readonly #clock: Clock
  readonly #onError: (key: string, error: unknown) => void
  /** What is scheduled under each key; heap entries that are not in here any more are skipped. */
  readonly #current = new Map<string, Item>()
  #heap: Item[] = []
  #timer: Timer | undefined
  #timerMs = Number.POSITIVE_INFINITY
  #isClosed = false

  constructor(clock: Clock, onError: (key: string, error: unknown) => void) {
    this.#clock = clock
    this.#onError = onError
  }

  /** Number of things to be done. */
  get size(): number {
    return this.#current.size
  }

  /** Puts something on the agenda, instead of what was there under the key. Infinity takes it off. */
  schedule(key: string, dueMs: number, run: () => void): void {
    if (this.#isClosed) return
    if (dueMs === Number.POSITIVE_INFINITY) {
      this.#current.delete(key)
      return
    }
    if (this.#current.get(key)?.dueMs === dueMs) return
    const item: Item = { key, dueMs, run }
    this.#current.set(key, item)
    this.#push(item)
    this.#arm(dueMs)
  }

  cancel(key: string): void {
    this.#current.delete(key)
  }

  /** Nothing is done any more. */
  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
    this.#current.clear()
    this.#heap = []
  }

  #arm(dueMs: number): void {
    if (dueMs >= this.#timerMs || this.#isClosed) return
    this.#timer?.cancel()
    this.#timerMs = dueMs
    this.#timer = this.#clock.setTimer(dueMs - this.#clock.now(), () => this.#runDue())
  }

  #runDue(): void {
    this.#timerMs = Number.POSITIVE_INFINITY
    const nowMs = this.#clock.now()
    const startMs = this.#clock.monotonic()
    for (let item = this.#heap[0]; item !== undefined; item = this.#heap[0]) {
      const isCurrent = this.#current.get(item.key) === item
      if (isCurrent && item.dueMs > nowMs) {
        this.#arm(item.dueMs)
        return
      }
      if (isCurrent && this.#clock.monotonic() - startMs > sliceMs) {
        this.#arm(nowMs + pauseMs)
        return
      }
      this.#pop()
      if (!isCurrent) continue
      this.#current.delete(item.key)
      try {
        item.run()
      } catch (error) {
        this.#onError(item.key, error)
      }
    }
  }

  #push(item: Item): void {
    const heap = this.#heap
    let at = heap.push(item) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if ((heap[parent] as Item).dueMs <= item.dueMs) break
      heap[at] = heap[parent] as Item
      at = parent
    }
    heap[at] = item
  }

  /** Removes the first. */
  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child += 1
      if (!isBefore(heap[child], last)) break
      heap[at] = heap[child] as Item
      at = child
    }
    heap[at] = last
  }
}

const isBefore = (a: Item | undefined, b: Item | undefined): boolean =>
  (a?.dueMs ?? 0) < (b?.dueMs ?? 0)
