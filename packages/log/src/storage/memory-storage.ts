import { InvalidArgumentError } from '@ottla/protocol'
import { checkPath, systemError } from './paths.js'
import type { Allocate, LogFile, Storage, StorageStats } from './storage.js'

/**
 * The first chunk of a file is small, so that an idle partition costs next to nothing. Each further one is three times what
 * the file holds, so that a busy one has few: for every 64 MB or so of new chunks, V8 collects all garbage. What of a chunk is
 * not written yet takes addresses, no memory.
 */
const smallestChunk = 4096
const largestChunk = 1 << 28
const growth = 3

/** A {@link Storage} in memory: nothing outlives the object. Reads inside one chunk are views, not copies. */
export function memoryStorage(): Storage {
  return new MemoryStorage()
}

/** Entries of a directory by name; a directory is undefined here and has entries of its own. */
type Entries = Map<string, MemoryFile | undefined>

class MemoryStorage implements Storage {
  /** By path, so that no call costs more than what it touches holds. */
  private isLocked = false
  private readonly directories = new Map<string, Entries>([['', new Map()]])

  openFile(path: string, options: { readonly create?: boolean } = {}): LogFile {
    const entries = this.directories.get(parentOf(checkPath(path)))
    const existing = entries?.get(nameOf(path))
    if (existing !== undefined) return existing
    if (options.create !== true || entries === undefined || this.directories.has(path)) {
      throw systemError('ENOENT', 'open', path)
    }
    const file = new MemoryFile(path)
    entries.set(nameOf(path), file)
    return file
  }

  list(directory: string): string[] {
    const entries = this.directories.get(checkPath(directory))
    if (entries === undefined) throw systemError('ENOENT', 'scandir', directory)
    return [...entries.keys()].sort()
  }

  exists(path: string): boolean {
    return (
      this.directories.has(checkPath(path)) ||
      this.directories.get(parentOf(path))?.has(nameOf(path)) === true
    )
  }

  makeDirectory(path: string): boolean {
    if (this.directories.has(checkPath(path))) return false
    this.makeDirectory(parentOf(path))
    this.directories.get(parentOf(path))?.set(nameOf(path), undefined)
    this.directories.set(path, new Map())
    return true
  }

  rename(from: string, to: string): void {
    const file = this.directories.get(parentOf(checkPath(from)))?.get(nameOf(from))
    const target = this.directories.get(parentOf(checkPath(to)))
    if (!this.exists(from) || target === undefined) throw systemError('ENOENT', 'rename', from)
    if (file === undefined) {
      this.makeDirectory(to)
      for (const name of this.list(from)) this.rename(`${from}/${name}`, `${to}/${name}`)
    } else {
      file.path = to
      target.set(nameOf(to), file)
    }
    this.remove(from)
  }

  remove(path: string): void {
    const entries = this.directories.get(checkPath(path))
    for (const name of entries?.keys() ?? []) this.remove(`${path}/${name}`)
    if (path === '') return
    this.directories.delete(path)
    this.directories.get(parentOf(path))?.delete(nameOf(path))
  }

  readAll(path: string): Uint8Array {
    const file = this.openFile(path)
    return file.read(0, file.size)
  }

  writeAll(path: string, bytes: Uint8Array | string): void {
    const entries = this.directories.get(parentOf(checkPath(path)))
    if (entries === undefined) throw systemError('ENOENT', 'open', path)
    const file = new MemoryFile(path)
    file.append([typeof bytes === 'string' ? Buffer.from(bytes) : bytes])
    entries.set(nameOf(path), file)
  }

  syncDirectory(): void {}

  async syncFiles(): Promise<void> {}

  lock(): void {
    if (this.isLocked)
      throw new InvalidArgumentError('this memory storage is used by another broker')
    this.isLocked = true
  }

  stats(): StorageStats {
    return { openFiles: 0 }
  }

  close(): void {
    this.isLocked = false
  }
}

/** A chunk of a file: the bytes that are in use start at `start` in the file. */
interface Chunk {
  readonly start: number
  readonly bytes: Uint8Array
  used: number
}

class MemoryFile implements LogFile {
  path: string
  private chunks: Chunk[] = []
  private length = 0

  constructor(path: string) {
    this.path = path
  }

  get size(): number {
    return this.length
  }

  append(parts: readonly Uint8Array[]): void {
    for (const part of parts) {
      let done = 0
      while (done < part.byteLength) {
        const chunk = this.chunkWithRoom(part.byteLength - done)
        const count = Math.min(chunk.bytes.byteLength - chunk.used, part.byteLength - done)
        chunk.bytes.set(part.subarray(done, done + count), chunk.used)
        chunk.used += count
        this.length += count
        done += count
      }
    }
  }

  read(position: number, length: number, allocate: Allocate = Buffer.allocUnsafe): Uint8Array {
    const end = Math.min(position + length, this.length)
    if (position >= end) return new Uint8Array(0)
    let index = this.chunkAt(position)
    const first = this.chunks[index] as Chunk
    if (end <= first.start + first.used) {
      return first.bytes.subarray(position - first.start, end - first.start)
    }
    const joined = allocate(end - position).subarray(0, end - position)
    for (let at = position; at < end; index++) {
      const chunk = this.chunks[index] as Chunk
      const part = chunk.bytes.subarray(at - chunk.start, Math.min(chunk.used, end - chunk.start))
      joined.set(part, at - position)
      at += part.byteLength
    }
    return joined
  }

  truncate(size: number): void {
    if (size >= this.length) return
    if (size === 0) {
      this.chunks = []
    } else {
      // The rest of the last chunk must not be written over: views of it may still be on their way to a socket.
      const index = this.chunkAt(size - 1)
      const { start, bytes } = this.chunks[index] as Chunk
      const kept = bytes.slice(0, size - start)
      this.chunks = [...this.chunks.slice(0, index), { start, bytes: kept, used: kept.byteLength }]
    }
    this.length = size
  }

  sync(): void {}

  close(): void {}

  private chunkWithRoom(wanted: number): Chunk {
    const last = this.chunks.at(-1)
    if (last !== undefined && last.used < last.bytes.byteLength) return last
    const size = Math.min(largestChunk, Math.max(smallestChunk, this.length * growth))
    // A batch larger than a chunk gets one of its own: one view serves it.
    const bytes = Buffer.allocUnsafeSlow(Math.max(size, wanted))
    const chunk = { start: this.length, bytes, used: 0 }
    this.chunks.push(chunk)
    return chunk
  }

  private chunkAt(position: number): number {
    let low = 0
    let high = this.chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if ((this.chunks[middle] as Chunk).start <= position) low = middle
      else high = middle - 1
    }
    return low
  }
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? '' : path.slice(0, slash)
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
