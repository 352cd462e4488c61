/** Reads records from Kafka: in groups or alone, by record, by batch, or with handlers. */
export type { ConsumerBatch } from './batch.js'
export type {
  AssignedFrom,
  CallOptions,
  CloseOptions,
  CommittedOffset,
  GroupMetadata,
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
export type { PartitionStream } from './delivery/partition-streams.js'
export type {
  BatchHandler,
  HandlerContext,
  Ordering,
  RecordHandler,
  RetryPolicy,
  RunOptions,
} from './delivery/run-options.js'
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
export type {
  ConsumerOptions,
  IsolationLevel,
  RebalanceListener,
} from './options.js'
export { ConsumerRecord, type JsonBytes, type RecordJson } from './record.js'
export type { TopicSelector } from './subscription.js'
export type { TopicPartition, TopicPartitionOffset } from './topic-partition.js'
