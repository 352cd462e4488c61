/** Gives memory of at least `bytes` bytes, whatever it holds. */
export type Allocate = (bytes: number) => Uint8Array

/**
 * One open file of a {@link Storage}. All calls are synchronous: a read from the page cache or a write into it takes
 * less time than handing the work to a thread and back.
 */
export interface LogFile {
  /** Path inside the storage, as it was opened. */
  readonly path: string
  /** Bytes in the file. */
  readonly size: number
  /** Writes all parts, in order, behind the last byte (one scatter write). On failure the file keeps its old size. */
  append(parts: readonly Uint8Array[]): void
  /**
   * Reads up to `length` bytes from `position`, fewer only where the file ends. The caller must not write into the
   * result: the memory storage hands out a view of its own bytes. Where they have to be copied, `allocate` is asked for
   * memory of at least so many bytes: large memory that is used again saves more than the reading costs.
   */
  read(position: number, length: number, allocate?: Allocate): Uint8Array
  /** Cuts the file to its first `size` bytes. */
  truncate(size: number): void
  /** Returns when the bytes are on the device (`fdatasync`). */
  sync(): void
  /** Gives the descriptor back. A closed file opens itself again when it is used. */
  close(): void
}

/**
 * Where logs live: directories and files under one root. Paths are relative and use `/`. Errors are the system's own
 * (`ENOENT`, `ENOSPC`, …) on every implementation.
 */
export interface Storage {
  /** Opens a file; with `create` an absent one is created empty, without it `ENOENT` is thrown. */
  openFile(path: string, options?: { readonly create?: boolean }): LogFile
  /** Names (not paths) of the entries of a directory, sorted. An absent directory throws `ENOENT`. */
  list(directory: string): string[]
  exists(path: string): boolean
  /** Creates a directory and its parents; no error if it is there. @returns whether it was absent. */
  makeDirectory(path: string): boolean
  /** Renames a file or a directory, replacing a file that is there, in one step. */
  rename(from: string, to: string): void
  /** Removes a file, or a directory with all that is in it; no error if it is absent. */
  remove(path: string): void
  /** The whole content of a small file. Throws `ENOENT` if it is absent. */
  readAll(path: string): Uint8Array
  /**
   * Replaces a file in one step (write to `<path>.tmp`, sync, rename): after a crash it is the old one or the new one.
   * With `sync: false` it may be gone or empty after a crash.
   */
  writeAll(path: string, bytes: Uint8Array | string, options?: { readonly sync?: boolean }): void
  /**
   * Resolves when the bytes of these files are on the device, several at a time and without holding up the process. Files
   * that are gone are passed over.
   */
  syncFiles(paths: readonly string[]): Promise<void>
  /**
   * Takes the storage for this process, until `close` or the end of the process.
   *
   * @throws InvalidArgumentError if somebody else has it.
   */
  lock(): void
  /** Makes renames, creations and removals inside a directory durable. */
  syncDirectory(path: string): void
  /** Bytes and descriptors held. */
  stats(): StorageStats
  /** Closes every open descriptor and drops locks. */
  close(): void
}

/** What a {@link Storage} holds at the moment. */
export interface StorageStats {
  readonly openFiles: number
}
