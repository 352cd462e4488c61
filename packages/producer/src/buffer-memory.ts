import type { KafkaError } from '@ottla/protocol'

/** Who stands in line for memory. */
export interface Waiter {
  readonly bytes: number
  /** Left the line, or its turn came. */
  isGone?: boolean
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
  /** Those from `#head` on, first come first; who left stays until it comes to the front. Long, so nothing may shift it. */
  readonly #line: Waiter[] = []
  #head = 0
  /** How many of the line have not left. */
  #waiting = 0
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
    return this.#usedBytes < this.highWaterBytes && this.#waiting === 0
  }

  /** Somebody waits for memory: what is buffered should leave without lingering. */
  get isExhausted(): boolean {
    return this.#waiting > 0
  }

  /** When the first in line gives up; Infinity when nobody waits. */
  get firstDeadlineMs(): number {
    return this.#first()?.deadlineMs ?? Infinity
  }

  /** Whether so many more bytes fit now; a record fits into an empty buffer whatever its size. */
  fits(bytes: number): boolean {
    return this.#waiting === 0 && this.#hasRoomFor(bytes)
  }

  take(bytes: number): void {
    this.#usedBytes += bytes
  }

  /** Gives bytes back and lets in who waited for them, first come first served. */
  give(bytes: number): void {
    this.#usedBytes -= bytes
    this.#admit()
  }

  /** Stands in line until the bytes fit. */
  wait(waiter: Waiter): void {
    this.#line.push(waiter)
    this.#waiting++
  }

  /** Leaves the line, which may let in who stood behind. */
  leave(waiter: Waiter): void {
    if (waiter.isGone) return
    this.#remove(waiter)
    this.#admit()
  }

  /** Sends away whose deadline is over: all of them, for Infinity. */
  expire(nowMs: number, error: (waiter: Waiter) => KafkaError): void {
    for (let first = this.#first(); first !== undefined; first = this.#first()) {
      if (first.deadlineMs > nowMs) break
      this.#remove(first)
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

  #hasRoomFor(bytes: number): boolean {
    return this.#usedBytes === 0 || this.#usedBytes + bytes <= this.limitBytes
  }

  #admit(): void {
    for (let first = this.#first(); first !== undefined; first = this.#first()) {
      if (!this.#hasRoomFor(first.bytes)) break
      this.#remove(first)
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

  #remove(waiter: Waiter): void {
    waiter.isGone = true
    this.#waiting--
  }

  /** The first in line; forgets those before it, who are gone. */
  #first(): Waiter | undefined {
    const line = this.#line
    while (line[this.#head]?.isGone) this.#head++
    if (this.#head === line.length) {
      line.length = 0
      this.#head = 0
    } else if (this.#head > 1000 && this.#head > line.length >> 1) {
      line.splice(0, this.#head)
      this.#head = 0
    }
    return line[this.#head]
  }
}
