import {
  type Api,
  api,
  array,
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  message,
  nullable,
  string,
  struct,
  uint16,
  uuid,
} from '../schema/index.js'

const ReplicaInfo = struct({
  candidateId: field('0+', int32),
  candidateDirectoryId: field('0+', uuid),
})

const PartitionData = struct({
  partitionIndex: field('0+', int32),
  leaderId: field('0+', int32),
  leaderEpoch: field('0+', int32),
  /**
   * Voters in the order of how far their log reaches; version 1 has preferredCandidates instead.
   */
  preferredSuccessors: field('0', array(int32), { ignorable: true }),
  preferredCandidates: field('1+', array(ReplicaInfo), { ignorable: true }),
})

const TopicData = struct({
  topicName: field('0+', string),
  partitions: field('0+', array(PartitionData)),
})

const LeaderEndpoint = struct({
  name: field('0+', string),
  host: field('0+', string),
  port: field('0+', uint16),
})

/** A KRaft leader's farewell that starts the next election at once (KIP-595). */
export const EndQuorumEpochRequest = message({
  name: 'EndQuorumEpochRequest',
  apiKey: 54,
  versions: '0-1',
  flexible: '1+',
  shape: {
    clusterId: field('0+', nullable(string), { default: null }),
    topics: field('0+', array(TopicData)),
    leaderEndpoints: field('1+', array(LeaderEndpoint), { ignorable: true }),
  },
})
export interface EndQuorumEpochRequest extends Infer<typeof EndQuorumEpochRequest> {}
/** What {@link EndQuorumEpochRequest} takes for encoding: fields with a default may be left out. */
export type EndQuorumEpochRequestInput = InferInput<typeof EndQuorumEpochRequest>

const PartitionDataResponse = struct({
  partitionIndex: field('0+', int32),
  errorCode: field('0+', int16),
  leaderId: field('0+', int32),
  leaderEpoch: field('0+', int32),
})

const TopicDataResponse = struct({
  topicName: field('0+', string),
  partitions: field('0+', array(PartitionDataResponse)),
})

const NodeEndpoint = struct({
  nodeId: field('0+', int32),
  host: field('0+', string),
  port: field('0+', uint16),
})

/** Whether the voter took notice. */
export const EndQuorumEpochResponse = message({
  name: 'EndQuorumEpochResponse',
  apiKey: 54,
  versions: '0-1',
  flexible: '1+',
  shape: {
    errorCode: field('0+', int16),
    topics: field('0+', array(TopicDataResponse)),
    nodeEndpoints: field('1+', array(NodeEndpoint), { tag: 0 }),
  },
})
export interface EndQuorumEpochResponse extends Infer<typeof EndQuorumEpochResponse> {}
/**
 * What {@link EndQuorumEpochResponse} takes for encoding: fields with a default may be left out.
 */
export type EndQuorumEpochResponseInput = InferInput<typeof EndQuorumEpochResponse>

/** API 54: a KRaft leader's farewell that starts the next election at once (KIP-595). */
export const EndQuorumEpoch: Api<typeof EndQuorumEpochRequest, typeof EndQuorumEpochResponse> = api(
  EndQuorumEpochRequest,
  EndQuorumEpochResponse,
)
