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
} from '../schema/index.js'

/** Asks the controller for a block of producer ids (KIP-730); sent by brokers. */
export const AllocateProducerIdsRequest = message({
  name: 'AllocateProducerIdsRequest',
  apiKey: 67,
  versions: '0',
  flexible: '0+',
  shape: {
    brokerId: field('0+', int32),
    brokerEpoch: field('0+', int64, { default: -1n }),
  },
})
export interface AllocateProducerIdsRequest extends Infer<typeof AllocateProducerIdsRequest> {}
/**
 * What {@link AllocateProducerIdsRequest} takes for encoding: fields with a default may be left
 * out.
 */
export type AllocateProducerIdsRequestInput = InferInput<typeof AllocateProducerIdsRequest>

/** The first id and how many. */
export const AllocateProducerIdsResponse = message({
  name: 'AllocateProducerIdsResponse',
  apiKey: 67,
  versions: '0',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    producerIdStart: field('0+', int64),
    producerIdLen: field('0+', int32),
  },
})
export interface AllocateProducerIdsResponse extends Infer<typeof AllocateProducerIdsResponse> {}
/**
 * What {@link AllocateProducerIdsResponse} takes for encoding: fields with a default may be left
 * out.
 */
export type AllocateProducerIdsResponseInput = InferInput<typeof AllocateProducerIdsResponse>

/** API 67: asks the controller for a block of producer ids (KIP-730). */
export const AllocateProducerIds: Api<
  typeof AllocateProducerIdsRequest,
  typeof AllocateProducerIdsResponse
> = api(AllocateProducerIdsRequest, AllocateProducerIdsResponse)
