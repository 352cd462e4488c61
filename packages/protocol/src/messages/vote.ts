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
  nullable,
  string,
  struct,
  uint16,
  uuid,
} from '../schema/index.js'

const PartitionData = struct({
  partitionIndex: field('0+', int32),
  replicaEpoch: field('0+', int32),
  replicaId: field('0+', int32),
  replicaDirectoryId: field('1+', uuid, { ignorable: true }),
  voterDirectoryId: field('1+', uuid, { ignorable: true }),
  lastOffsetEpoch: field('0+', int32),
  lastOffset: field('0+', int64),
  preVote: field('2+', bool),
})

const TopicData = struct({
  topicName: field('0+', string),
  partitions: field('0+', array(PartitionData)),
})

/**
 * A candidate's request for votes in KRaft's election (KIP-595). Version 1 adds directory ids
 * (KIP-853), 2 the pre-vote round that keeps a returning node from disturbing a healthy leader
 * (KIP-996).
 */
export const VoteRequest = message({
  name: 'VoteRequest',
  apiKey: 52,
  versions: '0-2',
  flexible: '0+',
  shape: {
    clusterId: field('0+', nullable(string), { default: null }),
    voterId: field('1+', int32, { default: -1, ignorable: true }),
    topics: field('0+', array(TopicData)),
  },
})
export interface VoteRequest extends Infer<typeof VoteRequest> {}
/** What {@link VoteRequest} takes for encoding: fields with a default may be left out. */
export type VoteRequestInput = InferInput<typeof VoteRequest>

const PartitionDataResponse = struct({
  partitionIndex: field('0+', int32),
  errorCode: field('0+', int16),
  leaderId: field('0+', int32),
  leaderEpoch: field('0+', int32),
  voteGranted: field('0+', bool),
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

/** The vote, and the leader if one is known. */
export const VoteResponse = message({
  name: 'VoteResponse',
  apiKey: 52,
  versions: '0-2',
  flexible: '0+',
  shape: {
    errorCode: field('0+', int16),
    topics: field('0+', array(TopicDataResponse)),
    nodeEndpoints: field('1+', array(NodeEndpoint), { tag: 0 }),
  },
})
export interface VoteResponse extends Infer<typeof VoteResponse> {}
/** What {@link VoteResponse} takes for encoding: fields with a default may be left out. */
export type VoteResponseInput = InferInput<typeof VoteResponse>

/** API 52: a candidate's request for votes in KRaft's election (KIP-595). */
export const Vote: Api<typeof VoteRequest, typeof VoteResponse> = api(VoteRequest, VoteResponse)
