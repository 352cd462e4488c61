import type { FramedConnection } from '@ottla/network'
import type { MemoryBudget } from './memory-budget.js'

/** Where frames come from, where they go, and when no more are wanted. */
export interface FrameIntakeOptions {
  readonly connection: FramedConnection
  readonly budget: MemoryBudget
  readonly serve: (frame: Uint8Array) => void
  /** Whether what was read keeps the connection busy enough. Whoever ends that calls `proceed`. */
  readonly isBusy: () => boolean
}

/**
 * The reading of one connection, which stops while there is enough to do, while the memory of all connections is used up,
 * and while anyone holds it. Frames that the transport had in hand then wait here.
 */
export class FrameIntake {
  readonly #options: FrameIntakeOptions
  #backlog: Uint8Array[] = []
  #isPaused = false
  #isEnded = false
  /** Who has stopped the reading from outside. */
  #holds = 0
  readonly #resume = (): void => this.proceed()

  constructor(options: FrameIntakeOptions) {
    this.#options = options
  }

  /** A frame has arrived. */
  take(frame: Uint8Array): void {
    if (this.#isEnded) return
    if (this.#isPaused) {
      this.#backlog.push(frame)
      return
    }
    this.#options.serve(frame)
    if (this.#isOverloaded()) this.pause()
  }

  /** Reads no more until `proceed` finds that there is room. */
  pause(): void {
    if (this.#isPaused || this.#isEnded) return
    this.#isPaused = true
    this.#options.connection.pause()
    this.#awaitRoom()
  }

  /** Reads no more until the returned function, and that of every other call, is called. */
  hold(): () => void {
    let isHeld = true
    this.#holds += 1
    this.pause()
    return () => {
      if (!isHeld) return
      isHeld = false
      this.#holds -= 1
      this.proceed()
    }
  }

  /** There may be room again. */
  proceed(): void {
    while (this.#isPaused && !this.#isEnded) {
      if (this.#isOverloaded()) {
        this.#awaitRoom()
        return
      }
      const frame = this.#backlog.shift()
      if (frame === undefined) {
        this.#isPaused = false
        this.#options.connection.resume()
      } else this.#options.serve(frame)
    }
  }

  /** Nothing that arrives is of interest any more. */
  end(): void {
    this.#isEnded = true
    this.#backlog = []
    this.#options.budget.forget(this.#resume)
  }

  #isOverloaded(): boolean {
    const { budget, isBusy } = this.#options
    return budget.isExhausted || this.#holds > 0 || isBusy()
  }

  /** The socket and our own requests call back by themselves; memory held by other connections has to be asked to. */
  #awaitRoom(): void {
    const { budget } = this.#options
    if (budget.isExhausted) budget.whenFree(this.#resume)
  }
}
