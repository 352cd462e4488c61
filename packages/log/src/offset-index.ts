import { readInt32, writeInt32 } from './bytes.js'
import { IndexFile } from './index-file.js'
import type { Storage } from './storage/storage.js'

/** Relative offset int32, position int32. */
const entryBytes = 8

/**
 * A segment's `.index`: sparse, from offsets to file positions. An entry holds the last offset of a batch, relative to the
 * segment's base offset, and the position where that batch starts.
 */
export class OffsetIndex {
  private readonly file: IndexFile
  private readonly baseOffset: number

  constructor(storage: Storage, path: string, baseOffset: number, isAbsent = false) {
    this.file = new IndexFile(storage, path, entryBytes, isAbsent)
    this.baseOffset = baseOffset
  }

  get entries(): number {
    return this.file.entries
  }

  /** False if the file is absent, cut inside an entry, or ends below the segment or past `logBytes` (preallocated zeros, corruption). */
  isSane(logBytes: number): boolean {
    if (!this.file.isWhole) return false
    const last = this.last()
    return (
      last === undefined ||
      (last.offset >= this.baseOffset && last.position > 0 && last.position < logBytes)
    )
  }

  isFull(maxBytes: number): boolean {
    return this.file.sizeInBytes + entryBytes > maxBytes
  }

  append(offset: number, position: number): void {
    this.file.append((bytes, at) => {
      writeInt32(bytes, at, offset - this.baseOffset)
      writeInt32(bytes, at + 4, position)
    })
  }

  /** Where to start reading to find `offset`: position of the last indexed batch that is not beyond it, or 0. */
  positionFor(offset: number): number {
    const relative = offset - this.baseOffset
    const index = this.file.floor((bytes, at) => readInt32(bytes, at) <= relative)
    return index < 0 ? 0 : this.file.entry(index, (bytes, at) => readInt32(bytes, at + 4))
  }

  /** Start of a batch at or before `position`: the nearest that is known. */
  batchStartBefore(position: number): number {
    const index = this.file.floor((bytes, at) => readInt32(bytes, at + 4) <= position)
    return index < 0 ? 0 : this.file.entry(index, (bytes, at) => readInt32(bytes, at + 4))
  }

  last(): { readonly offset: number; readonly position: number } | undefined {
    if (this.entries === 0) return undefined
    return this.file.entry(this.entries - 1, (bytes, at) => ({
      offset: this.baseOffset + readInt32(bytes, at),
      position: readInt32(bytes, at + 4),
    }))
  }

  /** Removes entries of batches that end at or after `offset`. */
  truncateTo(offset: number): void {
    const relative = offset - this.baseOffset
    this.file.truncate(this.file.floor((bytes, at) => readInt32(bytes, at) < relative) + 1)
  }

  clear(): void {
    this.file.clear()
  }

  flush(): void {
    this.file.flush()
  }

  finish(): void {
    this.file.finish()
  }

  close(): void {
    this.file.close()
  }
}
