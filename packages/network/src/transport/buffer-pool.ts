/** Sizes are multiples of this, so that requests of about one size share buffers. */
const granuleBytes = 16 * 1024

/**
 * Large buffers for use again and again. Fresh memory of this size costs more than what is done with it: the system maps and
 * clears its pages, and V8, told of so many bytes outside its heap, collects garbage all the time.
 */
export class BufferPool {
  readonly #maxFreeBytes: number
  readonly #free: Buffer[] = []
  #freeBytes = 0

  /** @param maxFreeBytes most bytes kept while nobody uses them. */
  constructor(maxFreeBytes: number) {
    this.#maxFreeBytes = maxFreeBytes
  }

  /** Bytes that wait to be used again. */
  get freeBytes(): number {
    return this.#freeBytes
  }

  /** A buffer of at least `bytes` and at most twice as many, both rounded up to 16 KB; its content is whatever it was. */
  take(bytes: number): Buffer {
    const wanted = Math.ceil(bytes / granuleBytes) * granuleBytes
    for (let index = this.#free.length - 1; index >= 0; index--) {
      const buffer = this.#free[index] as Buffer
      if (buffer.length < wanted || buffer.length > 2 * wanted) continue
      this.#free.splice(index, 1)
      this.#freeBytes -= buffer.length
      return buffer
    }
    return Buffer.allocUnsafeSlow(wanted)
  }

  /** Gives back a whole buffer that `take` returned. The oldest free ones make room for it. */
  give(buffer: Buffer): void {
    if (buffer.length > this.#maxFreeBytes) return
    this.#free.push(buffer)
    this.#freeBytes += buffer.length
    while (this.#freeBytes > this.#maxFreeBytes) {
      this.#freeBytes -= this.#free.shift()?.length ?? 0
    }
  }
}
