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
  nullable,
  string,
} from '../schema/index.js'

/**
 * Gets a producer id and epoch for idempotent or transactional writes (KIP-98); with a
 * transactionalId it goes to the transaction coordinator, fences earlier producers and ends their
 * transaction. Version 3 can bump the epoch of a known producer (KIP-360); 6 is for two-phase
 * commit (KIP-939).
 */
export const InitProducerIdRequest = message({
  name: 'InitProducerIdRequest',
  apiKey: 22,
  versions: '0-6',
  flexible: '2+',
  latestVersionUnstable: true,
  shape: {
    transactionalId: field('0+', nullable(string)),
    transactionTimeoutMs: field('0+', int32),
    producerId: field('3+', int64, { default: -1n }),
    producerEpoch: field('3+', int16, { default: -1 }),
    enable2Pc: field('6+', bool, { default: false }),
    keepPreparedTxn: field('6+', bool, { default: false }),
  },
})
export interface InitProducerIdRequest extends Infer<typeof InitProducerIdRequest> {}
/** What {@link InitProducerIdRequest} takes for encoding: fields with a default may be left out. */
export type InitProducerIdRequestInput = InferInput<typeof InitProducerIdRequest>

/**
 * The producer id and epoch to write with. Version 6 also tells a prepared transaction that was
 * kept (KIP-939).
 */
export const InitProducerIdResponse = message({
  name: 'InitProducerIdResponse',
  apiKey: 22,
  versions: '0-6',
  flexible: '2+',
  shape: {
    throttleTimeMs: field('0+', int32, { ignorable: true }),
    errorCode: field('0+', int16),
    producerId: field('0+', int64, { default: -1n }),
    producerEpoch: field('0+', int16),
    ongoingTxnProducerId: field('6+', int64, { default: -1n }),
    ongoingTxnProducerEpoch: field('6+', int16, { default: -1 }),
  },
})
export interface InitProducerIdResponse extends Infer<typeof InitProducerIdResponse> {}
/**
 * What {@link InitProducerIdResponse} takes for encoding: fields with a default may be left out.
 */
export type InitProducerIdResponseInput = InferInput<typeof InitProducerIdResponse>

/** API 22: gets a producer id and epoch for idempotent or transactional writes (KIP-98). */
export const InitProducerId: Api<typeof InitProducerIdRequest, typeof InitProducerIdResponse> = api(
  InitProducerIdRequest,
  InitProducerIdResponse,
)
