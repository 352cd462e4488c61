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

export const ExpireDelegationTokenRequest = message({
  name: 'ExpireDelegationTokenRequest',
  apiKey: 40,
  versions: '0-2',
  flexible: '2+',
  shape: {
    hmac: field('0+', bytes),
    expiryTimePeriodMs: field('0+', int64),
  },
})
export interface ExpireDelegationTokenRequest extends Infer<typeof ExpireDelegationTokenRequest> {}
export type ExpireDelegationTokenRequestInput = InferInput<typeof ExpireDelegationTokenRequest>

export const ExpireDelegationTokenResponse = message({
  name: 'ExpireDelegationTokenResponse',
  apiKey: 40,
  versions: '0-2',
  flexible: '2+',
  shape: {
    errorCode: field('0+', int16),
    expiryTimestampMs: field('0+', int64),
    throttleTimeMs: field('0+', int32),
  },
})
export interface ExpireDelegationTokenResponse
  extends Infer<typeof ExpireDelegationTokenResponse> {}
export type ExpireDelegationTokenResponseInput = InferInput<typeof ExpireDelegationTokenResponse>

export const ExpireDelegationToken: Api<
  typeof ExpireDelegationTokenRequest,
  typeof ExpireDelegationTokenResponse
> = api(ExpireDelegationTokenRequest, ExpireDelegationTokenResponse)
