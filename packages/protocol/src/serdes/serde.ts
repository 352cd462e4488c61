import { InvalidArgumentError, WireError } from '../errors.js'
import type { RecordBytes, RecordHeaderInput } from '../records/index.js'

/** What a serde may look at besides the data. */
export interface SerdeContext {
  readonly topic: string
  /** Whether the data is the record's key; else it is its value. */
  readonly isKey: boolean
  readonly headers: readonly RecordHeaderInput[]
}

/** Turns data into the bytes of a key or value. Never asked about null, which is null on the wire too (a tombstone). */
export interface Serializer<T> {
  /** Strings in the result are sent as UTF-8. */
  serialize(data: T, context: SerdeContext): RecordBytes | Promise<RecordBytes>
}

/** Turns the bytes of a key or value into data. Never asked about null. */
export interface Deserializer<T> {
  /** @param bytes a view that may be kept as long as the record is. */
  deserialize(bytes: Uint8Array, context: SerdeContext): T | Promise<T>
}

/** Both ways, so that producers and consumers share one definition. */
export interface Serde<T> extends Serializer<T>, Deserializer<T> {}

/** A serde that is never asynchronous: what all those without a schema are. */
export interface SyncSerde<T> extends Serde<T> {
  serialize(data: T, context: SerdeContext): RecordBytes
  deserialize(bytes: Uint8Array, context: SerdeContext): T
}

const placeOf = ({ topic, isKey }: SerdeContext): string =>
  `the ${isKey ? 'key' : 'value'} of a record of topic ${topic}`

/** The error for data that a serde cannot write. Code `OTTLA_SERDE`. */
export const cannotSerialize = (
  what: string,
  context: SerdeContext,
  cause?: unknown,
): InvalidArgumentError => {
  const { topic } = context
  const message = `${placeOf(context)} cannot be serialized: ${what}`
  return new InvalidArgumentError(message, { code: 'OTTLA_SERDE', topic, cause })
}

/** The error for bytes that a serde cannot read. Code `OTTLA_SERDE`. */
export const cannotDeserialize = (
  what: string,
  context: SerdeContext,
  cause?: unknown,
): WireError => {
  const message = `${placeOf(context)} cannot be deserialized: ${what}`
  return new WireError({ message, code: 'OTTLA_SERDE', cause })
}

/** @throws WireError unless there are exactly so many bytes. */
export const assertLength = (bytes: Uint8Array, length: number, context: SerdeContext): void => {
  if (bytes.length === length) return
  throw cannotDeserialize(`it has ${bytes.length} bytes, not ${length}`, context)
}
