import { systemError } from './paths.js'
import type { LogFile, Storage } from './storage.js'

/** What {@link faultyStorage} does wrong; change the fields while it runs. */
export interface StorageFaults {
  /** Called before every change; return an error code such as `ENOSPC` to make it fail. */
  failWrite?: ((path: string, bytes: number) => string | undefined) | undefined
  /** Called before every read; return an error code such as `EIO` to make it fail. */
  failRead?: ((path: string) => string | undefined) | undefined
  /** `sync` returns without doing anything: a device that lies. */
  ignoreSync?: boolean
}

/** A storage that fails as it is told, around another one. For tests. */
export function faultyStorage(inner: Storage, faults: StorageFaults): Storage {
  const refuse = (code: string | undefined, call: string, path: string): void => {
    if (code !== undefined) throw systemError(code, call, path)
  }
  const beforeWrite = (path: string, bytes: number): void =>
    refuse(faults.failWrite?.(path, bytes), 'write', path)
  const beforeRead = (path: string): void => refuse(faults.failRead?.(path), 'read', path)

  const wrap = (file: LogFile): LogFile => ({
    get path() {
      return file.path
    },
    get size() {
      return file.size
    },
    append(parts) {
      beforeWrite(
        file.path,
        parts.reduce((total, part) => total + part.byteLength, 0),
      )
      file.append(parts)
    },
    read(position, length, allocate) {
      beforeRead(file.path)
      return file.read(position, length, allocate)
    },
    truncate(size) {
      beforeWrite(file.path, 0)
      file.truncate(size)
    },
    sync() {
      if (faults.ignoreSync !== true) file.sync()
    },
    close: () => file.close(),
  })

  return {
    openFile: (path, options) => wrap(inner.openFile(path, options)),
    list: (directory) => inner.list(directory),
    exists: (path) => inner.exists(path),
    makeDirectory: (path) => inner.makeDirectory(path),
    rename(from, to) {
      beforeWrite(to, 0)
      inner.rename(from, to)
    },
    remove(path) {
      beforeWrite(path, 0)
      inner.remove(path)
    },
    readAll(path) {
      beforeRead(path)
      return inner.readAll(path)
    },
    writeAll(path, bytes, options) {
      beforeWrite(path, bytes.length)
      inner.writeAll(path, bytes, options)
    },
    syncFiles: (paths) => (faults.ignoreSync === true ? Promise.resolve() : inner.syncFiles(paths)),
    lock: () => inner.lock(),
    syncDirectory: (path) => inner.syncDirectory(path),
    stats: () => inner.stats(),
    close: () => inner.close(),
  }
}
