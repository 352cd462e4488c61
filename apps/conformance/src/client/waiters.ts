/** A queue whose reader waits: with a deadline, a signal, and an end that is remembered. */
export class Waiters<Value> {
  readonly #values: Value[] = []
  readonly #readers: ((taken: Value | string) => void)[] = []
  #failure: string | undefined

  /** Adds a value. */
  give(value: Value): void {
    const reader = this.#readers.shift()
    if (reader === undefined) this.#values.push(value)
    else reader(value)
  }

  /** Ends the queue: readers get the reason once the values are used up. */
  fail(why: string): void {
    this.#failure = why
    for (const reader of this.#readers.splice(0)) reader(why)
  }

  /** The next value, or in words why there is none. */
  take(deadlineMs: number, signal: AbortSignal): Promise<Value | string> {
    const value = this.#values.shift()
    if (value !== undefined) return Promise.resolve(value)
    if (this.#failure !== undefined) return Promise.resolve(this.#failure)
    if (signal.aborted) return Promise.resolve('the rule took too long or was stopped')
    return new Promise((resolve) => {
      const finish = (taken: Value | string) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', stop)
        const index = this.#readers.indexOf(finish)
        if (index >= 0) this.#readers.splice(index, 1)
        resolve(taken)
      }
      const stop = () => finish('the rule took too long or was stopped')
      const timer = setTimeout(() => finish(`nothing in ${deadlineMs} ms`), deadlineMs)
      signal.addEventListener('abort', stop)
      this.#readers.push(finish)
    })
  }
}
