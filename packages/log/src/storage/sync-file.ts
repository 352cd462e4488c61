import { close, fdatasync, open } from 'node:fs'

/** Brings a file's bytes to the device, on a thread of the pool. A file that is gone is no error. */
export function syncFile(target: string): Promise<void> {
  return new Promise((resolve, reject) => {
    open(target, 'r', (openError, fd) => {
      if (openError !== null) {
        if (openError.code === 'ENOENT') resolve()
        else reject(openError)
        return
      }
      fdatasync(fd, (syncError) => {
        close(fd, (closeError) => {
          const error = syncError ?? closeError
          if (error === null || error === undefined) resolve()
          else reject(error)
        })
      })
    })
  })
}

/** From so many files on, one system call for the file system costs less than one for each file. */
export const manyFiles = 256

/**
 * Brings all that was written to the file system of `directory` to the device at once (`sync -f`, as Node has no syncfs):
 * five thousand short files take a tenth of a second, and two one by one.
 *
 * @returns false where that cannot be done, or takes long because others have written a lot: nothing is known then.
 */
export function syncFileSystem(directory: string): Promise<boolean> {
  if (process.platform !== 'linux') return Promise.resolve(false)
  // Loaded when it is needed: few brokers ever stop with so many logs.
  const { execFile } = process.getBuiltinModule('node:child_process')
  return new Promise((resolve) => {
    execFile('sync', ['-f', directory], { timeout: 1000 }, (error) => resolve(error === null))
  })
}
