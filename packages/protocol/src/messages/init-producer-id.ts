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
export type InitProducerIdRequestInput = InferInput<typeof InitProducerIdRequest>

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
export type InitProducerIdResponseInput = InferInput<typeof InitProducerIdResponse>

export const InitProducerId: Api<typeof InitProducerIdRequest, typeof InitProducerIdResponse> = api(
  InitProducerIdRequest,
  InitProducerIdResponse,
)
