/**
 * Memory of sent batches, kept for the next ones: the last returned is handed out first, while it is still in the
 * processor's cache. Saves allocating (and the kernel zeroing) what batches were built in.
 */
export class BufferPool {
  readonly #limitBytes: number
  readonly #free: Uint8Array[] = []
  #freeBytes = 0

  /** @param limitBytes most bytes kept; beyond, memory is left to the garbage collector. */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  take(): Uint8Array | undefined {
    const buffer = this.#free.pop()
    if (buffer !== undefined) this.#freeBytes -= buffer.length
    return buffer
  }

  /** Only for memory that nothing reads any more: neither a socket nor a caller. */
  give(buffer: Uint8Array): void {
    if (this.#freeBytes + buffer.length > this.#limitBytes) return
    this.#free.push(buffer)
    this.#freeBytes += buffer.length
  }
}
