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
} from '../schema/index.js'

const TopicRequest = struct({
  name: field('0+', string),
  partitionIndexes: field('0+', array(int32)),
})

/**
 * Describes the producers that recently wrote to partitions, to find hanging transactions
 * (KIP-664); sent to leaders.
 */
export const DescribeProducersRequest = message({
  name: 'DescribeProducersRequest',
  apiKey: 61,
  versions: '0',
  flexible: '0+',
  shape: {
    topics: field('0+', array(TopicRequest)),
  },
})
export interface DescribeProducersRequest extends Infer<typeof DescribeProducersRequest> {}
/**
 * What {@link DescribeProducersRequest} takes for encoding: fields with a default may be left out.
 */
export type DescribeProducersRequestInput = InferInput<typeof DescribeProducersRequest>

const ProducerState = struct({
  producerId: field('0+', int64),
  producerEpoch: field('0+', int32),
  lastSequence: field('0+', int32, { default: -1 }),
  lastTimestamp: field('0+', int64, { default: -1n }),
  coordinatorEpoch: field('0+', int32),
  /** -1 when no transaction is open. */
  currentTxnStartOffset: field('0+', int64, { default: -1n }),
})

const PartitionResponse = struct({
  partitionIndex: field('0+', int32),
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string), { default: null }),
  activeProducers: field('0+', array(ProducerState)),
})

const TopicResponse = struct({
  name: field('0+', string),
  partitions: field('0+', array(PartitionResponse)),
})

/** Producer ids, epochs and last sequences per partition. */
export const DescribeProducersResponse = message({
  name: 'DescribeProducersResponse',
  apiKey: 61,
  versions: '0',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    topics: field('0+', array(TopicResponse)),
  },
})
export interface DescribeProducersResponse extends Infer<typeof DescribeProducersResponse> {}
/**
 * What {@link DescribeProducersResponse} takes for encoding: fields with a default may be left out.
 */
export type DescribeProducersResponseInput = InferInput<typeof DescribeProducersResponse>

/**
 * API 61: describes the producers that recently wrote to partitions, to find hanging transactions
 * (KIP-664).
 */
export const DescribeProducers: Api<
  typeof DescribeProducersRequest,
  typeof DescribeProducersResponse
> = api(DescribeProducersRequest, DescribeProducersResponse)
