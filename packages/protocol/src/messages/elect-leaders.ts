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

/**
 * Elects the preferred leader of partitions (KIP-183) or, from version 1 on, any live replica at
 * the price of lost records (KIP-460).
 */
export const ElectLeadersRequest = message({
  name: 'ElectLeadersRequest',
  apiKey: 43,
  versions: '0-2',
  flexible: '2+',
  shape: {
    /** 0 preferred, 1 unclean. */
    electionType: field('1+', int8),
    /** Null: all partitions. */
    topicPartitions: field('0+', nullable(array(TopicPartitions))),
    timeoutMs: field('0+', int32, { default: 60000 }),
  },
})
export interface ElectLeadersRequest extends Infer<typeof ElectLeadersRequest> {}
/** What {@link ElectLeadersRequest} takes for encoding: fields with a default may be left out. */
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

/** Result per partition. */
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
/** What {@link ElectLeadersResponse} takes for encoding: fields with a default may be left out. */
export type ElectLeadersResponseInput = InferInput<typeof ElectLeadersResponse>

/**
 * API 43: elects the preferred leader of partitions (KIP-183) or, from version 1 on, any live
 * replica at the price of lost records (KIP-460).
 */
export const ElectLeaders: Api<typeof ElectLeadersRequest, typeof ElectLeadersResponse> = api(
  ElectLeadersRequest,
  ElectLeadersResponse,
)
