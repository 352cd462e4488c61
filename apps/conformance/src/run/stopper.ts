/** Ends a run early: no execution begins any more, and those that run may end by themselves for a while, to clean up. */
export class Stopper {
  /** Why the run ends early. */
  why: string | undefined
  readonly #begins = new AbortController()
  readonly #runs = new AbortController()
  readonly #wish: AbortSignal | undefined
  readonly #graceMs: number
  #timer: NodeJS.Timeout | undefined

  /** @param wish of the caller: the run stops when it is aborted */
  constructor(wish: AbortSignal | undefined, graceMs: number) {
    this.#wish = wish
    this.#graceMs = graceMs
    if (wish?.aborted) this.#obey()
    else wish?.addEventListener('abort', this.#obey)
  }

  /** Aborted when no execution is to begin any more. */
  get begins(): AbortSignal {
    return this.#begins.signal
  }

  /** Aborted when those that run have had their time. */
  get runs(): AbortSignal {
    return this.#runs.signal
  }

  stop(why: string): void {
    if (this.why !== undefined) return
    this.why = why
    this.#begins.abort()
    this.#timer = setTimeout(() => this.#runs.abort(), this.#graceMs)
  }

  /** The run is over. */
  end(): void {
    clearTimeout(this.#timer)
    this.#wish?.removeEventListener('abort', this.#obey)
  }

  readonly #obey = () => this.stop('it was asked to stop')
}
