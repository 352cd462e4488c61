/** What the pool needs to know of a file. */
export interface PooledFile {
  /** Written by the pool: larger = used later. */
  lastUse: number
  /** Closes the descriptor and reports it with {@link OpenFiles.removed}. */
  close(): void
}

/**
 * Bounds the descriptors a storage holds. A use costs one counter; when the limit is passed, the least recently used
 * eighth is closed at once, so that the search is paid for rarely.
 */
export class OpenFiles<File extends PooledFile> {
  private readonly limit: number
  private readonly files = new Set<File>()
  private uses = 0

  constructor(limit: number) {
    this.limit = Math.max(limit, 8)
  }

  get size(): number {
    return this.files.size
  }

  used(file: File): void {
    this.uses += 1
    file.lastUse = this.uses
  }

  added(file: File): void {
    this.files.add(file)
    if (this.files.size > this.limit) this.closeOldest()
  }

  removed(file: File): void {
    this.files.delete(file)
  }

  closeAll(): void {
    for (const file of [...this.files]) file.close()
  }

  private closeOldest(): void {
    const oldest = [...this.files].sort((a, b) => a.lastUse - b.lastUse)
    for (const file of oldest.slice(0, Math.ceil(this.limit / 8))) file.close()
  }
}
