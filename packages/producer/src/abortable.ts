import { onAbort } from '@ottla/network'

/**
 * Waits for a promise until a signal aborts, if there is one; the promise itself goes on.
 *
 * @param onAborted called when the signal aborts before the promise is settled.
 */
export const abortable = <T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  onAborted?: () => void,
): Promise<T> => {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason)
      onAborted?.()
    }
    if (signal.aborted) abort()
    const ignoreAbort = onAbort(signal, abort)
    promise.then(resolve, reject).finally(ignoreAbort)
  })
}
