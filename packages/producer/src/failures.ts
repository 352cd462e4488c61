import type { KafkaError } from '@ottla/protocol'
import { DeliveryError } from './send.js'

/** So many reasons are kept; the count of records goes on. */
const maxFailuresKept = 100

/** Records given to `enqueue` that were not delivered, until `flush` or `close` tells of them. */
export class Failures {
  #errors: KafkaError[] = []
  #records = 0

  add(records: number, error: KafkaError): void {
    if (records === 0) return
    this.#records += records
    if (this.#errors.length < maxFailuresKept) this.#errors.push(error)
  }

  /** @throws DeliveryError unless there are none; then they count as told. */
  throwIfAny(): void {
    if (this.#records === 0) return
    const errors = this.#errors
    const count = this.#records
    this.#errors = []
    this.#records = 0
    const reasons = [...new Set(errors.map((error) => error.message))].slice(0, 3).join(' | ')
    throw new DeliveryError(`${count} enqueued record(s) were not delivered: ${reasons}`, errors)
  }
}
