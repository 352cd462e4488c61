import type { Deserializer, RecordHeader, SerdeContext } from '@ottla/protocol'
import { type ConsumerBatch, RecordArray } from '../batch.js'
import type { ConsumerRecord } from '../record.js'
import { DeserializationError } from './deserialization-error.js'
import { DeserializedRecord } from './deserialized-record.js'

/**
 * What happens to a record whose key or value cannot be deserialized: `'fail'`, the reader gets a `DeserializationError` and the
 * record stays the next one; `'skip'`, it is passed over and counts as finished; `'deliver'`, it is handed over with `error` and
 * its bytes.
 */
export type OnDeserializationError = 'fail' | 'skip' | 'deliver'

/** What a `RecordDeserializer` works with. */
export interface RecordDeserializerSetup<Key, Value> {
  /** Undefined: bytes. */
  readonly key: Deserializer<Key> | undefined
  readonly value: Deserializer<Value> | undefined
  readonly onError: OnDeserializationError
  /** A record is passed over. */
  readonly onSkipped: (error: DeserializationError) => void
}

/** A batch of the application's types, as far as it could be read. */
export interface DeserializedBatch<Key, Value> {
  readonly batch: RecordArray<Key, Value>
  /** The fetched records behind it. */
  readonly fetched: readonly ConsumerRecord[]
  /** How many records it stands for, those included that were skipped. */
  readonly count: number
  /** Why not more. */
  readonly error: DeserializationError | undefined
}

/** What a deserializer made of bytes, or why it made nothing. */
type Part = unknown | DeserializationError

/**
 * Turns fetched records into records of the application's types. It runs where records are handed over, so that everything
 * before (buffers, order of keys, dead letters) deals with bytes, and consumers without deserializers never come here.
 */
export class RecordDeserializer<Key, Value> {
  readonly #setup: RecordDeserializerSetup<Key, Value>

  constructor(setup: RecordDeserializerSetup<Key, Value>) {
    this.#setup = setup
  }

  /**
   * The record for the application, undefined if it is skipped; a promise if a deserializer gives one.
   *
   * @throws DeserializationError, or rejects with it.
   */
  read(
    record: ConsumerRecord,
  ): ConsumerRecord<Key, Value> | undefined | Promise<ConsumerRecord<Key, Value> | undefined> {
    const { key, value } = this.#begin(record)
    if (key instanceof Promise || value instanceof Promise) {
      return Promise.all([key, value]).then(([key, value]) => this.#finish(record, key, value))
    }
    return this.#finish(record, key, value)
  }

  /** As `read` for each, asynchronous deserializers side by side; ends before the first record that fails. */
  async readBatch(records: ConsumerBatch): Promise<DeserializedBatch<Key, Value>> {
    const { topic, partition, highWatermark, nextOffset } = records
    const batch = new RecordArray<Key, Value>(topic, partition, highWatermark)
    const fetched: ConsumerRecord[] = []
    let count = 0
    const begun = records.map((record) => this.#begin(record))
    for (const { key, value } of begun) {
      const record = records[count] as ConsumerRecord
      try {
        const read = this.#finish(
          record,
          key instanceof Promise ? await key : key,
          value instanceof Promise ? await value : value,
        )
        if (read !== undefined) {
          batch.push(read)
          fetched.push(record)
        }
      } catch (error) {
        batch.nextOffsetNumber = record.offsetNumber
        return { batch, fetched, count, error: error as DeserializationError }
      }
      count++
    }
    batch.nextOffsetNumber = Number(nextOffset)
    return { batch, fetched, count, error: undefined }
  }

  #begin(record: ConsumerRecord) {
    const { key, value } = this.#setup
    return {
      key: run(key, record, record.key, 'key'),
      value: run(value, record, record.value, 'value'),
    }
  }

  #finish(record: ConsumerRecord, key: Part, value: Part): ConsumerRecord<Key, Value> | undefined {
    const error = errorOf(key) ?? errorOf(value)
    if (error !== undefined) {
      const { onError, onSkipped } = this.#setup
      // What may work later says nothing about the record: skipping it for that would lose data.
      if (onError === 'fail' || error.retriable) throw error
      if (onError === 'skip') {
        onSkipped(error)
        return undefined
      }
    }
    return new DeserializedRecord(record, dataOf<Key>(key), dataOf<Value>(value), error)
  }
}

const errorOf = (part: Part): DeserializationError | undefined =>
  part instanceof DeserializationError ? part : undefined

const dataOf = <T>(part: Part): T | null =>
  part instanceof DeserializationError ? null : (part as T | null)

/** Never throws, and what it returns never rejects: a failure is an error returned. */
const run = (
  deserializer: Deserializer<unknown> | undefined,
  record: ConsumerRecord,
  bytes: Buffer | null,
  part: 'key' | 'value',
): Part | Promise<Part> => {
  if (bytes === null || deserializer === undefined) return bytes
  try {
    const data = deserializer.deserialize(bytes, new RecordContext(record, part === 'key'))
    if (!(data instanceof Promise)) return data
    return data.catch((cause: unknown) => new DeserializationError(record, part, cause))
  } catch (cause) {
    return new DeserializationError(record, part, cause)
  }
}

/** Headers are parsed only for deserializers that look at them. */
class RecordContext implements SerdeContext {
  readonly isKey: boolean
  readonly #record: ConsumerRecord

  constructor(record: ConsumerRecord, isKey: boolean) {
    this.isKey = isKey
    this.#record = record
  }

  get topic(): string {
    return this.#record.topic
  }

  get headers(): readonly RecordHeader[] {
    return this.#record.headers
  }
}
