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

/** Changes the expiry of a delegation token, at once with a negative period (KIP-48). */
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
/**
 * What {@link ExpireDelegationTokenRequest} takes for encoding: fields with a default may be left
 * out.
 */
export type ExpireDelegationTokenRequestInput = InferInput<typeof ExpireDelegationTokenRequest>

/** The new expiry time. */
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
/**
 * What {@link ExpireDelegationTokenResponse} takes for encoding: fields with a default may be left
 * out.
 */
export type ExpireDelegationTokenResponseInput = InferInput<typeof ExpireDelegationTokenResponse>

/** API 40: changes the expiry of a delegation token, at once with a negative period (KIP-48). */
export const ExpireDelegationToken: Api<
  typeof ExpireDelegationTokenRequest,
  typeof ExpireDelegationTokenResponse
> = api(ExpireDelegationTokenRequest, ExpireDelegationTokenResponse)
