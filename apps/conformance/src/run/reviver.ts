/** Starts a target again that has fallen over, so that what felled it counts once, and not against all that follows. */
export class Reviver {
  /** How often it was started again. */
  count = 0
  readonly #revive: (() => Promise<boolean>) | undefined
  #reviving: Promise<void> | undefined

  /** @param revive see `controls.revive` of a target */
  constructor(revive: (() => Promise<boolean>) | undefined) {
    this.#revive = revive
  }

  /** Runs code, and again, up to three times in all, where it fails while the target falls over. */
  async run<Outcome>(code: () => Promise<Outcome>, hasFailed: (outcome: Outcome) => boolean) {
    for (let tries = 1; ; tries++) {
      const before = this.count
      const outcome = await code()
      if (!hasFailed(outcome)) return outcome
      await this.#check()
      if (this.count === before || tries === MOST_TRIES) return outcome
    }
  }

  #check(): Promise<void> | undefined {
    if (this.#revive === undefined) return undefined
    // One that cannot be started again counts as one that was not: the failures that follow are told as they are.
    this.#reviving ??= Promise.resolve()
      .then(this.#revive)
      .then(
        (wasDown) => {
          if (wasDown) this.count++
        },
        () => undefined,
      )
      .finally(() => {
        this.#reviving = undefined
      })
    return this.#reviving
  }
}

const MOST_TRIES = 3
