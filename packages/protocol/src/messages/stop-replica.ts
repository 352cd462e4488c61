import {
  type Api,
  api,
  array,
  bool,
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  int64,
  message,
  string,
  struct,
} from '../schema/index.js'

const StopReplicaPartitionV0 = struct({
  topicName: field('0+', string),
  partitionIndex: field('0+', int32),
})

const StopReplicaTopicV1 = struct({
  name: field('0+', string),
  partitionIndexes: field('0+', array(int32)),
})

const StopReplicaPartitionState = struct({
  partitionIndex: field('0+', int32),
  leaderEpoch: field('0+', int32, { default: -1 }),
  deletePartition: field('0+', bool),
})

const StopReplicaTopicState = struct({
  topicName: field('0+', string),
  partitionStates: field('0+', array(StopReplicaPartitionState)),
})

/**
 * Told brokers to stop, and perhaps delete, replicas; sent by ZooKeeper-era controllers, removed in
 * Kafka 4.0. Each group of versions nests the partitions differently.
 */
export const StopReplicaRequest = message({
  name: 'StopReplicaRequest',
  apiKey: 5,
  versions: '0-4',
  flexible: '2+',
  shape: {
    controllerId: field('0+', int32),
    isKRaftController: field('4+', bool, { default: false }),
    controllerEpoch: field('0+', int32),
    brokerEpoch: field('1+', int64, { default: -1n, ignorable: true }),
    deletePartitions: field('0-2', bool),
    ungroupedPartitions: field('0', array(StopReplicaPartitionV0)),
    topics: field('1-2', array(StopReplicaTopicV1)),
    topicStates: field('3+', array(StopReplicaTopicState)),
  },
})
export interface StopReplicaRequest extends Infer<typeof StopReplicaRequest> {}
/** What {@link StopReplicaRequest} takes for encoding: fields with a default may be left out. */
export type StopReplicaRequestInput = InferInput<typeof StopReplicaRequest>

const StopReplicaPartitionError = struct({
  topicName: field('0+', string),
  partitionIndex: field('0+', int32),
  errorCode: field('0+', int16),
})

/** Result per partition. */
export const StopReplicaResponse = message({
  name: 'StopReplicaResponse',
  apiKey: 5,
  versions: '0-4',
  flexible: '2+',
  shape: {
    errorCode: field('0+', int16),
    partitionErrors: field('0+', array(StopReplicaPartitionError)),
  },
})
export interface StopReplicaResponse extends Infer<typeof StopReplicaResponse> {}
/** What {@link StopReplicaResponse} takes for encoding: fields with a default may be left out. */
export type StopReplicaResponseInput = InferInput<typeof StopReplicaResponse>

/** API 5: told brokers to stop, and perhaps delete, replicas. */
export const StopReplica: Api<typeof StopReplicaRequest, typeof StopReplicaResponse> = api(
  StopReplicaRequest,
  StopReplicaResponse,
)
