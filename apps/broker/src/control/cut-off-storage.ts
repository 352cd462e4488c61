import type { Allocate, LogFile, Storage } from '@ottla/log'

/**
 * A storage as one life of a broker sees it. After `cut` nothing of that life reaches the files any more, as nothing
 * does after `kill -9`; what was written before is there for the next life, flushed or not, as the operating system
 * keeps it.
 */
export class CutOffStorage implements Storage {
  readonly #inner: Storage
  #isCut = false

  constructor(inner: Storage) {
    this.#inner = inner
  }

  /** Ends this life's access. Descriptors and locks are given back, as the operating system does it. */
  cut(): void {
    this.#isCut = true
    this.#inner.close()
  }

  /** Throws once this life is over. */
  check(): void {
    if (this.#isCut) throw new Error('this broker was killed: its files are out of its reach')
  }

  openFile(path: string, options?: { readonly create?: boolean }): LogFile {
    return new CutOffFile(this, this.#reach.openFile(path, options))
  }

  list(directory: string): string[] {
    return this.#reach.list(directory)
  }

  exists(path: string): boolean {
    return this.#reach.exists(path)
  }

  makeDirectory(path: string): boolean {
    return this.#reach.makeDirectory(path)
  }

  rename(from: string, to: string): void {
    this.#reach.rename(from, to)
  }

  remove(path: string): void {
    this.#reach.remove(path)
  }

  readAll(path: string): Uint8Array {
    return this.#reach.readAll(path)
  }

  writeAll(path: string, bytes: Uint8Array | string, options?: { readonly sync?: boolean }): void {
    this.#reach.writeAll(path, bytes, options)
  }

  async syncFiles(paths: readonly string[]): Promise<void> {
    await this.#reach.syncFiles(paths)
  }

  lock(): void {
    this.#reach.lock()
  }

  syncDirectory(path: string): void {
    this.#reach.syncDirectory(path)
  }

  stats(): ReturnType<Storage['stats']> {
    return this.#inner.stats()
  }

  close(): void {
    if (!this.#isCut) this.#inner.close()
  }

  get #reach(): Storage {
    this.check()
    return this.#inner
  }
}

/** One file of it. */
class CutOffFile implements LogFile {
  readonly #storage: CutOffStorage
  readonly #file: LogFile

  constructor(storage: CutOffStorage, file: LogFile) {
    this.#storage = storage
    this.#file = file
  }

  get path(): string {
    return this.#file.path
  }

  get size(): number {
    return this.#file.size
  }

  append(parts: readonly Uint8Array[]): void {
    this.#reach.append(parts)
  }

  read(position: number, length: number, allocate?: Allocate): Uint8Array {
    return this.#reach.read(position, length, allocate)
  }

  truncate(size: number): void {
    this.#reach.truncate(size)
  }

  sync(): void {
    this.#reach.sync()
  }

  close(): void {
    this.#file.close()
  }

  get #reach(): LogFile {
    this.#storage.check()
    return this.#file
  }
}
