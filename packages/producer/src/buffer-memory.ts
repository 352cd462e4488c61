import type { KafkaError } from '@ottla/protocol'

/** Who stands in line for memory. */
export interface Waiter {
  readonly bytes: number
  /** Monotonic time. */
  readonly deadlineMs: number
  /** Called when the bytes fit; must take them. */
  proceed(): void
  /** Called instead when the deadline is over. */
  giveUp(error: KafkaError): void
}

/**
 * Counts the bytes that wait for delivery against `bufferMemory`. Who finds it full either is told so (`enqueue`) or waits
 * in line (`send`); whoever comes while others wait stands behind them, so that the order of calls is kept.
 */
export class BufferMemory {
  readonly limitBytes: number
  /**
   * From here on `enqueue` answers false. A quarter keeps five full requests under way to a broker while the next are
   * being filled; more would only age in memory that no cache holds any more.
   */
  readonly highWaterBytes: number
  #usedBytes = 0
  readonly #line: Waiter[] = []
  #drained: (() => void)[] = []

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes
    this.highWaterBytes = Math.ceil(limitBytes / 4)
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  /** Below the high-water mark, and nobody waits: enqueue at will. */
  get isOpen(): boolean {
    return this.#usedBytes < this.highWaterBytes && this.#line.length === 0
  }

  /** Somebody waits for memory: what is buffered should leave without lingering. */
  get isExhausted(): boolean {
    return this.#line.length > 0
  }

  /** When the first in line gives up; Infinity when nobody waits. */
  get firstDeadlineMs(): number {
    return this.#line[0]?.deadlineMs ?? Infinity
  }

  /** Whether so many more bytes fit now; a record fits into an empty buffer whatever its size. */
  fits(bytes: number): boolean {
    if (this.#line.length > 0) return false
    return this.#usedBytes === 0 || this.#usedBytes + bytes <= this.limitBytes
  }

  take(bytes: number): void {
    this.#usedBytes += bytes
  }

  /** Gives bytes back and lets in who waited for them, first come first served. */
  give(bytes: number): void {
    this.#usedBytes -= bytes
    for (let first = this.#line[0]; first !== undefined; first = this.#line[0]) {
      if (this.#usedBytes > 0 && this.#usedBytes + first.bytes > this.limitBytes) break
      this.#line.shift()
      // Takes its bytes before the next in line is looked at.
      first.proceed()
    }
    // Half of the mark, so that the application and the buffer take turns in large steps.
    if (this.#drained.length > 0 && this.#usedBytes <= this.highWaterBytes / 2) {
      const drained = this.#drained
      this.#drained = []
      for (const resolve of drained) resolve()
    }
  }

  /** Stands in line until the bytes fit. */
  wait(waiter: Waiter): void {
    this.#line.push(waiter)
  }

  /** Leaves the line. */
  leave(waiter: Waiter): void {
    const index = this.#line.indexOf(waiter)
    if (index >= 0) this.#line.splice(index, 1)
  }

  /** Sends away whose deadline is over: all of them, for Infinity. */
  expire(nowMs: number, error: (waiter: Waiter) => KafkaError): void {
    for (let first = this.#line[0]; first !== undefined; first = this.#line[0]) {
      if (first.deadlineMs > nowMs) break
      this.#line.shift()
      first.giveUp(error(first))
    }
  }

  /** Calls `resolve` when a good part of the buffer is free, at once if it is. @returns a function that forgets it. */
  onDrained(resolve: () => void): () => void {
    if (this.isOpen) {
      resolve()
      return () => {}
    }
    this.#drained.push(resolve)
    return () => {
      const index = this.#drained.indexOf(resolve)
      if (index >= 0) this.#drained.splice(index, 1)
    }
  }
}
