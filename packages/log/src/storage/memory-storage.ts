import { checkPath, systemError } from './paths.js'
import type { LogFile, Storage, StorageStats } from './storage.js'

/** Chunks double from this up to {@link largestChunk}, so that an idle partition costs next to nothing. */
const smallestChunk = 4096
const largestChunk = 1 << 20

/** A {@link Storage} in memory: nothing outlives the object. Reads inside one chunk are views, not copies. */
export function memoryStorage(): Storage {
  return new MemoryStorage()
}

class MemoryStorage implements Storage {
  private readonly files = new Map<string, MemoryFile>()
  private readonly directories = new Set<string>([''])

  openFile(path: string, options: { readonly create?: boolean } = {}): LogFile {
    const existing = this.files.get(checkPath(path))
    if (existing !== undefined) return existing
    if (options.create !== true || !this.directories.has(parentOf(path))) {
      throw systemError('ENOENT', 'open', path)
    }
    const file = new MemoryFile(path)
    this.files.set(path, file)
    return file
  }

  list(directory: string): string[] {
    if (!this.directories.has(checkPath(directory)))
      throw systemError('ENOENT', 'scandir', directory)
    const names: string[] = []
    for (const paths of [this.files.keys(), this.directories]) {
      for (const path of paths) {
        if (path !== '' && parentOf(path) === directory)
          names.push(path.slice(path.lastIndexOf('/') + 1))
      }
    }
    return names.sort()
  }

  exists(path: string): boolean {
    return this.files.has(checkPath(path)) || this.directories.has(path)
  }

  makeDirectory(path: string): void {
    for (let at = checkPath(path); at !== ''; at = parentOf(at)) this.directories.add(at)
  }

  rename(from: string, to: string): void {
    if (!this.exists(checkPath(from))) throw systemError('ENOENT', 'rename', from)
    checkPath(to)
    for (const [path, file] of [...this.files]) {
      if (path !== from && !path.startsWith(`${from}/`)) continue
      this.files.delete(path)
      file.path = to + path.slice(from.length)
      this.files.set(file.path, file)
    }
    for (const path of [...this.directories]) {
      if (path !== from && !path.startsWith(`${from}/`)) continue
      this.directories.delete(path)
      this.directories.add(to + path.slice(from.length))
    }
  }

  remove(path: string): void {
    checkPath(path)
    for (const paths of [this.files, this.directories]) {
      for (const name of [...paths.keys()]) {
        if (name === path || name.startsWith(`${path}/`)) paths.delete(name)
      }
    }
  }

  readAll(path: string): Uint8Array {
    const file = this.openFile(path)
    return file.read(0, file.size)
  }

  writeAll(path: string, bytes: Uint8Array | string): void {
    const file = new MemoryFile(checkPath(path))
    if (!this.directories.has(parentOf(path))) throw systemError('ENOENT', 'open', path)
    file.append([typeof bytes === 'string' ? Buffer.from(bytes) : bytes])
    this.files.set(path, file)
  }

  syncDirectory(): void {}

  stats(): StorageStats {
    return { openFiles: 0 }
  }

  close(): void {}
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

  read(position: number, length: number): Uint8Array {
    const end = Math.min(position + length, this.length)
    if (position >= end) return new Uint8Array(0)
    let index = this.chunkAt(position)
    const first = this.chunks[index] as Chunk
    if (end <= first.start + first.used) {
      return first.bytes.subarray(position - first.start, end - first.start)
    }
    const joined = new Uint8Array(end - position)
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
    const doubled = Math.min(largestChunk, Math.max(smallestChunk, this.length))
    // A batch larger than a chunk gets one of its own: one view serves it.
    const chunk = { start: this.length, bytes: new Uint8Array(Math.max(doubled, wanted)), used: 0 }
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
