import type { Clock } from '../platform/clock.js'
import { onAbort } from './on-abort.js'

/** Waits; rejects with the signal's reason when it aborts first. */
export const sleep = (
  clock: Clock,
  delayMs: number,
  signal?: AbortSignal | undefined,
): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const timer = clock.setTimer(delayMs, () => {
      ignoreAbort()
      resolve()
    })
    const ignoreAbort = onAbort(signal, () => {
      timer.cancel()
      reject(signal?.reason)
    })
  })

/** Limits of one caller's wait for something that others wait for too. */
export interface WaitOptions {
  readonly clock: Clock
  /** Moment on the monotonic clock at which this caller gives up. */
  readonly deadlineMs: number
  readonly signal?: AbortSignal | undefined
  /** Made when the deadline passes. */
  readonly onTimeout: () => Error
}

/** Waits for `promise` no longer than this caller wants; the promise itself goes on for others. */
export const waitFor = <T>(promise: Promise<T>, options: WaitOptions): Promise<T> =>
  new Promise((resolve, reject) => {
    const { clock, deadlineMs, signal, onTimeout } = options
    if (signal?.aborted) {
      promise.catch(() => {})
      return reject(signal.reason)
    }
    const end = (): void => {
      timer.cancel()
      ignoreAbort()
    }
    const ignoreAbort = onAbort(signal, () => {
      end()
      reject(signal?.reason)
    })
    const timer = clock.setTimer(deadlineMs - clock.monotonic(), () => {
      end()
      reject(onTimeout())
    })
    promise.then(
      (value) => {
        end()
        resolve(value)
      },
      (error: unknown) => {
        end()
        reject(error)
      },
    )
  })
