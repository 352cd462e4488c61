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
export type DescribeTransactionsResponseInput = InferInput<typeof DescribeTransactionsResponse>

export const DescribeTransactions: Api<
  typeof DescribeTransactionsRequest,
  typeof DescribeTransactionsResponse
> = api(DescribeTransactionsRequest, DescribeTransactionsResponse)
