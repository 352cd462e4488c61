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
export type UnregisterBrokerRequestInput = InferInput<typeof UnregisterBrokerRequest>

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
export type UnregisterBrokerResponseInput = InferInput<typeof UnregisterBrokerResponse>

export const UnregisterBroker: Api<
  typeof UnregisterBrokerRequest,
  typeof UnregisterBrokerResponse
> = api(UnregisterBrokerRequest, UnregisterBrokerResponse)
