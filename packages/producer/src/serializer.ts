import {
  InvalidArgumentError,
  type RecordBytes,
  type RecordHeaderInput,
  type SerdeContext,
  type Serializer,
} from '@ottla/protocol'
import { listHeaders, noHeaders, type ProducerRecord } from './record.js'

/** Turns records of the application's types into records of bytes. */
export class RecordSerializer<Key, Value> {
  readonly #key: Serializer<Key> | undefined
  readonly #value: Serializer<Value> | undefined

  constructor(key: Serializer<Key> | undefined, value: Serializer<Value> | undefined) {
    this.#key = key
    this.#value = value
  }

  /**
   * The record in bytes; a promise if a serializer gives one.
   *
   * @throws what the serializers throw.
   */
  serialize(record: ProducerRecord<Key, Value>): ProducerRecord | Promise<ProducerRecord> {
    const { topic } = record
    const headers = record.headers === undefined ? noHeaders : listHeaders(record.headers)
    const key = run(this.#key, record.key ?? null, { topic, headers, isKey: true })
    const value = this.#valueOf(record, headers, key)
    if (key instanceof Promise || value instanceof Promise) {
      return Promise.all([key, value]).then(([key, value]) => ({ ...record, headers, key, value }))
    }
    return { ...record, headers, key, value }
  }

  #valueOf(
    { topic, value }: ProducerRecord<Key, Value>,
    headers: readonly RecordHeaderInput[],
    key: RecordBytes | Promise<RecordBytes>,
  ): RecordBytes | Promise<RecordBytes> {
    try {
      return run(this.#value, value, { topic, headers, isKey: false })
    } catch (error) {
      // Nobody waits for the key any more.
      if (key instanceof Promise) key.catch(() => {})
      throw error
    }
  }
}

const run = <T>(
  serializer: Serializer<T> | undefined,
  data: T | null | undefined,
  context: SerdeContext,
): RecordBytes | Promise<RecordBytes> => {
  if (data === null) return null
  // Without a serializer it is bytes already; what is not is refused with the record.
  if (serializer === undefined) return data as RecordBytes
  if (data === undefined) {
    const { topic, isKey } = context
    const part = isKey ? 'key' : 'value'
    throw new InvalidArgumentError(
      `A record for topic ${topic} cannot be sent: it has no ${part}; null means a tombstone.`,
      { topic },
    )
  }
  return serializer.serialize(data, context)
}
