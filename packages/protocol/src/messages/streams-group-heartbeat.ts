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
  uint16,
} from '../schema/index.js'

const KeyValue = struct({
  key: field('0+', string),
  value: field('0+', string),
})

const TopicInfo = struct({
  name: field('0+', string),
  partitions: field('0+', int32),
  replicationFactor: field('0+', int16),
  topicConfigs: field('0+', array(KeyValue)),
})

const CopartitionGroup = struct({
  sourceTopics: field('0+', array(int16)),
  sourceTopicRegex: field('0+', array(int16)),
  repartitionSourceTopics: field('0+', array(int16)),
})

const Subtopology = struct({
  subtopologyId: field('0+', string),
  sourceTopics: field('0+', array(string)),
  sourceTopicRegex: field('0+', array(string)),
  stateChangelogTopics: field('0+', array(TopicInfo)),
  repartitionSinkTopics: field('0+', array(string)),
  repartitionSourceTopics: field('0+', array(TopicInfo)),
  copartitionGroups: field('0+', array(CopartitionGroup)),
})

const Topology = struct({
  epoch: field('0+', int32),
  subtopologies: field('0+', array(Subtopology)),
})

const TaskIds = struct({
  subtopologyId: field('0+', string),
  partitions: field('0+', array(int32)),
})

const Endpoint = struct({
  host: field('0+', string),
  port: field('0+', uint16),
})

const TaskOffset = struct({
  subtopologyId: field('0+', string),
  partition: field('0+', int32),
  offset: field('0+', int64),
})

/**
 * Joins a Kafka Streams group, brings its topology, reports tasks and offsets, keeps alive and
 * leaves (KIP-1071). Fields unchanged since the last heartbeat are null.
 */
export const StreamsGroupHeartbeatRequest = message({
  name: 'StreamsGroupHeartbeatRequest',
  apiKey: 88,
  versions: '0-1',
  flexible: '0+',
  shape: {
    groupId: field('0+', string),
    memberId: field('0+', string),
    /** 0 to join, -1 to leave, -2 to leave for a while as a static member. */
    memberEpoch: field('0+', int32),
    endpointInformationEpoch: field('0+', int32),
    instanceId: field('0+', nullable(string), { default: null }),
    rackId: field('0+', nullable(string), { default: null }),
    rebalanceTimeoutMs: field('0+', int32, { default: -1 }),
    /** The application's processing graph, sent when joining. */
    topology: field('0+', nullable(Topology), { default: null }),
    activeTasks: field('0+', nullable(array(TaskIds)), { default: null }),
    standbyTasks: field('0+', nullable(array(TaskIds)), { default: null }),
    warmupTasks: field('0+', nullable(array(TaskIds)), { default: null }),
    processId: field('0+', nullable(string), { default: null }),
    userEndpoint: field('0+', nullable(Endpoint), { default: null }),
    clientTags: field('0+', nullable(array(KeyValue)), { default: null }),
    taskOffsets: field('0+', nullable(array(TaskOffset)), { default: null }),
    taskEndOffsets: field('0+', nullable(array(TaskOffset)), { default: null }),
    shutdownApplication: field('0+', bool, { default: false }),
  },
})
export interface StreamsGroupHeartbeatRequest extends Infer<typeof StreamsGroupHeartbeatRequest> {}
/**
 * What {@link StreamsGroupHeartbeatRequest} takes for encoding: fields with a default may be left
 * out.
 */
export type StreamsGroupHeartbeatRequestInput = InferInput<typeof StreamsGroupHeartbeatRequest>

const Status = struct({
  statusCode: field('0+', int8),
  statusDetail: field('0+', string),
})

const TopicPartition = struct({
  topic: field('0+', string),
  partitions: field('0+', array(int32)),
})

const EndpointToPartitions = struct({
  userEndpoint: field('0+', Endpoint),
  activePartitions: field('0+', array(TopicPartition)),
  standbyPartitions: field('0+', array(TopicPartition)),
})

/**
 * Tasks to run (active, standby, warm-up) when they changed, and what the broker thinks of the
 * topology.
 */
export const StreamsGroupHeartbeatResponse = message({
  name: 'StreamsGroupHeartbeatResponse',
  apiKey: 88,
  versions: '0-1',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    errorMessage: field('0+', nullable(string), { default: null }),
    memberId: field('0+', string),
    memberEpoch: field('0+', int32),
    heartbeatIntervalMs: field('0+', int32),
    acceptableRecoveryLagLegacy: field('0', int32),
    taskOffsetIntervalMs: field('0+', int32),
    acceptableRecoveryLag: field('1+', int64, { default: -1n, ignorable: true }),
    /** Conditions such as missing source or internal topics. */
    status: field('0+', nullable(array(Status))),
    activeTasks: field('0+', nullable(array(TaskIds)), { default: null }),
    standbyTasks: field('0+', nullable(array(TaskIds)), { default: null }),
    warmupTasks: field('0+', nullable(array(TaskIds)), { default: null }),
    topologyDescriptionRequired: field('1+', bool, { default: false }),
    endpointInformationEpoch: field('0+', int32),
    partitionsByUserEndpoint: field('0+', nullable(array(EndpointToPartitions)), { default: null }),
  },
})
export interface StreamsGroupHeartbeatResponse
  extends Infer<typeof StreamsGroupHeartbeatResponse> {}
/**
 * What {@link StreamsGroupHeartbeatResponse} takes for encoding: fields with a default may be left
 * out.
 */
export type StreamsGroupHeartbeatResponseInput = InferInput<typeof StreamsGroupHeartbeatResponse>

/**
 * API 88: joins a Kafka Streams group, brings its topology, reports tasks and offsets, keeps alive
 * and leaves (KIP-1071).
 */
export const StreamsGroupHeartbeat: Api<
  typeof StreamsGroupHeartbeatRequest,
  typeof StreamsGroupHeartbeatResponse
> = api(StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse)
