import { onAbort } from '@ottla/network'
import type { Claim } from './claim.js'

/** Who waits for records: for any, or for those of a claimed partition. */
export class Waiters {
  readonly #wakes = new Set<() => void>()
  /** Those of claims are woken one by one: with many partitions, each news would otherwise wake them all. */
  readonly #claimed = new Set<() => void>()

  get size(): number {
    return this.#wakes.size + this.#claimed.size
  }

  /** Resolves when woken. Rejects with the signal's reason. */
  wait(signal?: AbortSignal, claim?: Claim): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    const wakes = claim === undefined ? this.#wakes : this.#claimed
    return new Promise((resolve, reject) => {
      const end = (): void => {
        wakes.delete(wake)
        ignoreAbort()
        if (claim?.wake === wake) claim.wake = undefined
      }
      const wake = (): void => {
        end()
        resolve()
      }
      const abort = (): void => {
        end()
        reject(signal?.reason)
      }
      wakes.add(wake)
      if (claim !== undefined) claim.wake = wake
      const ignoreAbort = onAbort(signal, abort)
    })
  }

  /** Wakes those who take any records. */
  wake(): void {
    for (const wake of [...this.#wakes]) wake()
  }

  wakeAll(): void {
    this.wake()
    for (const wake of [...this.#claimed]) wake()
  }
}
