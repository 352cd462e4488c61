import { Reader } from './bytes/reader.js'
import { Writer } from './bytes/writer.js'
import { WireError } from './errors.js'
import * as logRecords from './log-records/index.js'
import type { Infer, InferInput } from './schema/codec.js'
import type { MessageType } from './schema/message.js'

/**
 * How Kafka frames the schema-typed values inside the records of its own topics: the metadata log
 * (KIP-630) and the coordinators' logs (`__consumer_offsets`, `__transaction_state`,
 * `__share_group_state`).
 */

/** Version of the frame around a metadata record; there has been no other. */
const METADATA_FRAME_VERSION = 1

/** Type and version of a metadata record and where its body is. */
export interface MetadataRecordFrame {
  /** Type of the record, the `apiKey` of its message type. */
  readonly type: number
  readonly version: number
  readonly body: Uint8Array
}

/**
 * Value of a record of the metadata log: frame version, type and version as uvarints, then the
 * record.
 */
export function encodeMetadataRecord<Type extends MessageType>(
  type: Type,
  version: number,
  value: InferInput<Type>,
): Uint8Array {
  const writer = new Writer()
  writer.uvarint(METADATA_FRAME_VERSION)
  writer.uvarint(type.apiKey ?? 0)
  writer.uvarint(version)
  type.at(version).write(writer, value)
  return writer.finish()
}

/**
 * Takes the frame off a value of the metadata log;
 * `messageType.at(frame.version).decode(frame.body)` reads the rest.
 * @throws WireError when the frame is not version 1 or ends early.
 */
export function decodeMetadataFrame(bytes: Uint8Array): MetadataRecordFrame {
  const reader = new Reader(bytes)
  const frame = reader.uvarint()
  if (frame !== METADATA_FRAME_VERSION) {
    throw new WireError({
      message: `metadata record frame of version ${frame}, expected ${METADATA_FRAME_VERSION}`,
      offset: 0,
    })
  }
  const type = reader.uvarint()
  const version = reader.uvarint()
  return { type, version, body: reader.raw(reader.remaining) }
}

/** A metadata record of one of several types. */
export type MetadataRecordOf<Type extends MessageType> = Type extends MessageType
  ? {
      /** Kafka's name of the type; narrows `value` in a switch. */
      readonly name: Type['name']
      readonly type: Type
      readonly version: number
      readonly value: Infer<Type>
    }
  : never

/**
 * Reads a value of the metadata log as one of `types`, told apart by number; without `types` as one
 * of all its types, which keeps all of their schemas in a bundle.
 * @throws WireError for bad bytes or a record of another type (see {@link decodeMetadataFrame});
 * UnsupportedVersionError for a version newer than the schema.
 */
export function decodeMetadataRecord<Type extends MessageType = MessageType>(
  bytes: Uint8Array,
  types: readonly Type[] = metadataTypes() as readonly Type[],
): MetadataRecordOf<Type> {
  const frame = decodeMetadataFrame(bytes)
  const type = types.find((one) => one.apiKey === frame.type)
  if (type === undefined) {
    throw new WireError({ message: `unexpected metadata record of type ${frame.type}`, offset: 1 })
  }
  const value = type.at(frame.version).decode(frame.body)
  return { name: type.name, type, version: frame.version, value } as MetadataRecordOf<Type>
}

function metadataTypes(): readonly MessageType[] {
  return Object.values(logRecords).filter((type) => type.kind === 'metadata')
}

/**
 * Key of a record of a coordinator's log: the record's number as an int16, then the key, whose
 * schema has one version.
 */
export function encodeCoordinatorKey<Type extends MessageType>(
  type: Type,
  key: InferInput<Type>,
): Uint8Array {
  return prefixed(type.apiKey ?? 0, type, type.versions.min, key)
}

/**
 * Number of the record that a coordinator log's key belongs to: the `apiKey` of key and value type.
 */
export function coordinatorRecordId(key: Uint8Array): number {
  return new Reader(key).int16()
}

/**
 * Reads a key of a coordinator's log as `type`.
 * @throws WireError when it belongs to another record type, see {@link coordinatorRecordId}.
 */
export function decodeCoordinatorKey<Type extends MessageType>(
  type: Type,
  bytes: Uint8Array,
): Infer<Type> {
  const id = coordinatorRecordId(bytes)
  if (id !== type.apiKey) {
    throw new WireError({
      message: `key of record type ${id}, expected ${type.apiKey}`,
      messageName: type.name,
      offset: 0,
    })
  }
  return type.at(type.versions.min).decode(bytes.subarray(2)) as Infer<Type>
}

/** Value of a record of a coordinator's log: the version as an int16, then the value. */
export function encodeCoordinatorValue<Type extends MessageType>(
  type: Type,
  version: number,
  value: InferInput<Type>,
): Uint8Array {
  return prefixed(version, type, version, value)
}

/**
 * Reads a value of a coordinator's log. (A null value is a tombstone: it deletes what the key
 * names.)
 * @throws WireError for bad bytes; UnsupportedVersionError for a version newer than the schema.
 */
export function decodeCoordinatorValue<Type extends MessageType>(
  type: Type,
  bytes: Uint8Array,
): Infer<Type> {
  const version = new Reader(bytes).int16()
  return type.at(version).decode(bytes.subarray(2)) as Infer<Type>
}

function prefixed<Type extends MessageType>(
  prefix: number,
  type: Type,
  version: number,
  value: InferInput<Type>,
): Uint8Array {
  const writer = new Writer()
  writer.int16(prefix)
  type.at(version).write(writer, value)
  return writer.finish()
}
