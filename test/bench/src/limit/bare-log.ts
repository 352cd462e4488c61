import { closeSync, openSync, readSync, unlinkSync, writevSync } from 'node:fs'

/** A partition as a file and nothing else: batches one after the other, and where each begins. */
export class BareLog {
  readonly #fd: number
  readonly #offsets: number[] = []
  readonly #positions: number[] = []
  #waiting: Uint8Array[] = []
  #bytes = 0
  nextOffset = 0

  constructor(path: string) {
    this.#fd = openSync(path, 'w+')
    // Gone with the last descriptor, however this process ends.
    unlinkSync(path)
  }

  /** Takes a batch whose base offset has been set; it is in the file after `flush`. */
  append(batch: Uint8Array, records: number): void {
    this.#offsets.push(this.nextOffset)
    this.#positions.push(this.#bytes)
    this.#waiting.push(batch)
    this.#bytes += batch.length
    this.nextOffset += records
  }

  /** One write of all that was appended since. */
  flush(): void {
    if (this.#waiting.length > 0) writevSync(this.#fd, this.#waiting)
    this.#waiting = []
  }

  /** Whole batches from the one with this offset on, into `target`: as many as it holds, and at least a part of the first. Gives their bytes. */
  read(offset: number, target: Uint8Array): number {
    if (offset >= this.nextOffset) return 0
    const first = this.#batchOf(offset)
    const from = this.#positions[first]
    if (from === undefined) return 0
    let to = Math.min(this.#bytes, from + target.length)
    for (let index = first; index < this.#positions.length; index++) {
      const end = this.#positions[index + 1] ?? this.#bytes
      if (end - from > target.length) break
      to = end
    }
    return readSync(this.#fd, target, 0, to - from, from)
  }

  /** The last batch that begins at this offset or before. */
  #batchOf(offset: number): number {
    let low = 0
    let high = this.#offsets.length - 1
    while (low < high) {
      const middle = low + Math.ceil((high - low) / 2)
      if ((this.#offsets[middle] as number) <= offset) low = middle
      else high = middle - 1
    }
    return low
  }

  close(): void {
    closeSync(this.#fd)
  }
}
