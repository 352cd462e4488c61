/**
 * Counts the bytes that requests and responses hold on all connections. Above the limit connections stop reading; they
 * are called back when there is room again. What is being worked on is never refused, so the limit may be passed by one
 * request per connection.
 */
export class MemoryBudget {
  readonly #limitBytes: number
  readonly #waiting = new Set<() => void>()
  #usedBytes = 0

  /** @param limitBytes -1 is no limit. */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes < 0 ? Number.POSITIVE_INFINITY : limitBytes
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  get isExhausted(): boolean {
    return this.#usedBytes >= this.#limitBytes
  }

  take(bytes: number): void {
    this.#usedBytes += bytes
  }

  release(bytes: number): void {
    this.#usedBytes -= bytes
    if (this.#waiting.size === 0 || this.isExhausted) return
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const resume of waiting) resume()
  }

  /** Calls `resume` once, when there is room. */
  whenFree(resume: () => void): void {
    this.#waiting.add(resume)
  }

  /** A connection that waited has ended. */
  forget(resume: () => void): void {
    this.#waiting.delete(resume)
  }
}
