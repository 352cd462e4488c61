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
  nullable,
  string,
  struct,
  uuid,
} from '../schema/index.js'

const UpdateMetadataPartitionState = struct({
  topicName: field('0-4', string, { ignorable: true }),
  partitionIndex: field('0+', int32),
  controllerEpoch: field('0+', int32),
  leader: field('0+', int32),
  leaderEpoch: field('0+', int32),
  isr: field('0+', array(int32)),
  zkVersion: field('0+', int32),
  replicas: field('0+', array(int32)),
  offlineReplicas: field('4+', array(int32), { ignorable: true }),
})

const UpdateMetadataTopicState = struct({
  topicName: field('0+', string),
  topicId: field('7+', uuid, { ignorable: true }),
  partitionStates: field('0+', array(UpdateMetadataPartitionState)),
})

const UpdateMetadataEndpoint = struct({
  port: field('0+', int32),
  host: field('0+', string),
  listener: field('3+', string, { ignorable: true }),
  securityProtocol: field('0+', int16),
})

const UpdateMetadataBroker = struct({
  id: field('0+', int32),
  v0Host: field('0', string, { ignorable: true }),
  v0Port: field('0', int32, { ignorable: true }),
  endpoints: field('1+', array(UpdateMetadataEndpoint), { ignorable: true }),
  rack: field('2+', nullable(string), { ignorable: true }),
})

/**
 * Spread the cluster's metadata to brokers; sent by ZooKeeper-era controllers, removed in Kafka
 * 4.0.
 */
export const UpdateMetadataRequest = message({
  name: 'UpdateMetadataRequest',
  apiKey: 6,
  versions: '0-8',
  flexible: '6+',
  shape: {
    controllerId: field('0+', int32),
    isKRaftController: field('8+', bool, { default: false }),
    type: field('8+', int8, { tag: 0, default: 0 }),
    controllerEpoch: field('0+', int32),
    brokerEpoch: field('5+', int64, { default: -1n, ignorable: true }),
    ungroupedPartitionStates: field('0-4', array(UpdateMetadataPartitionState)),
    topicStates: field('5+', array(UpdateMetadataTopicState)),
    liveBrokers: field('0+', array(UpdateMetadataBroker)),
  },
})
export interface UpdateMetadataRequest extends Infer<typeof UpdateMetadataRequest> {}
/** What {@link UpdateMetadataRequest} takes for encoding: fields with a default may be left out. */
export type UpdateMetadataRequestInput = InferInput<typeof UpdateMetadataRequest>

/** Whether the broker took the metadata. */
export const UpdateMetadataResponse = message({
  name: 'UpdateMetadataResponse',
  apiKey: 6,
  versions: '0-8',
  flexible: '6+',
  shape: {
    errorCode: field('0+', int16),
  },
})
export interface UpdateMetadataResponse extends Infer<typeof UpdateMetadataResponse> {}
/**
 * What {@link UpdateMetadataResponse} takes for encoding: fields with a default may be left out.
 */
export type UpdateMetadataResponseInput = InferInput<typeof UpdateMetadataResponse>

/** API 6: spread the cluster's metadata to brokers. */
export const UpdateMetadata: Api<typeof UpdateMetadataRequest, typeof UpdateMetadataResponse> = api(
  UpdateMetadataRequest,
  UpdateMetadataResponse,
)
