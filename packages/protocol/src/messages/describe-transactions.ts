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
  string,
  struct,
} from '../schema/index.js'

/** Describes transactions by transactional id (KIP-664); sent to their coordinators. */
export const DescribeTransactionsRequest = message({
  name: 'DescribeTransactionsRequest',
  apiKey: 65,
  versions: '0',
  flexible: '0+',
  shape: {
    transactionalIds: field('0+', array(string)),
  },
})
export interface DescribeTransactionsRequest extends Infer<typeof DescribeTransactionsRequest> {}
/**
 * What {@link DescribeTransactionsRequest} takes for encoding: fields with a default may be left
 * out.
 */
export type DescribeTransactionsRequestInput = InferInput<typeof DescribeTransactionsRequest>

const TopicData = struct({
  topic: field('0+', string),
  partitions: field('0+', array(int32)),
})

const TransactionState = struct({
  errorCode: field('0+', int16),
  transactionalId: field('0+', string),
  transactionState: field('0+', string),
  transactionTimeoutMs: field('0+', int32),
  transactionStartTimeMs: field('0+', int64),
  producerId: field('0+', int64),
  producerEpoch: field('0+', int16),
  topics: field('0+', array(TopicData)),
})

/** State, start time, producer and partitions of each transaction. */
export const DescribeTransactionsResponse = message({
  name: 'DescribeTransactionsResponse',
  apiKey: 65,
  versions: '0',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    transactionStates: field('0+', array(TransactionState)),
  },
})
export interface DescribeTransactionsResponse extends Infer<typeof DescribeTransactionsResponse> {}
/**
 * What {@link DescribeTransactionsResponse} takes for encoding: fields with a default may be left
 * out.
 */
export type DescribeTransactionsResponseInput = InferInput<typeof DescribeTransactionsResponse>

/** API 65: describes transactions by transactional id (KIP-664). */
export const DescribeTransactions: Api<
  typeof DescribeTransactionsRequest,
  typeof DescribeTransactionsResponse
> = api(DescribeTransactionsRequest, DescribeTransactionsResponse)
