/** The Kafka wire protocol as typed schemas: every API, record batches, compression. */
export * from './broker-error.js'
export { crc32c } from './bytes/crc32c.js'
export { Reader } from './bytes/reader.js'
export { uuidFromBase64, uuidToBase64, ZERO_UUID } from './bytes/uuid.js'
export { Writer, type WriterOptions } from './bytes/writer.js'
export * from './compression/index.js'
export * from './error-codes.js'
export * from './errors.js'
export * from './frame.js'
export * from './frame-decoder.js'
export { headerVersions } from './header-versions.js'
export * from './log-records/index.js'
export * from './log-values.js'
export * from './messages/index.js'
export { murmur2, partitionForKey } from './murmur2.js'
export * from './records/index.js'
export * from './sasl/index.js'
export type {
  Api,
  HeaderVersions,
  Infer,
  InferInput,
  Message,
  MessageCodec,
  MessageKind,
  MessageType,
  Shape,
  UnknownTaggedField,
  Versions,
} from './schema/index.js'
export type {
  Deserializer,
  Serde,
  SerdeContext,
  Serializer,
  StandardResult,
  StandardSchema,
  SyncSerde,
} from './serdes/index.js'
export { bytes, float64, int32, int64, json, utf8, uuid } from './serdes/index.js'
