import { isUtf8 } from 'node:buffer'
import { LazyRecord, type RecordHeader, type RecordSource } from '@ottla/protocol'
import type { DeserializationError } from './deserialization/deserialization-error.js'

/** What the records of one fetched batch have in common. */
export interface RecordOrigin {
  readonly topic: string
  readonly partition: number
  /** Epoch of the leader that wrote the batch, -1 if it has none. */
  readonly leaderEpoch: number
}

/**
 * A record as consumed. Bytes (key, value and headers, as far as they are not deserialized) are views of the fetched bytes,
 * made on each access; they stay valid for as long as they are held and keep the bytes of their fetch (up to some megabytes)
 * alive: copy what you keep for long.
 */
export interface ConsumerRecord<Key = Buffer, Value = Buffer> {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  /** The offset as a number; exact below 2^53. */
  readonly offsetNumber: number
  /** Milliseconds since 1970, of the producer or of the broker as the topic says; -1 for none. */
  readonly timestamp: number
  /** By `keyDeserializer`, else bytes. */
  readonly key: Key | null
  /** By `valueDeserializer`, else bytes; null for a tombstone. */
  readonly value: Value | null
  readonly headers: readonly RecordHeader[]
  /** Epoch of the leader that wrote the record, -1 if unknown. */
  readonly leaderEpoch: number
  /** The key as it was written. */
  readonly keyBytes: Buffer | null
  /** The value as it was written. */
  readonly valueBytes: Buffer | null
  /** Why key or value, which is null then, could not be deserialized: with `onDeserializationError: 'deliver'` only. */
  readonly error?: DeserializationError | undefined
  /** The first header's value of that name; undefined if there is none. */
  header(name: string): Buffer | null | undefined
  /**
   * For `JSON.stringify`: see `RecordJson`. Nothing is lost: text is written as text, other bytes in base64, and the two cannot be
   * confused. Key and value are written as the bytes they were.
   */
  toJSON(): RecordJson
}

/** A record as fetched: key and value are bytes. */
export class FetchedRecord extends LazyRecord implements ConsumerRecord {
  declare private readonly origin: RecordOrigin

  constructor(
    origin: RecordOrigin,
    source: RecordSource,
    offsetDelta: number,
    timestampDelta: number,
    keyStart: number,
    keyLength: number,
    valueStart: number,
    valueLength: number,
    end: number,
  ) {
    super(source, offsetDelta, timestampDelta, keyStart, keyLength, valueStart, valueLength, end)
    this.origin = origin
  }

  get topic(): string {
    return this.origin.topic
  }

  get partition(): number {
    return this.origin.partition
  }

  get leaderEpoch(): number {
    return this.origin.leaderEpoch
  }

  get keyBytes(): Buffer | null {
    return this.key
  }

  get valueBytes(): Buffer | null {
    return this.value
  }

  header(name: string): Buffer | null | undefined {
    return this.headers.find(([header]) => header === name)?.[1]
  }

  toJSON(): RecordJson {
    const { topic, partition, offset, timestamp, key, value, headers, leaderEpoch } = this
    return {
      topic,
      partition,
      offset: offset.toString(),
      timestamp,
      key: toJsonBytes(key),
      value: toJsonBytes(value),
      headers: headers.map(([name, bytes]) => [name, toJsonBytes(bytes)]),
      leaderEpoch,
    }
  }

  /** For `console.log`: what the getters say, with text as text. */
  [Symbol.for('nodejs.util.inspect.custom')](
    _depth: number,
    options: object,
    inspect: (value: object, options: object) => string,
  ): string {
    return inspectRecord(this, options, inspect)
  }
}

/** Bytes in JSON: a string where they are valid UTF-8, else an object that holds them in base64; null stays null. */
export type JsonBytes = string | { readonly base64: string } | null

/** A record in JSON. The offset is a string of digits: JSON has no 64-bit integers. */
export interface RecordJson {
  readonly topic: string
  readonly partition: number
  readonly offset: string
  readonly timestamp: number
  readonly key: JsonBytes
  readonly value: JsonBytes
  readonly headers: readonly (readonly [name: string, value: JsonBytes])[]
  readonly leaderEpoch: number
}

/** What `console.log` shows of a record: the getters' values, bytes that are text as text. */
export const inspectRecord = (
  record: ConsumerRecord<unknown, unknown>,
  options: object,
  inspect: (value: object, options: object) => string,
): string => {
  const { topic, partition, offset, timestamp, key, value, headers, leaderEpoch, error } = record
  const shown = {
    topic,
    partition,
    offset,
    timestamp,
    leaderEpoch,
    key: show(key),
    value: show(value),
    headers: headers.map(([name, bytes]) => [name, show(bytes)]),
    ...(error === undefined ? {} : { error }),
  }
  return `ConsumerRecord ${inspect(shown, options)}`
}

const show = (data: unknown): unknown => (Buffer.isBuffer(data) ? textOrBytes(data) : data)

const textOrBytes = (bytes: Buffer | null): string | Buffer | null =>
  bytes !== null && isUtf8(bytes) ? bytes.toString() : bytes

const toJsonBytes = (bytes: Buffer | null): JsonBytes => {
  const shown = textOrBytes(bytes)
  return shown instanceof Uint8Array ? { base64: shown.toString('base64') } : shown
}
