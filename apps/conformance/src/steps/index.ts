export {
  assignors,
  beginJoin,
  beginSync,
  connectToGroup,
  endJoin,
  type GroupMember,
  heartbeatCode,
  type JoiningMember,
  type JoinSettings,
  join,
  joinBeside,
  joinRequest,
  type Protocol,
  rejoin,
  stableGroup,
  stablePair,
  subscription,
  sync,
  untilRebalance,
} from './classic-group.js'
export {
  type CommitSettings,
  commit,
  commitRequest,
  groupOf,
  type OffsetsOfGroup,
  offsetsRequest,
} from './committed-offsets.js'
export {
  batchesFrom,
  createCompacted,
  type KeyValue,
  keptIn,
  keyed,
  untilKept,
  writeSegment,
  writtenAt,
} from './compaction.js'
export {
  ConfigOperation,
  type ConfigResource,
  ConfigResourceType,
  ConfigSource,
  changeConfigs,
  readConfig,
  topicResource,
  untilConfig,
} from './configs.js'
export {
  type ConsumerGroupMember,
  joinConsumerGroup,
  joiningHeartbeat,
  laterHeartbeat,
  untilAssigned,
} from './consumer-group.js'
export {
  type ConsumerMember,
  consumerMember,
  converge,
  joinAll,
  partitionsOf,
} from './consumer-members.js'
export { coordinatedBy, shareStateKey, untilShareState } from './coordinator-at.js'
export { createLog } from './create-log.js'
export { createTopic, deleteTopic, type Topic, type TopicOptions } from './create-topic.js'
export { decodeBatches } from './decode-batches.js'
export { deleteRecords } from './delete-records.js'
export {
  batchesIn,
  type FetchRequestOptions,
  fetch,
  fetched,
  fetchOf,
  fetchPartition,
  fetchRequest,
  valuesIn,
} from './fetch-request.js'
export { Acl, type Grant, grant } from './grants.js'
export { newProducerId } from './init-producer-id.js'
export {
  killNode,
  LOSS_DEADLINE_MS,
  type LosableNodes,
  losableNodes,
  pauseNode,
  untilPartition,
} from './lost-nodes.js'
export { newest } from './newest.js'
export { type ProduceStepOptions, produce, values, WRITTEN_AT } from './produce.js'
export {
  type ProduceRequestOptions,
  produced,
  produceRequest,
  tryProduce,
} from './produce-request.js'
export { batchesOf, type ReadOptions, readPartition, textsOf } from './read-partition.js'
export {
  changeLeader,
  connectTo,
  createReplicated,
  endOfEpoch,
  type LeaderChange,
  listOffsetsOf,
  moveLeader,
  nodesOf,
  type PartitionState,
  partitionOf,
  reassign,
  untilLedBy,
} from './replicas.js'
export {
  type Ack,
  AckType,
  type AcquiredRange,
  acknowledged,
  acquired,
  createShareGroup,
  joinShareGroup,
  type ShareGroup,
  type ShareSession,
  shareHeartbeat,
  shareMemberId,
  sharePartition,
  shareSession,
  take,
} from './share-group.js'
export { joiningStreams } from './streams-group.js'
export {
  addPartitions,
  addPartitionsRequest,
  endTransaction,
  type InitTransactionsOptions,
  initTransactions,
  produceInTransaction,
  type SendOptions,
  sendInTransaction,
  type TransactionalProducer,
  type TransactionProtocol,
  untilSettled,
} from './transaction.js'
