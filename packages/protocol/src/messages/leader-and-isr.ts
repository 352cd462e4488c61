import {
  type Api,
  api,
  array,
  bool,
  field,
  type Infer,
  type InferInput,
  int8,
  int16,
  int32,
  int64,
  message,
  string,
  struct,
  uuid,
} from '../schema/index.js'

const LeaderAndIsrPartitionState = struct({
  topicName: field('0-1', string, { ignorable: true }),
  partitionIndex: field('0+', int32),
  controllerEpoch: field('0+', int32),
  leader: field('0+', int32),
  leaderEpoch: field('0+', int32),
  isr: field('0+', array(int32)),
  partitionEpoch: field('0+', int32),
  replicas: field('0+', array(int32)),
  addingReplicas: field('3+', array(int32), { ignorable: true }),
  removingReplicas: field('3+', array(int32), { ignorable: true }),
  isNew: field('1+', bool, { default: false, ignorable: true }),
  leaderRecoveryState: field('6+', int8, { default: 0 }),
})

const LeaderAndIsrTopicState = struct({
  topicName: field('0+', string),
  topicId: field('5+', uuid, { ignorable: true }),
  partitionStates: field('0+', array(LeaderAndIsrPartitionState)),
})

const LeaderAndIsrLiveLeader = struct({
  brokerId: field('0+', int32),
  hostName: field('0+', string),
  port: field('0+', int32),
})

/**
 * Told brokers which partitions they lead and follow; sent by ZooKeeper-era controllers, removed in
 * Kafka 4.0.
 */
export const LeaderAndIsrRequest = message({
  name: 'LeaderAndIsrRequest',
  apiKey: 4,
  versions: '0-7',
  flexible: '4+',
  shape: {
    controllerId: field('0+', int32),
    isKRaftController: field('7+', bool, { default: false }),
    controllerEpoch: field('0+', int32),
    brokerEpoch: field('2+', int64, { default: -1n, ignorable: true }),
    /** 0 unknown, 1 incremental, 2 full: then replicas not listed are to be deleted. */
    type: field('5+', int8),
    ungroupedPartitionStates: field('0-1', array(LeaderAndIsrPartitionState)),
    topicStates: field('2+', array(LeaderAndIsrTopicState)),
    liveLeaders: field('0+', array(LeaderAndIsrLiveLeader)),
  },
})
export interface LeaderAndIsrRequest extends Infer<typeof LeaderAndIsrRequest> {}
/** What {@link LeaderAndIsrRequest} takes for encoding: fields with a default may be left out. */
export type LeaderAndIsrRequestInput = InferInput<typeof LeaderAndIsrRequest>

const LeaderAndIsrPartitionError = struct({
  topicName: field('0-4', string, { ignorable: true }),
  partitionIndex: field('0+', int32),
  errorCode: field('0+', int16),
})

const LeaderAndIsrTopicError = struct({
  topicId: field('0+', uuid),
  partitionErrors: field('0+', array(LeaderAndIsrPartitionError)),
})

/** Result per partition; by topic id from version 5 on. */
export const LeaderAndIsrResponse = message({
  name: 'LeaderAndIsrResponse',
  apiKey: 4,
  versions: '0-7',
  flexible: '4+',
  shape: {
    errorCode: field('0+', int16),
    partitionErrors: field('0-4', array(LeaderAndIsrPartitionError)),
    topics: field('5+', array(LeaderAndIsrTopicError)),
  },
})
export interface LeaderAndIsrResponse extends Infer<typeof LeaderAndIsrResponse> {}
/** What {@link LeaderAndIsrResponse} takes for encoding: fields with a default may be left out. */
export type LeaderAndIsrResponseInput = InferInput<typeof LeaderAndIsrResponse>

/** API 4: told brokers which partitions they lead and follow. */
export const LeaderAndIsr: Api<typeof LeaderAndIsrRequest, typeof LeaderAndIsrResponse> = api(
  LeaderAndIsrRequest,
  LeaderAndIsrResponse,
)
