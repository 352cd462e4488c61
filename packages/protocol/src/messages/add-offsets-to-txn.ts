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

/**
 * Adds the offsets of a consumer group to a transaction before TxnOffsetCommit (KIP-98). Not needed
 * at transaction version 2 (KIP-890).
 */
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
/**
 * What {@link AddOffsetsToTxnRequest} takes for encoding: fields with a default may be left out.
 */
export type AddOffsetsToTxnRequestInput = InferInput<typeof AddOffsetsToTxnRequest>

/** Whether the group's partition of `__consumer_offsets` is part of the transaction. */
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
/**
 * What {@link AddOffsetsToTxnResponse} takes for encoding: fields with a default may be left out.
 */
export type AddOffsetsToTxnResponseInput = InferInput<typeof AddOffsetsToTxnResponse>

/**
 * API 25: adds the offsets of a consumer group to a transaction before TxnOffsetCommit (KIP-98).
 */
export const AddOffsetsToTxn: Api<typeof AddOffsetsToTxnRequest, typeof AddOffsetsToTxnResponse> =
  api(AddOffsetsToTxnRequest, AddOffsetsToTxnResponse)
