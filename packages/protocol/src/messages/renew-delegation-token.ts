import {
  type Api,
  api,
  bytes,
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  int64,
  message,
} from '../schema/index.js'

export const RenewDelegationTokenRequest = message({
  name: 'RenewDelegationTokenRequest',
  apiKey: 39,
  versions: '0-2',
  flexible: '2+',
  shape: {
    hmac: field('0+', bytes),
    renewPeriodMs: field('0+', int64),
  },
})
export interface RenewDelegationTokenRequest extends Infer<typeof RenewDelegationTokenRequest> {}
export type RenewDelegationTokenRequestInput = InferInput<typeof RenewDelegationTokenRequest>

export const RenewDelegationTokenResponse = message({
  name: 'RenewDelegationTokenResponse',
  apiKey: 39,
  versions: '0-2',
  flexible: '2+',
  shape: {
    errorCode: field('0+', int16),
    expiryTimestampMs: field('0+', int64),
    throttleTimeMs: field('0+', int32),
  },
})
export interface RenewDelegationTokenResponse extends Infer<typeof RenewDelegationTokenResponse> {}
export type RenewDelegationTokenResponseInput = InferInput<typeof RenewDelegationTokenResponse>

export const RenewDelegationToken: Api<
  typeof RenewDelegationTokenRequest,
  typeof RenewDelegationTokenResponse
> = api(RenewDelegationTokenRequest, RenewDelegationTokenResponse)
