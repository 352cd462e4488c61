import { KafkaError } from '@ottla/protocol'
import type { Delivery } from './delivery.js'
import type { RecordMetadata } from './record.js'

/**
 * Several records of one call, or of everything since the last `flush`, were not delivered. Code `OTTLA_DELIVERY`.
 * `errors` names each (`topic`, `partition` where known); `retriable` when all of them are.
 */
export class DeliveryError extends AggregateError {
  readonly code = 'OTTLA_DELIVERY'
  declare readonly errors: KafkaError[]
  readonly retriable: boolean
  readonly fatal: boolean
  /** For an array given to `send`: what became of each record, in its order. Empty otherwise. */
  readonly results: readonly (RecordMetadata | KafkaError)[]

  constructor(
    message: string,
    errors: readonly KafkaError[],
    results: readonly (RecordMetadata | KafkaError)[] = [],
  ) {
    super(errors, message)
    this.results = results
    this.retriable = errors.every((error) => error.retriable)
    this.fatal = errors.some((error) => error.fatal)
  }
}
Object.defineProperty(DeliveryError.prototype, 'name', { value: 'DeliveryError' })

/** The promise of one record. */
export class SingleSend implements Delivery {
  readonly delivered: (metadata: RecordMetadata) => void
  readonly failed: (error: KafkaError) => void

  constructor(resolve: (metadata: RecordMetadata) => void, reject: (error: KafkaError) => void) {
    this.delivered = resolve
    this.failed = reject
  }
}

/** The promise of an array of records: settled when all of them are. A record's place is its index. */
export class ManySends implements Delivery {
  readonly #records: readonly { readonly topic: string }[]
  readonly #results: (RecordMetadata | KafkaError)[]
  readonly #resolve: (results: RecordMetadata[]) => void
  readonly #reject: (error: DeliveryError) => void
  #left: number
  #failures = 0

  constructor(
    records: readonly { readonly topic: string }[],
    resolve: (results: RecordMetadata[]) => void,
    reject: (error: DeliveryError) => void,
  ) {
    this.#records = records
    this.#results = new Array(records.length)
    this.#left = records.length
    this.#resolve = resolve
    this.#reject = reject
    if (records.length === 0) resolve([])
  }

  delivered(metadata: RecordMetadata, place: number): void {
    this.#results[place] = metadata
    this.#settle()
  }

  failed(error: KafkaError, place: number): void {
    this.#results[place] = error
    this.#failures++
    this.#settle()
  }

  #settle(): void {
    if (--this.#left > 0) return
    if (this.#failures === 0) this.#resolve(this.#results as RecordMetadata[])
    else this.#reject(this.#error())
  }

  #error(): DeliveryError {
    const errors = this.#results.filter((result) => result instanceof KafkaError)
    const topics = [...new Set(this.#records.map((record) => record.topic))].join(', ')
    const reasons = [...new Set(errors.map((error) => error.message))].slice(0, 3).join(' | ')
    return new DeliveryError(
      `${errors.length} of ${this.#records.length} records for ${topics} were not delivered: ${reasons}`,
      errors,
      this.#results,
    )
  }
}
