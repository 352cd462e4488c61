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
