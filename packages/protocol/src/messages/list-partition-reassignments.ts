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
} from '../schema/index.js'

const ListPartitionReassignmentsTopics = struct({
  name: field('0+', string),
  partitionIndexes: field('0+', array(int32)),
})

/** Lists moves of partitions in progress (KIP-455); null topics mean all. */
export const ListPartitionReassignmentsRequest = message({
  name: 'ListPartitionReassignmentsRequest',
  apiKey: 46,
  versions: '0',
  flexible: '0+',
  shape: {
    timeoutMs: field('0+', int32, { default: 60000 }),
    topics: field('0+', nullable(array(ListPartitionReassignmentsTopics)), { default: null }),
  },
})
export interface ListPartitionReassignmentsRequest
  extends Infer<typeof ListPartitionReassignmentsRequest> {}
/**
 * What {@link ListPartitionReassignmentsRequest} takes for encoding: fields with a default may be
 * left out.
 */
export type ListPartitionReassignmentsRequestInput = InferInput<
  typeof ListPartitionReassignmentsRequest
>

const OngoingPartitionReassignment = struct({
  partitionIndex: field('0+', int32),
  replicas: field('0+', array(int32)),
  addingReplicas: field('0+', array(int32)),
  removingReplicas: field('0+', array(int32)),
})

const OngoingTopicReassignment = struct({
  name: field('0+', string),
  partitions: field('0+', array(OngoingPartitionReassignment)),
})

/** Current, joining and leaving replicas of partitions on the move. */
export const ListPartitionReassignmentsResponse = message({
  name: 'ListPartitionReassignmentsResponse',
  apiKey: 46,
  versions: '0',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    errorMessage: field('0+', nullable(string)),
    topics: field('0+', array(OngoingTopicReassignment)),
  },
})
export interface ListPartitionReassignmentsResponse
  extends Infer<typeof ListPartitionReassignmentsResponse> {}
/**
 * What {@link ListPartitionReassignmentsResponse} takes for encoding: fields with a default may be
 * left out.
 */
export type ListPartitionReassignmentsResponseInput = InferInput<
  typeof ListPartitionReassignmentsResponse
>

/** API 46: lists moves of partitions in progress (KIP-455). */
export const ListPartitionReassignments: Api<
  typeof ListPartitionReassignmentsRequest,
  typeof ListPartitionReassignmentsResponse
> = api(ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse)
