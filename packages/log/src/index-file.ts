import type { LogFile, Storage } from './storage/storage.js'

/** Entries wait in memory until this many bytes have gathered: they can be rebuilt, so no write is spent on each. */
const pendingLimit = 4096

/**
 * A file of sorted, fixed-size entries: what the offset index and the time index have in common. The newest entries are
 * held in memory until `flush`; older ones are read from the file where a search needs them, so that an index costs no
 * memory while nobody looks.
 */
export class IndexFile {
  readonly path: string
  private readonly storage: Storage
  private readonly entryBytes: number
  private file: LogFile | undefined
  private pending: Uint8Array | undefined
  private pendingBytes = 0
  private storedEntries = 0

  /** @param isAbsent the file is known not to be there. */
  constructor(storage: Storage, path: string, entryBytes: number, isAbsent = false) {
    this.storage = storage
    this.path = path
    this.entryBytes = entryBytes
    if (!isAbsent && storage.exists(path)) {
      this.file = storage.openFile(path)
      this.storedEntries = Math.floor(this.file.size / entryBytes)
    }
  }

  get entries(): number {
    return this.storedEntries + this.pendingBytes / this.entryBytes
  }

  get sizeInBytes(): number {
    return this.entries * this.entryBytes
  }

  /** True if the file was there when the index was opened and holds whole entries only. */
  get isWhole(): boolean {
    return this.file !== undefined && this.file.size % this.entryBytes === 0
  }

  /** A place for the next entry, to be filled by the caller at once. */
  append(fill: (bytes: Uint8Array, at: number) => void): void {
    if (this.pendingBytes + this.entryBytes > pendingLimit) this.flush()
    this.pending ??= new Uint8Array(this.entryBytes * 8)
    if (this.pendingBytes + this.entryBytes > this.pending.byteLength) {
      const larger = new Uint8Array(pendingLimit)
      larger.set(this.pending)
      this.pending = larger
    }
    fill(this.pending, this.pendingBytes)
    this.pendingBytes += this.entryBytes
  }

  /** Calls `read` with the bytes of one entry. */
  entry<T>(index: number, read: (bytes: Uint8Array, at: number) => T): T {
    const inPending = index - this.storedEntries
    if (inPending >= 0 && this.pending !== undefined) {
      return read(this.pending, inPending * this.entryBytes)
    }
    const bytes = this.opened().read(index * this.entryBytes, this.entryBytes)
    return read(bytes, 0)
  }

  /** Index of the last entry for which `isAtMost` holds (it holds for a prefix of the entries); -1 if for none. */
  floor(isAtMost: (bytes: Uint8Array, at: number) => boolean): number {
    let low = -1
    let high = this.entries - 1
    while (low < high) {
      const middle = low + Math.ceil((high - low) / 2)
      if (this.entry(middle, isAtMost)) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Keeps the first `entries` entries. */
  truncate(entries: number): void {
    if (entries >= this.entries) return
    if (entries >= this.storedEntries) {
      this.pendingBytes = (entries - this.storedEntries) * this.entryBytes
      return
    }
    this.pendingBytes = 0
    this.opened().truncate(entries * this.entryBytes)
    this.storedEntries = entries
  }

  /** Removes everything, bytes that are no whole entry too. */
  clear(): void {
    this.pendingBytes = 0
    this.file?.truncate(0)
    this.storedEntries = 0
  }

  /** Writes what waits in memory. */
  flush(): void {
    if (this.pendingBytes === 0 || this.pending === undefined) return
    this.opened().append([this.pending.subarray(0, this.pendingBytes)])
    this.storedEntries += this.pendingBytes / this.entryBytes
    this.pendingBytes = 0
    this.pending = undefined
  }

  /** Writes what waits; afterwards the file exists, even if it is empty: without it the index counts as lost. */
  finish(): void {
    this.flush()
    this.opened()
  }

  /** Writes what waits and gives the file back. */
  close(): void {
    this.flush()
    this.file?.close()
  }

  private opened(): LogFile {
    this.file ??= this.storage.openFile(this.path, { create: true })
    return this.file
  }
}
