/** Kafka admin client for Node.js. */

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
export { Admin } from './admin.js'
export type { CreatedTopic, CreateTopicsOptions, NewTopic } from './create-topics.js'
export type { DeletedTopic, TopicReference } from './delete-topics.js'
export type { BrokerDescription, ClusterDescription } from './describe-cluster.js'
export type {
  ConfigDescription,
  ConfigEntry,
  ConfigResource,
  ConfigResourceType,
  ConfigSource,
  ConfigType,
  DescribeConfigsOptions,
} from './describe-configs.js'
export type { PartitionDescription, TopicDescription } from './describe-topics.js'
export type { ListedOffset, ListOffsetsOptions, OffsetQuery, OffsetSpec } from './list-offsets.js'
export type { ListTopicsOptions, TopicListing } from './list-topics.js'
export type { AdminOptions, OperationOptions } from './options.js'
export { AdminError, type ItemResult, orThrow, type Succeeded } from './results.js'
