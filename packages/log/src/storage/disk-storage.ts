import {
  closeSync,
  constants,
  existsSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
  writevSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { DirectoryLock } from './directory-lock.js'
import { makeRoot } from './make-root.js'
import { OpenFiles } from './open-files.js'
import { checkPath, joinParts } from './paths.js'
import type { Allocate, LogFile, Storage, StorageStats } from './storage.js'
import { manyFiles, syncFile, syncFileSystem } from './sync-file.js'

/** Options of {@link diskStorage}. */
export interface DiskStorageOptions {
  /** Most descriptors kept open at once; the least recently used are closed. Default 1000. */
  readonly maxOpenFiles?: number
}

/** More than libuv has threads by default (4), so that none of them waits for the next file. */
const parallelSyncs = 16

/** Linux takes at most this many parts in one scatter write. */
const maxParts = 1024

/**
 * A {@link Storage} in a directory of the file system. The directory is created if it is absent.
 *
 * @throws InvalidArgumentError if the directory cannot be made, or is a file.
 */
export function diskStorage(root: string, options: DiskStorageOptions = {}): Storage {
  makeRoot(root)
  return new DiskStorage(root, options.maxOpenFiles ?? 1000)
}

class DiskStorage implements Storage {
  private readonly root: string
  private readonly openFiles: OpenFiles<DiskFile>
  private directoryLock: DirectoryLock | undefined

  constructor(root: string, maxOpenFiles: number) {
    this.root = root
    this.openFiles = new OpenFiles(maxOpenFiles)
  }

  openFile(path: string, options: { readonly create?: boolean } = {}): LogFile {
    const file = new DiskFile(path, this.resolve(path), this.openFiles)
    file.open(options.create === true)
    return file
  }

  list(directory: string): string[] {
    return readdirSync(this.resolve(directory)).sort()
  }

  exists(path: string): boolean {
    return existsSync(this.resolve(path))
  }

  makeDirectory(path: string): boolean {
    return mkdirSync(this.resolve(path), { recursive: true }) !== undefined
  }

  rename(from: string, to: string): void {
    renameSync(this.resolve(from), this.resolve(to))
  }

  remove(path: string): void {
    rmSync(this.resolve(path), { recursive: true, force: true })
  }

  readAll(path: string): Uint8Array {
    return readFileSync(this.resolve(path))
  }

  writeAll(
    path: string,
    bytes: Uint8Array | string,
    options: { readonly sync?: boolean } = {},
  ): void {
    const { sync = true } = options
    const target = this.resolve(path)
    const content = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
    // Nothing is there to be replaced half, and a new file that is cut short is as good as none.
    if (!sync && writeNew(target, content)) return
    const temporary = `${target}.tmp`
    const fd = openSync(temporary, 'w')
    try {
      writeFully(fd, content)
      if (sync) fdatasyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, target)
    if (sync) syncDirectory(dirname(target))
  }

  syncDirectory(path: string): void {
    syncDirectory(this.resolve(path))
  }

  async syncFiles(paths: readonly string[]): Promise<void> {
    if (paths.length >= manyFiles && (await syncFileSystem(this.root))) return
    let next = 0
    const worker = async (): Promise<void> => {
      while (next < paths.length) {
        const path = paths[next] as string
        next += 1
        await syncFile(this.resolve(path))
      }
    }
    await Promise.all(Array.from({ length: parallelSyncs }, worker))
  }

  lock(): void {
    this.directoryLock ??= new DirectoryLock(this.root)
  }

  stats(): StorageStats {
    return { openFiles: this.openFiles.size }
  }

  close(): void {
    this.openFiles.closeAll()
    this.directoryLock?.release()
    this.directoryLock = undefined
  }

  private resolve(path: string): string {
    return join(this.root, checkPath(path))
  }
}

/** A file whose descriptor comes and goes with the pool. */
class DiskFile implements LogFile {
  readonly path: string
  /** Order of use among all files of the storage, for the pool. */
  lastUse = 0
  private readonly target: string
  private readonly pool: OpenFiles<DiskFile>
  private fd = -1
  private length = 0

  constructor(path: string, target: string, pool: OpenFiles<DiskFile>) {
    this.path = path
    this.target = target
    this.pool = pool
  }

  get size(): number {
    return this.length
  }

  /** Checks that the file is there (or creates it) and takes its size. */
  open(create: boolean): void {
    if (!create) {
      this.length = statSync(this.target).size
      return
    }
    this.acquire(constants.O_CREAT)
    this.length = fstatSync(this.fd).size
  }

  append(parts: readonly Uint8Array[]): void {
    const fd = this.acquire()
    let total = 0
    for (const part of parts) total += part.byteLength
    try {
      this.write(fd, parts, total)
    } catch (error) {
      ftruncateSync(fd, this.length)
      throw error
    }
    this.length += total
  }

  read(position: number, length: number, allocate: Allocate = Buffer.allocUnsafe): Uint8Array {
    const wanted = Math.max(0, Math.min(length, this.length - position))
    const memory = allocate(wanted)
    const bytes = memory.byteLength === wanted ? memory : memory.subarray(0, wanted)
    const fd = wanted === 0 ? -1 : this.acquire()
    let done = 0
    while (done < wanted) {
      const count = readSync(fd, bytes, done, wanted - done, position + done)
      if (count === 0) return bytes.subarray(0, done)
      done += count
    }
    return bytes
  }

  truncate(size: number): void {
    if (size >= this.length) return
    ftruncateSync(this.acquire(), size)
    this.length = size
  }

  sync(): void {
    fdatasyncSync(this.acquire())
  }

  close(): void {
    if (this.fd < 0) return
    const fd = this.fd
    this.fd = -1
    this.pool.removed(this)
    closeSync(fd)
  }

  private write(fd: number, parts: readonly Uint8Array[], total: number): void {
    const [first] = parts
    if (parts.length === 1 && first !== undefined) {
      writeFully(fd, first, this.length)
      return
    }
    const written = parts.length <= maxParts ? writevSync(fd, parts, this.length) : 0
    // A short write means a full device or a signal: the rest goes the slow way and finds out which.
    if (written < total)
      writeFully(fd, joinParts(parts, total).subarray(written), this.length + written)
  }

  private acquire(flags = 0): number {
    this.pool.used(this)
    if (this.fd < 0) {
      this.fd = openSync(this.target, constants.O_RDWR | flags, 0o644)
      this.pool.added(this)
    }
    return this.fd
  }
}

/** False if the file is there already. */
function writeNew(target: string, bytes: Uint8Array): boolean {
  let fd: number
  try {
    fd = openSync(target, 'wx')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
  try {
    writeFully(fd, bytes)
  } finally {
    closeSync(fd)
  }
  return true
}

function writeFully(fd: number, bytes: Uint8Array, position: number | null = null): void {
  let done = 0
  while (done < bytes.byteLength) {
    done += writeSync(
      fd,
      bytes,
      done,
      bytes.byteLength - done,
      position === null ? null : position + done,
    )
  }
}

function syncDirectory(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
