import {
  type Api,
  api,
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  int64,
  message,
  string,
} from '../schema/index.js'

export const AddOffsetsToTxnRequest = message({
  name: 'AddOffsetsToTxnRequest',
  apiKey: 25,
  versions: '0-4',
  flexible: '3+',
  shape: {
    transactionalId: field('0+', string),
    producerId: field('0+', int64),
    producerEpoch: field('0+', int16),
    groupId: field('0+', string),
  },
})
export interface AddOffsetsToTxnRequest extends Infer<typeof AddOffsetsToTxnRequest> {}
export type AddOffsetsToTxnRequestInput = InferInput<typeof AddOffsetsToTxnRequest>

export const AddOffsetsToTxnResponse = message({
  name: 'AddOffsetsToTxnResponse',
  apiKey: 25,
  versions: '0-4',
  flexible: '3+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
  },
})
export interface AddOffsetsToTxnResponse extends Infer<typeof AddOffsetsToTxnResponse> {}
export type AddOffsetsToTxnResponseInput = InferInput<typeof AddOffsetsToTxnResponse>

export const AddOffsetsToTxn: Api<typeof AddOffsetsToTxnRequest, typeof AddOffsetsToTxnResponse> =
  api(AddOffsetsToTxnRequest, AddOffsetsToTxnResponse)
