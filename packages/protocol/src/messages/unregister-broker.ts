import {
  type Api,
  api,
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  message,
  nullable,
  string,
} from '../schema/index.js'

/** Removes a broker that is gone for good from the cluster's metadata (KIP-500). */
export const UnregisterBrokerRequest = message({
  name: 'UnregisterBrokerRequest',
  apiKey: 64,
  versions: '0',
  flexible: '0+',
  shape: {
    brokerId: field('0+', int32),
  },
})
export interface UnregisterBrokerRequest extends Infer<typeof UnregisterBrokerRequest> {}
/**
 * What {@link UnregisterBrokerRequest} takes for encoding: fields with a default may be left out.
 */
export type UnregisterBrokerRequestInput = InferInput<typeof UnregisterBrokerRequest>

/** Whether the broker was removed. */
export const UnregisterBrokerResponse = message({
  name: 'UnregisterBrokerResponse',
  apiKey: 64,
  versions: '0',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    errorMessage: field('0+', nullable(string)),
  },
})
export interface UnregisterBrokerResponse extends Infer<typeof UnregisterBrokerResponse> {}
/**
 * What {@link UnregisterBrokerResponse} takes for encoding: fields with a default may be left out.
 */
export type UnregisterBrokerResponseInput = InferInput<typeof UnregisterBrokerResponse>

/** API 64: removes a broker that is gone for good from the cluster's metadata (KIP-500). */
export const UnregisterBroker: Api<
  typeof UnregisterBrokerRequest,
  typeof UnregisterBrokerResponse
> = api(UnregisterBrokerRequest, UnregisterBrokerResponse)
