import {
  type Api,
  api,
  array,
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

const TopicData = struct({
  topicName: field('0+', string),
  partitions: field('0+', array(struct({ partitionIndex: field('0+', int32) }))),
})

/** Asks the KRaft leader how far each replica has come (KIP-595, KIP-836). */
export const DescribeQuorumRequest = message({
  name: 'DescribeQuorumRequest',
  apiKey: 55,
  versions: '0-2',
  flexible: '0+',
  shape: {
    topics: field('0+', array(TopicData)),
  },
})
export interface DescribeQuorumRequest extends Infer<typeof DescribeQuorumRequest> {}
/** What {@link DescribeQuorumRequest} takes for encoding: fields with a default may be left out. */
export type DescribeQuorumRequestInput = InferInput<typeof DescribeQuorumRequest>

const ReplicaState = struct({
  replicaId: field('0+', int32),
  replicaDirectoryId: field('2+', uuid),
  logEndOffset: field('0+', int64),
  lastFetchTimestamp: field('1+', int64, { default: -1n, ignorable: true }),
  lastCaughtUpTimestamp: field('1+', int64, { default: -1n, ignorable: true }),
})

const PartitionData = struct({
  partitionIndex: field('0+', int32),
  errorCode: field('0+', int16),
  errorMessage: field('2+', nullable(string), { ignorable: true }),
  leaderId: field('0+', int32),
  leaderEpoch: field('0+', int32),
  highWatermark: field('0+', int64),
  currentVoters: field('0+', array(ReplicaState)),
  observers: field('0+', array(ReplicaState)),
})

const TopicDataResponse = struct({
  topicName: field('0+', string),
  partitions: field('0+', array(PartitionData)),
})

const Listener = struct({
  name: field('0+', string),
  host: field('0+', string),
  port: field('0+', uint16),
})

const Node = struct({
  nodeId: field('0+', int32),
  listeners: field('0+', array(Listener)),
})

/** Leader, epoch, high watermark, and log end of voters and observers. */
export const DescribeQuorumResponse = message({
  name: 'DescribeQuorumResponse',
  apiKey: 55,
  versions: '0-2',
  flexible: '0+',
  shape: {
    errorCode: field('0+', int16),
    errorMessage: field('2+', nullable(string), { ignorable: true }),
    topics: field('0+', array(TopicDataResponse)),
    nodes: field('2+', array(Node)),
  },
})
export interface DescribeQuorumResponse extends Infer<typeof DescribeQuorumResponse> {}
/**
 * What {@link DescribeQuorumResponse} takes for encoding: fields with a default may be left out.
 */
export type DescribeQuorumResponseInput = InferInput<typeof DescribeQuorumResponse>

/** API 55: asks the KRaft leader how far each replica has come (KIP-595, KIP-836). */
export const DescribeQuorum: Api<typeof DescribeQuorumRequest, typeof DescribeQuorumResponse> = api(
  DescribeQuorumRequest,
  DescribeQuorumResponse,
)
