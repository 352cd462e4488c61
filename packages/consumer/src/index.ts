/** Reads records from Kafka: in groups or alone, by record, by batch, or with handlers. */

export type { GroupMetadata } from '@ottla/network'
export {
  bytes,
  type Deserializer,
  float64,
  int32,
  int64,
  json,
  type Serde,
  type SerdeContext,
  type StandardSchema,
  utf8,
  uuid,
} from '@ottla/protocol'
export type { ConsumerBatch } from './batch.js'
export type {
  AssignedFrom,
  CallOptions,
  CloseOptions,
  CommittedOffset,
  PartitionCallOptions,
  PartitionLag,
} from './calls.js'
export { Consumer } from './consumer.js'
export type {
  DeadLetter,
  DeadLetterContext,
  DeadLetterFunction,
  DeadLetterProducer,
  DeadLetterRecord,
} from './delivery/dead-letter.js'
export { HandlerError } from './delivery/handler-error.js'
export type { PartitionStream } from './delivery/partition-streams.js'
export type {
  BatchHandler,
  HandlerContext,
  Ordering,
  RecordHandler,
  RetryPolicy,
  RunOptions,
} from './delivery/run-options.js'
export { DeserializationError } from './deserialization/deserialization-error.js'
export type { OnDeserializationError } from './deserialization/record-deserializer.js'
export type { ConsumerChannels } from './diagnostics.js'
export { CorruptRecordsError } from './fetch/corrupt-records-error.js'
export type {
  Assignor,
  AssignorMember,
  AssignorPartition,
  AssignorTopics,
  RebalanceProtocol,
  UserDataContext,
} from './group/assignors/assignor.js'
export { type AssignorName, builtInAssignors } from './group/assignors/built-in.js'
export type { Committable, OffsetToCommit } from './offsets/committable.js'
export type { AutoOffsetReset } from './offsets/reset-policy.js'
export {
  type ConsumerOptions,
  consumerOptionNames,
  type IsolationLevel,
  type RebalanceListener,
} from './options.js'
export type { ConsumerRecord, JsonBytes, RecordJson } from './record.js'
export type { TopicSelector } from './subscription.js'
export type { TopicPartition, TopicPartitionOffset } from './topic-partition.js'
