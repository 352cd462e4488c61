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
export type { AlterConfigsOptions, AlteredConfigs, ConfigAlteration } from './alter-configs.js'
export type { GroupOffsetResult, NewGroupOffset } from './alter-group-offsets.js'
export type { AlteredReassignment, NewReassignment } from './alter-partition-reassignments.js'
export type {
  AlteredScramCredential,
  ScramCredentialAlteration,
} from './alter-user-scram-credentials.js'
export type { ConfigResourceName, ConfigResourceType } from './config-resource.js'
export type {
  CreatedPartitions,
  CreatePartitionsOptions,
  NewPartitions,
} from './create-partitions.js'
export type { CreatedTopic, CreateTopicsOptions, NewTopic } from './create-topics.js'
export type { DeletedGroup } from './delete-groups.js'
export type { DeletedRecords, RecordsToDelete } from './delete-records.js'
export type { DeletedTopic, TopicReference } from './delete-topics.js'
export type { BrokerDescription, ClusterDescription } from './describe-cluster.js'
export type {
  ConfigDescription,
  ConfigEntry,
  ConfigResource,
  ConfigSource,
  ConfigType,
  DescribeConfigsOptions,
} from './describe-configs.js'
export type { FeaturesDescription } from './describe-features.js'
export type { GroupDescription, MemberDescription } from './describe-groups.js'
export type {
  BrokerLogDirs,
  DescribeLogDirsOptions,
  LogDir,
  LogDirReplica,
} from './describe-log-dirs.js'
export type { PartitionProducers, ProducerDescription } from './describe-producers.js'
export type { QuorumDescription, QuorumReplica } from './describe-quorum.js'
export type { PartitionDescription, TopicDescription } from './describe-topics.js'
export type { UserScramCredentials } from './describe-user-scram-credentials.js'
export type { ElectedLeader, ElectLeadersOptions } from './elect-leaders.js'
export type { OfPartition } from './leader-items.js'
export type { ListConfigResourcesOptions } from './list-config-resources.js'
export type {
  GroupOffset,
  GroupOffsets,
  GroupOffsetsQuery,
  ListGroupOffsetsOptions,
} from './list-group-offsets.js'
export type { GroupListing, GroupState, GroupType, ListGroupsOptions } from './list-groups.js'
export type { ListedOffset, ListOffsetsOptions, OffsetQuery, OffsetSpec } from './list-offsets.js'
export type {
  ListPartitionReassignmentsOptions,
  PartitionReassignment,
} from './list-partition-reassignments.js'
export type { ListTopicsOptions, TopicListing } from './list-topics.js'
export type { AdminOptions, OperationOptions } from './options.js'
export type {
  MemberReference,
  RemovedMember,
  RemoveGroupMembersOptions,
} from './remove-group-members.js'
export { AdminError, type ItemResult, orThrow, type Succeeded } from './results.js'
export type { TopicPartitions } from './topic-partitions.js'
