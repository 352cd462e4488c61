interface Sensor<Meter> {
  readonly meter: Meter
  readonly lastMs: number
}

/** What measures clients, one meter for each key; those that were silent for too long are forgotten. */
export class Sensors<Meter> {
  readonly #create: () => Meter
  readonly #forgetAfterMs: number
  /** Least recently used first. */
  readonly #sensors = new Map<string, Sensor<Meter>>()

  constructor(create: () => Meter, forgetAfterMs: number) {
    this.#create = create
    this.#forgetAfterMs = forgetAfterMs
  }

  /** The meter of a key, which is used now. */
  of(key: string, nowMs: number): Meter {
    const { meter } = this.#sensors.get(key) ?? { meter: this.#create() }
    this.#sensors.delete(key)
    for (const [other, { lastMs }] of this.#sensors) {
      if (nowMs - lastMs < this.#forgetAfterMs) break
      this.#sensors.delete(other)
    }
    this.#sensors.set(key, { meter, lastMs: nowMs })
    return meter
  }

  /** Forgets one. */
  delete(key: string): void {
    this.#sensors.delete(key)
  }
}
