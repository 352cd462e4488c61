/** Kafka producer for Node.js. */

export {
  AuthenticationError,
  BrokerError,
  bytes,
  ClosedError,
  ConnectionError,
  FencedError,
  float64,
  InvalidArgumentError,
  int32,
  int64,
  json,
  KafkaError,
  type RecordBytes,
  type Serde,
  type SerdeContext,
  type Serializer,
  type StandardSchema,
  TimeoutError,
  UnsupportedCompressionError,
  UnsupportedVersionError,
  utf8,
  uuid,
  WireError,
} from '@ottla/protocol'
export type { DeliveryCallback } from './delivery.js'
export {
  type BatchInfo,
  diagnostics as producerDiagnostics,
  type ProducerDiagnostics,
} from './diagnostics.js'
export { type Acks, type ProducerOptions, producerOptionNames } from './options.js'
export type { Partitioner, PartitionerContext, PartitionerName } from './partitioner.js'
export { Producer, type ProducerEvents, type ProducerStats, type WaitLimits } from './producer.js'
export { type HeadersInput, type ProducerRecord, RecordMetadata } from './record.js'
export { DeliveryError } from './send.js'
export type { WritableOptions } from './writable.js'
