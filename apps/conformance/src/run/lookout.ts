import { setTimeout as sleep } from 'node:timers/promises'

/** How a {@link Lookout} looks. */
export interface LookoutOptions {
  /** How long a target may be away: one that starts again by itself goes on being judged. */
  readonly patienceMs: number
  readonly pauseMs: number
}

/** Finds out whether a target that stopped answering is there at all: all who ask at once share one look. */
export class Lookout {
  readonly #knock: () => Promise<unknown>
  readonly #options: LookoutOptions
  #looking: Promise<string | undefined> | undefined

  /** @param knock asks the target something that it always answers, and fails when it does not */
  constructor(knock: () => Promise<unknown>, options: LookoutOptions) {
    this.#knock = knock
    this.#options = options
  }

  /** Why the target is taken for gone; undefined when it answers. */
  look(): Promise<string | undefined> {
    this.#looking ??= this.#knockUntil(performance.now() + this.#options.patienceMs).finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async #knockUntil(end: number): Promise<string | undefined> {
    for (;;) {
      try {
        await this.#knock()
        return undefined
      } catch (error) {
        if (performance.now() >= end) return error instanceof Error ? error.message : String(error)
      }
      await sleep(this.#options.pauseMs)
    }
  }
}
