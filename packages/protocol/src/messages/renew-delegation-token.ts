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

/** Extends the life of a delegation token (KIP-48). */
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
/**
 * What {@link RenewDelegationTokenRequest} takes for encoding: fields with a default may be left
 * out.
 */
export type RenewDelegationTokenRequestInput = InferInput<typeof RenewDelegationTokenRequest>

/** The new expiry time. */
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
/**
 * What {@link RenewDelegationTokenResponse} takes for encoding: fields with a default may be left
 * out.
 */
export type RenewDelegationTokenResponseInput = InferInput<typeof RenewDelegationTokenResponse>

/** API 39: extends the life of a delegation token (KIP-48). */
export const RenewDelegationToken: Api<
  typeof RenewDelegationTokenRequest,
  typeof RenewDelegationTokenResponse
> = api(RenewDelegationTokenRequest, RenewDelegationTokenResponse)
