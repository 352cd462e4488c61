import type { RecordHeader } from '@ottla/protocol'
import { type ConsumerRecord, inspectRecord, type RecordJson } from '../record.js'
import type { DeserializationError } from './deserialization-error.js'

/** A fetched record with its key and value deserialized. */
export class DeserializedRecord<Key, Value> implements ConsumerRecord<Key, Value> {
  readonly key: Key | null
  readonly value: Value | null
  readonly error: DeserializationError | undefined
  readonly #fetched: ConsumerRecord

  constructor(
    fetched: ConsumerRecord,
    key: Key | null,
    value: Value | null,
    error: DeserializationError | undefined,
  ) {
    this.key = key
    this.value = value
    this.error = error
    this.#fetched = fetched
  }

  get topic(): string {
    return this.#fetched.topic
  }

  get partition(): number {
    return this.#fetched.partition
  }

  get offset(): bigint {
    return this.#fetched.offset
  }

  get offsetNumber(): number {
    return this.#fetched.offsetNumber
  }

  get timestamp(): number {
    return this.#fetched.timestamp
  }

  get headers(): readonly RecordHeader[] {
    return this.#fetched.headers
  }

  get leaderEpoch(): number {
    return this.#fetched.leaderEpoch
  }

  get keyBytes(): Buffer | null {
    return this.#fetched.key
  }

  get valueBytes(): Buffer | null {
    return this.#fetched.value
  }

  header(name: string): Buffer | null | undefined {
    return this.#fetched.header(name)
  }

  toJSON(): RecordJson {
    return this.#fetched.toJSON()
  }

  /** For `console.log`: what the getters say. */
  [Symbol.for('nodejs.util.inspect.custom')](
    _depth: number,
    options: object,
    inspect: (value: object, options: object) => string,
  ): string {
    return inspectRecord(this, options, inspect)
  }
}
