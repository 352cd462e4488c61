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

/**
 * Describes Kafka Streams groups (KIP-1071); admin only. Version 1 can ask for the topology's
 * description (KIP-1331).
 */
export const StreamsGroupDescribeRequest = message({
  name: 'StreamsGroupDescribeRequest',
  apiKey: 89,
  versions: '0-1',
  flexible: '0+',
  shape: {
    groupIds: field('0+', array(string)),
    includeAuthorizedOperations: field('0+', bool),
    includeTopologyDescription: field('1+', bool, { default: false }),
  },
})
export interface StreamsGroupDescribeRequest extends Infer<typeof StreamsGroupDescribeRequest> {}
/**
 * What {@link StreamsGroupDescribeRequest} takes for encoding: fields with a default may be left
 * out.
 */
export type StreamsGroupDescribeRequestInput = InferInput<typeof StreamsGroupDescribeRequest>

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

const Subtopology = struct({
  subtopologyId: field('0+', string),
  sourceTopics: field('0+', array(string)),
  repartitionSinkTopics: field('0+', array(string)),
  stateChangelogTopics: field('0+', array(TopicInfo)),
  repartitionSourceTopics: field('0+', array(TopicInfo)),
})

const Topology = struct({
  epoch: field('0+', int32),
  subtopologies: field('0+', nullable(array(Subtopology)), { default: null }),
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

const TaskIds = struct({
  subtopologyId: field('0+', string),
  partitions: field('0+', array(int32)),
})

const Assignment = struct({
  activeTasks: field('0+', array(TaskIds)),
  standbyTasks: field('0+', array(TaskIds)),
  warmupTasks: field('0+', array(TaskIds)),
})

const Member = struct({
  memberId: field('0+', string),
  memberEpoch: field('0+', int32),
  instanceId: field('0+', nullable(string), { default: null }),
  rackId: field('0+', nullable(string), { default: null }),
  clientId: field('0+', string),
  clientHost: field('0+', string),
  topologyEpoch: field('0+', int32),
  processId: field('0+', string),
  userEndpoint: field('0+', nullable(Endpoint), { default: null }),
  clientTags: field('0+', array(KeyValue)),
  taskOffsets: field('0+', array(TaskOffset)),
  taskEndOffsets: field('0+', array(TaskOffset)),
  assignment: field('0+', Assignment),
  targetAssignment: field('0+', Assignment),
  isClassic: field('0+', bool),
})

const TopologyDescriptionNode = struct({
  name: field('0+', string),
  nodeType: field('0+', int8),
  sourceTopics: field('0+', array(string)),
  sinkTopic: field('0+', nullable(string), { default: null }),
  stores: field('0+', array(string)),
  successors: field('0+', array(string)),
})

const TopologyDescriptionSubtopology = struct({
  subtopologyId: field('0+', string),
  nodes: field('0+', array(TopologyDescriptionNode)),
})

const TopologyDescriptionGlobalStore = struct({
  source: field('0+', TopologyDescriptionNode),
  processor: field('0+', TopologyDescriptionNode),
})

const TopologyDescription = struct({
  subtopologies: field('0+', array(TopologyDescriptionSubtopology)),
  globalStores: field('0+', array(TopologyDescriptionGlobalStore)),
})

const DescribedGroup = struct({
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string), { default: null }),
  groupId: field('0+', string),
  groupState: field('0+', string),
  groupEpoch: field('0+', int32),
  assignmentEpoch: field('0+', int32),
  topology: field('0+', nullable(Topology), { default: null }),
  members: field('0+', array(Member)),
  authorizedOperations: field('0+', int32, { default: -2147483648 }),
  topologyDescription: field('1+', nullable(TopologyDescription), { default: null }),
  topologyDescriptionStatus: field('1+', int8, { default: 0 }),
  assignorName: field('1+', nullable(string), { default: null, ignorable: true }),
})

/** Epochs, topology and members with their tasks. */
export const StreamsGroupDescribeResponse = message({
  name: 'StreamsGroupDescribeResponse',
  apiKey: 89,
  versions: '0-1',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    groups: field('0+', array(DescribedGroup)),
  },
})
export interface StreamsGroupDescribeResponse extends Infer<typeof StreamsGroupDescribeResponse> {}
/**
 * What {@link StreamsGroupDescribeResponse} takes for encoding: fields with a default may be left
 * out.
 */
export type StreamsGroupDescribeResponseInput = InferInput<typeof StreamsGroupDescribeResponse>

/** API 89: describes Kafka Streams groups (KIP-1071). */
export const StreamsGroupDescribe: Api<
  typeof StreamsGroupDescribeRequest,
  typeof StreamsGroupDescribeResponse
> = api(StreamsGroupDescribeRequest, StreamsGroupDescribeResponse)
