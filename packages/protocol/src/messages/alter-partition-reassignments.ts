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
} from '../schema/index.js'

const ReassignablePartition = struct({
  partitionIndex: field('0+', int32),
  /** The target replicas; null cancels a move. */
  replicas: field('0+', nullable(array(int32)), { default: null }),
})

const ReassignableTopic = struct({
  name: field('0+', string),
  partitions: field('0+', array(ReassignablePartition)),
})

/**
 * Starts, changes or cancels the move of partitions to other replicas (KIP-455). Version 1 can
 * forbid a change of the replication factor (KIP-860).
 */
export const AlterPartitionReassignmentsRequest = message({
  name: 'AlterPartitionReassignmentsRequest',
  apiKey: 45,
  versions: '0-1',
  flexible: '0+',
  shape: {
    timeoutMs: field('0+', int32, { default: 60000 }),
    allowReplicationFactorChange: field('1+', bool, { default: true }),
    topics: field('0+', array(ReassignableTopic)),
  },
})
export interface AlterPartitionReassignmentsRequest
  extends Infer<typeof AlterPartitionReassignmentsRequest> {}
/**
 * What {@link AlterPartitionReassignmentsRequest} takes for encoding: fields with a default may be
 * left out.
 */
export type AlterPartitionReassignmentsRequestInput = InferInput<
  typeof AlterPartitionReassignmentsRequest
>

const ReassignablePartitionResponse = struct({
  partitionIndex: field('0+', int32),
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string)),
})

const ReassignableTopicResponse = struct({
  name: field('0+', string),
  partitions: field('0+', array(ReassignablePartitionResponse)),
})

/** Result per partition. */
export const AlterPartitionReassignmentsResponse = message({
  name: 'AlterPartitionReassignmentsResponse',
  apiKey: 45,
  versions: '0-1',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    allowReplicationFactorChange: field('1+', bool, { default: true, ignorable: true }),
    errorCode: field('0+', int16),
    errorMessage: field('0+', nullable(string)),
    responses: field('0+', array(ReassignableTopicResponse)),
  },
})
export interface AlterPartitionReassignmentsResponse
  extends Infer<typeof AlterPartitionReassignmentsResponse> {}
/**
 * What {@link AlterPartitionReassignmentsResponse} takes for encoding: fields with a default may be
 * left out.
 */
export type AlterPartitionReassignmentsResponseInput = InferInput<
  typeof AlterPartitionReassignmentsResponse
>

/** API 45: starts, changes or cancels the move of partitions to other replicas (KIP-455). */
export const AlterPartitionReassignments: Api<
  typeof AlterPartitionReassignmentsRequest,
  typeof AlterPartitionReassignmentsResponse
> = api(AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse)
