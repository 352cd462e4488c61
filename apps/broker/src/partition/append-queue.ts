import type { AppendInfo, AppendRequest } from '@ottla/log'

/** Told what became of an append. */
export type AppendDone = (result: AppendInfo | Error) => void

/**
 * Appends of one partition that arrive in one turn of the event loop, written together: a producer that pipelines small
 * batches hands over dozens at once, and a system call for each would cost more than all the rest.
 *
 * Whoever looks at the partition settles the queue first, so nobody can see that an append has waited.
 */
export class AppendQueue {
  readonly #write: (requests: readonly AppendRequest[]) => readonly (AppendInfo | Error)[]
  #requests: AppendRequest[] = []
  #callbacks: AppendDone[] = []

  constructor(write: (requests: readonly AppendRequest[]) => readonly (AppendInfo | Error)[]) {
    this.#write = write
  }

  /** Whether everything is written. */
  get isSettled(): boolean {
    return this.#requests.length === 0
  }

  /** Takes an append, to be written before anyone looks, at the latest when this turn's code has run. */
  add(request: AppendRequest, done: AppendDone): void {
    if (this.isSettled) queueMicrotask(() => this.settle())
    this.#requests.push(request)
    this.#callbacks.push(done)
  }

  /** Writes what waits and tells its owners. Never throws. */
  settle(): void {
    if (this.isSettled) return
    const requests = this.#requests
    const callbacks = this.#callbacks
    this.#requests = []
    this.#callbacks = []
    const results = this.#attempt(requests)
    for (let index = 0; index < callbacks.length; index++) {
      callbacks[index]?.(results[index] as AppendInfo | Error)
    }
  }

  #attempt(requests: readonly AppendRequest[]): readonly (AppendInfo | Error)[] {
    try {
      return this.#write(requests)
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause))
      return requests.map(() => error)
    }
  }
}
