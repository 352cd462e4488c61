import { readInt32, readInt64, writeInt32, writeInt64 } from './bytes.js'
import { IndexFile } from './index-file.js'
import type { Storage } from './storage/storage.js'

/** Timestamp int64, relative offset int32. */
const entryBytes = 12

/** A timestamp and the offset where it was reached. */
export interface TimeIndexEntry {
  readonly timestamp: number
  readonly offset: number
}

/**
 * A segment's `.timeindex`: sparse, from timestamps to offsets. An entry says that the largest timestamp up to the batch
 * that ends at `offset` is `timestamp`; both only rise.
 */
export class TimeIndex {
  private readonly file: IndexFile
  private readonly baseOffset: number
  private newest: TimeIndexEntry | undefined

  constructor(storage: Storage, path: string, baseOffset: number, isAbsent = false) {
    this.file = new IndexFile(storage, path, entryBytes, isAbsent)
    this.baseOffset = baseOffset
  }

  get entries(): number {
    return this.file.entries
  }

  /** False if the file is absent, cut inside an entry, or its last entry lies outside `[baseOffset, endOffset)`. */
  isSane(endOffset: number): boolean {
    if (!this.file.isWhole) return false
    if (this.entries === 0) return true
    const { timestamp, offset } = this.last()
    return timestamp >= 0 && offset >= this.baseOffset && offset < endOffset
  }

  isFull(maxBytes: number): boolean {
    // One place stays free for the entry that closes the segment.
    return this.file.sizeInBytes + 2 * entryBytes > maxBytes
  }

  /** Adds an entry unless the timestamp is not above the last one. */
  maybeAppend(timestamp: number, offset: number): void {
    if (timestamp <= this.last().timestamp) return
    this.file.append((bytes, at) => {
      writeInt64(bytes, at, timestamp)
      writeInt32(bytes, at + 8, offset - this.baseOffset)
    })
    this.newest = { timestamp, offset }
  }

  /** The last entry; timestamp -1 at the base offset if there is none. */
  last(): TimeIndexEntry {
    this.newest ??= this.at(this.entries - 1)
    return this.newest
  }

  /** The last entry whose timestamp is not above the given one. */
  floor(timestamp: number): TimeIndexEntry {
    return this.at(this.file.floor((bytes, at) => readInt64(bytes, at) <= timestamp))
  }

  /** Removes entries at or after `offset`. */
  truncateTo(offset: number): void {
    const relative = offset - this.baseOffset
    this.file.truncate(this.file.floor((bytes, at) => readInt32(bytes, at + 8) < relative) + 1)
    this.newest = undefined
  }

  clear(): void {
    this.file.clear()
    this.newest = undefined
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

  private at(index: number): TimeIndexEntry {
    if (index < 0) return { timestamp: -1, offset: this.baseOffset }
    return this.file.entry(index, (bytes, at) => ({
      timestamp: readInt64(bytes, at),
      offset: this.baseOffset + readInt32(bytes, at + 8),
    }))
  }
}
