import {
  type Api,
  api,
  array,
  field,
  type Infer,
  type InferInput,
  int8,
  int16,
  int32,
  message,
  nullable,
  string,
  struct,
} from '../schema/index.js'

const TopicPartitions = struct({
  topic: field('0+', string),
  partitions: field('0+', array(int32)),
})

export const ElectLeadersRequest = message({
  name: 'ElectLeadersRequest',
  apiKey: 43,
  versions: '0-2',
  flexible: '2+',
  shape: {
    electionType: field('1+', int8),
    topicPartitions: field('0+', nullable(array(TopicPartitions))),
    timeoutMs: field('0+', int32, { default: 60000 }),
  },
})
export interface ElectLeadersRequest extends Infer<typeof ElectLeadersRequest> {}
export type ElectLeadersRequestInput = InferInput<typeof ElectLeadersRequest>

const PartitionResult = struct({
  partitionId: field('0+', int32),
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string)),
})

const ReplicaElectionResult = struct({
  topic: field('0+', string),
  partitionResult: field('0+', array(PartitionResult)),
})

export const ElectLeadersResponse = message({
  name: 'ElectLeadersResponse',
  apiKey: 43,
  versions: '0-2',
  flexible: '2+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('1+', int16),
    replicaElectionResults: field('0+', array(ReplicaElectionResult)),
  },
})
export interface ElectLeadersResponse extends Infer<typeof ElectLeadersResponse> {}
export type ElectLeadersResponseInput = InferInput<typeof ElectLeadersResponse>

export const ElectLeaders: Api<typeof ElectLeadersRequest, typeof ElectLeadersResponse> = api(
  ElectLeadersRequest,
  ElectLeadersResponse,
)
