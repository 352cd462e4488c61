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

const PartitionData = struct({
  partitionIndex: field('0+', int32),
  voterDirectoryId: field('1+', uuid, { ignorable: true }),
  leaderId: field('0+', int32),
  leaderEpoch: field('0+', int32),
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

/**
 * A new KRaft leader's announcement to the voters (KIP-595). Version 1 carries its endpoints
 * (KIP-853).
 */
export const BeginQuorumEpochRequest = message({
  name: 'BeginQuorumEpochRequest',
  apiKey: 53,
  versions: '0-1',
  flexible: '1+',
  shape: {
    clusterId: field('0+', nullable(string), { default: null }),
    voterId: field('1+', int32, { default: -1, ignorable: true }),
    topics: field('0+', array(TopicData)),
    leaderEndpoints: field('1+', array(LeaderEndpoint), { ignorable: true }),
  },
})
export interface BeginQuorumEpochRequest extends Infer<typeof BeginQuorumEpochRequest> {}
/**
 * What {@link BeginQuorumEpochRequest} takes for encoding: fields with a default may be left out.
 */
export type BeginQuorumEpochRequestInput = InferInput<typeof BeginQuorumEpochRequest>

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

/** Whether the voter accepts the leader. */
export const BeginQuorumEpochResponse = message({
  name: 'BeginQuorumEpochResponse',
  apiKey: 53,
  versions: '0-1',
  flexible: '1+',
  shape: {
    errorCode: field('0+', int16),
    topics: field('0+', array(TopicDataResponse)),
    nodeEndpoints: field('1+', array(NodeEndpoint), { tag: 0 }),
  },
})
export interface BeginQuorumEpochResponse extends Infer<typeof BeginQuorumEpochResponse> {}
/**
 * What {@link BeginQuorumEpochResponse} takes for encoding: fields with a default may be left out.
 */
export type BeginQuorumEpochResponseInput = InferInput<typeof BeginQuorumEpochResponse>

/** API 53: a new KRaft leader's announcement to the voters (KIP-595). */
export const BeginQuorumEpoch: Api<
  typeof BeginQuorumEpochRequest,
  typeof BeginQuorumEpochResponse
> = api(BeginQuorumEpochRequest, BeginQuorumEpochResponse)
