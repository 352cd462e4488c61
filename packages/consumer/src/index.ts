/** Reads records from Kafka: in groups or alone, by record, by batch, or with handlers. */
export type { ConsumerBatch } from './batch.js'
export {
  type AssignedFrom,
  type CallOptions,
  type CloseOptions,
  type CommittedOffset,
  Consumer,
  type GroupMetadata,
  type PartitionLag,
} from './consumer.js'
export type { HandlerContext, RunOptions } from './delivery/run.js'
export type { ConsumerChannels } from './diagnostics.js'
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
export type {
  AutoOffsetReset,
  ConsumerOptions,
  IsolationLevel,
  RebalanceListener,
} from './options.js'
export { ConsumerRecord } from './record.js'
export type { TopicSelector } from './subscription.js'
export type { TopicPartition, TopicPartitionOffset } from './topic-partition.js'
