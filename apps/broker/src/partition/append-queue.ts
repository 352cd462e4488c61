import type { AppendInfo, AppendRequest } from '@ottla/log'

/** Told what became of an append. */
export type AppendDone = (result: AppendInfo | Error) => void

/** More than this is not gathered: it would only leave the processor's cache before it is written. */
const maxGatheredBytes = 1024 * 1024

/**
 * Appends of one partition that arrive in one turn of the event loop, written together: a producer that pipelines
 * batches hands over dozens at once, and a system call for each would cost more than all the rest. A turn may be several
 * reads of one socket.
 *
 * Whoever looks at the partition settles the queue first, so nobody can see that an append has waited.
 */
export class AppendQueue {
  readonly #write: (requests: readonly AppendRequest[]) => readonly (AppendInfo | Error)[]
  readonly #afterTurn: (callback: () => void) => void
  readonly #settleLater = (): void => {
    this.#isScheduled = false
    this.settle()
  }
  #isScheduled = false
  #requests: AppendRequest[] = []
  #callbacks: AppendDone[] = []
  #bytes = 0

  /**
   * @param write writes appends in order; gives for each what it did.
   * @param afterTurn calls back when all that is ready in this turn of the event loop has run.
   */
  constructor(
    write: (requests: readonly AppendRequest[]) => readonly (AppendInfo | Error)[],
    afterTurn: (callback: () => void) => void,
  ) {
    this.#write = write
    this.#afterTurn = afterTurn
  }

  /** Whether everything is written. */
  get isSettled(): boolean {
    return this.#requests.length === 0
  }

  /** Takes an append, to be written before anyone looks, at the latest at the end of this turn. */
  add(request: AppendRequest, done: AppendDone): void {
    if (!this.#isScheduled) {
      this.#isScheduled = true
      this.#afterTurn(this.#settleLater)
    }
    this.#requests.push(request)
    this.#callbacks.push(done)
    this.#bytes += request.batches.length
    if (this.#bytes >= maxGatheredBytes) this.settle()
  }

  /** Writes what waits and tells its owners. Never throws. */
  settle(): void {
    if (this.isSettled) return
    const requests = this.#requests
    const callbacks = this.#callbacks
    this.#requests = []
    this.#callbacks = []
    this.#bytes = 0
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
