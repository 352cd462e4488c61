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

/**
 * Asks for brokers, topics and partition leaders; sent by every client to any broker. Topics null
 * (version 0: empty) means all of them, an empty list none (version 1 and up). Version 4 makes the
 * creation of missing topics a choice, 10-12 bring topic ids (KIP-516), 13 a top-level error for
 * rebootstrapping (KIP-1102).
 */
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
/** What {@link MetadataRequest} takes for encoding: fields with a default may be left out. */
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
  /** Replicas whose broker or log directory is down. */
  offlineReplicas: field('5+', array(int32), { ignorable: true }),
})

const MetadataResponseTopic = struct({
  errorCode: field('0+', int16),
  name: field('0+', nullable(string, '12+')),
  topicId: field('10+', uuid, { ignorable: true }),
  isInternal: field('1+', bool, { default: false, ignorable: true }),
  partitions: field('0+', array(MetadataResponsePartition)),
  /** Bit field of AclOperation codes; -2147483648 when not asked for. */
  topicAuthorizedOperations: field('8+', int32, { default: -2147483648 }),
})

/**
 * The cluster as this broker sees it: addresses for the client's listener, and per partition
 * leader, epoch, replicas and ISR.
 */
export const MetadataResponse = message({
  name: 'MetadataResponse',
  apiKey: 3,
  versions: '0-13',
  flexible: '9+',
  shape: {
    throttleTimeMs: field('3+', int32, { ignorable: true }),
    brokers: field('0+', array(MetadataResponseBroker)),
    clusterId: field('2+', nullable(string), { default: null, ignorable: true }),
    /** In KRaft some live broker that forwards to the controller; -1 if unknown. */
    controllerId: field('1+', int32, { default: -1, ignorable: true }),
    topics: field('0+', array(MetadataResponseTopic)),
    clusterAuthorizedOperations: field('8-10', int32, { default: -2147483648 }),
    errorCode: field('13+', int16, { ignorable: true }),
  },
})
export interface MetadataResponse extends Infer<typeof MetadataResponse> {}
/** What {@link MetadataResponse} takes for encoding: fields with a default may be left out. */
export type MetadataResponseInput = InferInput<typeof MetadataResponse>

/** API 3: asks for brokers, topics and partition leaders. */
export const Metadata: Api<typeof MetadataRequest, typeof MetadataResponse> = api(
  MetadataRequest,
  MetadataResponse,
)
