/** Kafka producer for Node.js. */

export {
  AuthenticationError,
  BrokerError,
  ClosedError,
  ConnectionError,
  FencedError,
  InvalidArgumentError,
  KafkaError,
  TimeoutError,
  UnsupportedCompressionError,
  UnsupportedVersionError,
  WireError,
} from '@ottla/protocol'
export type { DeliveryCallback } from './delivery.js'
export {
  type BatchInfo,
  diagnostics as producerDiagnostics,
  type ProducerDiagnostics,
} from './diagnostics.js'
export type { Acks, ProducerOptions } from './options.js'
export type { Partitioner, PartitionerName } from './partitioner.js'
export { Producer, type ProducerEvents, type ProducerStats } from './producer.js'
export { type HeadersInput, type ProducerRecord, RecordMetadata } from './record.js'
export { DeliveryError } from './send.js'
