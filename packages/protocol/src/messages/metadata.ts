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
  message,
  nullable,
  string,
  struct,
  uuid,
} from '../schema/index.js'

const MetadataRequestTopic = struct({
  topicId: field('10+', uuid, { ignorable: true }),
  name: field('0+', nullable(string, '10+')),
})

export const MetadataRequest = message({
  name: 'MetadataRequest',
  apiKey: 3,
  versions: '0-13',
  flexible: '9+',
  shape: {
    topics: field('0+', nullable(array(MetadataRequestTopic), '1+')),
    allowAutoTopicCreation: field('4+', bool, { default: true }),
    includeClusterAuthorizedOperations: field('8-10', bool),
    includeTopicAuthorizedOperations: field('8+', bool),
  },
})
export interface MetadataRequest extends Infer<typeof MetadataRequest> {}
export type MetadataRequestInput = InferInput<typeof MetadataRequest>

const MetadataResponseBroker = struct({
  nodeId: field('0+', int32),
  host: field('0+', string),
  port: field('0+', int32),
  rack: field('1+', nullable(string), { default: null, ignorable: true }),
})

const MetadataResponsePartition = struct({
  errorCode: field('0+', int16),
  partitionIndex: field('0+', int32),
  leaderId: field('0+', int32),
  leaderEpoch: field('7+', int32, { default: -1, ignorable: true }),
  replicaNodes: field('0+', array(int32)),
  isrNodes: field('0+', array(int32)),
  offlineReplicas: field('5+', array(int32), { ignorable: true }),
})

const MetadataResponseTopic = struct({
  errorCode: field('0+', int16),
  name: field('0+', nullable(string, '12+')),
  topicId: field('10+', uuid, { ignorable: true }),
  isInternal: field('1+', bool, { default: false, ignorable: true }),
  partitions: field('0+', array(MetadataResponsePartition)),
  topicAuthorizedOperations: field('8+', int32, { default: -2147483648 }),
})

export const MetadataResponse = message({
  name: 'MetadataResponse',
  apiKey: 3,
  versions: '0-13',
  flexible: '9+',
  shape: {
    throttleTimeMs: field('3+', int32, { ignorable: true }),
    brokers: field('0+', array(MetadataResponseBroker)),
    clusterId: field('2+', nullable(string), { default: null, ignorable: true }),
    controllerId: field('1+', int32, { default: -1, ignorable: true }),
    topics: field('0+', array(MetadataResponseTopic)),
    clusterAuthorizedOperations: field('8-10', int32, { default: -2147483648 }),
    errorCode: field('13+', int16, { ignorable: true }),
  },
})
export interface MetadataResponse extends Infer<typeof MetadataResponse> {}
export type MetadataResponseInput = InferInput<typeof MetadataResponse>

export const Metadata: Api<typeof MetadataRequest, typeof MetadataResponse> = api(
  MetadataRequest,
  MetadataResponse,
)
