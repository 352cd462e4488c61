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

/**
 * Lists the transactions a coordinator knows (KIP-664). Version 1 filters by duration (KIP-994), 2
 * by a pattern of the id (KIP-1152).
 */
export const ListTransactionsRequest = message({
  name: 'ListTransactionsRequest',
  apiKey: 66,
  versions: '0-2',
  flexible: '0+',
  shape: {
    stateFilters: field('0+', array(string)),
    producerIdFilters: field('0+', array(int64)),
    durationFilter: field('1+', int64, { default: -1n }),
    transactionalIdPattern: field('2+', nullable(string), { default: null }),
  },
})
export interface ListTransactionsRequest extends Infer<typeof ListTransactionsRequest> {}
/**
 * What {@link ListTransactionsRequest} takes for encoding: fields with a default may be left out.
 */
export type ListTransactionsRequestInput = InferInput<typeof ListTransactionsRequest>

const TransactionState = struct({
  transactionalId: field('0+', string),
  producerId: field('0+', int64),
  transactionState: field('0+', string),
})

/** Transactional ids with producer and state. */
export const ListTransactionsResponse = message({
  name: 'ListTransactionsResponse',
  apiKey: 66,
  versions: '0-2',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    unknownStateFilters: field('0+', array(string)),
    transactionStates: field('0+', array(TransactionState)),
  },
})
export interface ListTransactionsResponse extends Infer<typeof ListTransactionsResponse> {}
/**
 * What {@link ListTransactionsResponse} takes for encoding: fields with a default may be left out.
 */
export type ListTransactionsResponseInput = InferInput<typeof ListTransactionsResponse>

/** API 66: lists the transactions a coordinator knows (KIP-664). */
export const ListTransactions: Api<
  typeof ListTransactionsRequest,
  typeof ListTransactionsResponse
> = api(ListTransactionsRequest, ListTransactionsResponse)
