import {
  type Api,
  api,
  bool,
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  int64,
  message,
  string,
} from '../schema/index.js'

/** Commits or aborts a transaction; sent by the producer to the transaction coordinator. */
export const EndTxnRequest = message({
  name: 'EndTxnRequest',
  apiKey: 26,
  versions: '0-5',
  flexible: '3+',
  shape: {
    transactionalId: field('0+', string),
    producerId: field('0+', int64),
    producerEpoch: field('0+', int16),
    committed: field('0+', bool),
  },
})
export interface EndTxnRequest extends Infer<typeof EndTxnRequest> {}
/** What {@link EndTxnRequest} takes for encoding: fields with a default may be left out. */
export type EndTxnRequestInput = InferInput<typeof EndTxnRequest>

/**
 * Answered when the outcome is decided; markers follow. Version 5 brings the producer id and epoch
 * of the next transaction (KIP-890).
 */
export const EndTxnResponse = message({
  name: 'EndTxnResponse',
  apiKey: 26,
  versions: '0-5',
  flexible: '3+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    producerId: field('5+', int64, { default: -1n, ignorable: true }),
    producerEpoch: field('5+', int16, { default: -1, ignorable: true }),
  },
})
export interface EndTxnResponse extends Infer<typeof EndTxnResponse> {}
/** What {@link EndTxnResponse} takes for encoding: fields with a default may be left out. */
export type EndTxnResponseInput = InferInput<typeof EndTxnResponse>

/** API 26: commits or aborts a transaction. */
export const EndTxn: Api<typeof EndTxnRequest, typeof EndTxnResponse> = api(
  EndTxnRequest,
  EndTxnResponse,
)
