/** One piece of work that several callers wait for. */
interface Run {
  readonly keys: Set<string>
  readonly done: Promise<void>
  readonly finish: (outcome: Promise<void>) => void
}

/**
 * Joins requests for the same kind of work: at most one run is under way and one is being collected. Whoever asks during
 * a run joins the next, because what is under way may have been answered from a state before the asking.
 */
export class Coalescer {
  readonly #work: (keys: readonly string[]) => Promise<void>
  #isRunning = false
  #next: Run | undefined

  /** @param work does one run for all keys collected. */
  constructor(work: (keys: readonly string[]) => Promise<void>) {
    this.#work = work
  }

  /** Resolves when a run that began after this call and includes `keys` is done; rejects as that run does. */
  join(keys: Iterable<string>): Promise<void> {
    this.#next ??= createRun()
    const { keys: collected, done } = this.#next
    for (const key of keys) collected.add(key)
    if (!this.#isRunning) this.#start()
    return done
  }

  #start(): void {
    this.#isRunning = true
    // What one turn asks for goes together.
    queueMicrotask(() => {
      const run = this.#next as Run
      this.#next = undefined
      const outcome = this.#work([...run.keys])
      run.finish(outcome)
      const goOn = (): void => {
        this.#isRunning = false
        if (this.#next !== undefined) this.#start()
      }
      outcome.then(goOn, goOn)
    })
  }
}

const createRun = (): Run => {
  let finish: (outcome: Promise<void>) => void = () => {}
  const done = new Promise<void>((resolve) => {
    finish = resolve
  })
  done.catch(() => {})
  return { keys: new Set(), done, finish }
}
