import { Producer } from '@ottla/producer'
import { numberedValue } from './numbered-record.js'

/** What a writer writes. */
export interface WriterOptions {
  readonly bootstrapServers: string
  readonly topic: string
  /** Begins the names of its keys; unique among writers. */
  readonly name: string
  readonly keys: number
  readonly valueBytes: number
  /** Records that may be unacknowledged at once. */
  readonly window: number
}

/** Sends numbered records, acks=all and idempotent, and knows up to which number each key was acknowledged. */
export class NumberedWriter {
  readonly #options: WriterOptions
  readonly #producer: Producer
  readonly #next: number[]
  readonly #acknowledged: number[]
  #open = 0
  #sent = 0
  #failure: Error | undefined
  #roomFree: (() => void) | undefined

  constructor(options: WriterOptions) {
    this.#options = options
    const { bootstrapServers, name, keys } = options
    this.#producer = new Producer({ bootstrapServers, clientId: name })
    this.#next = Array(keys).fill(0)
    this.#acknowledged = Array(keys).fill(0)
  }

  /** Records that were acknowledged. */
  get acknowledged(): number {
    return this.#acknowledged.reduce((sum, count) => sum + count, 0)
  }

  /** By key: how many of its numbers were acknowledged; all below are, too. */
  acknowledgedByKey(): Map<string, number> {
    return new Map(this.#acknowledged.map((count, index) => [this.#key(index), count]))
  }

  /** Sends the next record, when the window has room. @throws the first error of any delivery. */
  async write(): Promise<void> {
    while (this.#open >= this.#options.window && this.#failure === undefined) {
      await new Promise<void>((resolve) => {
        this.#roomFree = resolve
      })
    }
    if (this.#failure !== undefined) throw this.#failure
    const index = this.#sent++ % this.#options.keys
    const number = this.#next[index] as number
    this.#next[index] = number + 1
    this.#open++
    const key = this.#key(index)
    const value = numberedValue({ key, number }, this.#options.valueBytes)
    this.#producer.enqueue({ topic: this.#options.topic, key, value }, (error) =>
      this.#onDelivery(index, number, error),
    )
  }

  /** Waits for every acknowledgement. @throws the first error of any delivery. */
  async finish(): Promise<void> {
    await this.#producer.flush()
    await this.#producer.close()
    if (this.#failure !== undefined) throw this.#failure
  }

  #onDelivery(index: number, number: number, error: Error | null | undefined): void {
    this.#open--
    if (error) this.#failure ??= error
    else if (number === this.#acknowledged[index]) this.#acknowledged[index] = number + 1
    else {
      const key = this.#key(index)
      this.#failure ??= new Error(
        `${key} ${number} was acknowledged when ${this.#acknowledged[index]} was next`,
      )
    }
    this.#roomFree?.()
    this.#roomFree = undefined
  }

  #key(index: number): string {
    return `${this.#options.name}.${index}`
  }
}
