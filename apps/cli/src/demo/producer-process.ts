import { Producer } from '@ottla/producer'
import { type Flight, readFlights } from './flights.js'
import type { ProducedReport, ProduceOrder } from './messages.js'
import { onOrder, report, runProcess } from './process-channel.js'

const reportIntervalMs = 200
const paceIntervalMs = 20

/** Sends the rows in order, keyed by origin, each with its row number as a header. */
class PacedProducer {
  readonly #producer: Producer
  readonly #order: ProduceOrder
  readonly #flights: readonly Flight[]
  #sent = 0
  #acknowledged = 0
  #bytes = 0
  #failure: Error | undefined

  constructor(order: ProduceOrder, flights: readonly Flight[]) {
    this.#order = order
    this.#flights = flights
    this.#producer = new Producer({
      bootstrapServers: order.bootstrapServers,
      clientId: 'ottla-demo-producer',
    })
  }

  async run(): Promise<void> {
    const timer = setInterval(() => this.#report(false), reportIntervalMs)
    try {
      await this.#sendAll()
      await this.#producer.flush()
      if (this.#failure) throw this.#failure
    } finally {
      clearInterval(timer)
      await this.#producer.close()
    }
    this.#report(true)
  }

  async #sendAll(): Promise<void> {
    const started = Date.now()
    while (this.#sent < this.#flights.length && !this.#failure) {
      const { rate } = this.#order
      const due =
        rate === null
          ? this.#flights.length
          : Math.min(this.#flights.length, Math.ceil(((Date.now() - started) / 1000) * rate))
      while (this.#sent < due) {
        if (!this.#enqueue(this.#sent++)) await this.#producer.drained()
      }
      if (rate !== null) await new Promise((resolve) => setTimeout(resolve, paceIntervalMs))
    }
  }

  #enqueue(row: number): boolean {
    const flight = this.#flights[row] as Flight
    const value = JSON.stringify(flight)
    return this.#producer.enqueue(
      { topic: this.#order.topic, key: flight.origin, value, headers: { row: String(row) } },
      (error) => {
        if (error) this.#failure ??= error
        else {
          this.#acknowledged++
          this.#bytes += value.length
        }
      },
    )
  }

  #report(done: boolean): void {
    report({
      kind: 'produced',
      records: this.#acknowledged,
      bytes: this.#bytes,
      done,
    } satisfies ProducedReport)
  }
}

runProcess(
  () => {
    onOrder<ProduceOrder>(async (order) => {
      await new PacedProducer(order, await readFlights(order.rows)).run()
      process.disconnect()
    })
  },
  // Nothing that is still unsent matters to anyone.
  async () => undefined,
)
