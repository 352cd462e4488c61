import {
  type Api,
  api,
  array,
  bytes,
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  int64,
  message,
  nullable,
  string,
  struct,
} from '../schema/index.js'

const DescribeDelegationTokenOwner = struct({
  principalType: field('0+', string),
  principalName: field('0+', string),
})

/** Lists delegation tokens of owners (KIP-48); null owners mean all the caller may see. */
export const DescribeDelegationTokenRequest = message({
  name: 'DescribeDelegationTokenRequest',
  apiKey: 41,
  versions: '0-3',
  flexible: '2+',
  shape: {
    owners: field('0+', nullable(array(DescribeDelegationTokenOwner))),
  },
})
export interface DescribeDelegationTokenRequest
  extends Infer<typeof DescribeDelegationTokenRequest> {}
/**
 * What {@link DescribeDelegationTokenRequest} takes for encoding: fields with a default may be left
 * out.
 */
export type DescribeDelegationTokenRequestInput = InferInput<typeof DescribeDelegationTokenRequest>

const DescribedDelegationTokenRenewer = struct({
  principalType: field('0+', string),
  principalName: field('0+', string),
})

const DescribedDelegationToken = struct({
  principalType: field('0+', string),
  principalName: field('0+', string),
  tokenRequesterPrincipalType: field('3+', string),
  tokenRequesterPrincipalName: field('3+', string),
  issueTimestamp: field('0+', int64),
  expiryTimestamp: field('0+', int64),
  maxTimestamp: field('0+', int64),
  tokenId: field('0+', string),
  hmac: field('0+', bytes),
  renewers: field('0+', array(DescribedDelegationTokenRenewer)),
})

/** Tokens with their owners, renewers and times. */
export const DescribeDelegationTokenResponse = message({
  name: 'DescribeDelegationTokenResponse',
  apiKey: 41,
  versions: '0-3',
  flexible: '2+',
  shape: {
    errorCode: field('0+', int16),
    tokens: field('0+', array(DescribedDelegationToken)),
    throttleTimeMs: field('0+', int32),
  },
})
export interface DescribeDelegationTokenResponse
  extends Infer<typeof DescribeDelegationTokenResponse> {}
/**
 * What {@link DescribeDelegationTokenResponse} takes for encoding: fields with a default may be
 * left out.
 */
export type DescribeDelegationTokenResponseInput = InferInput<
  typeof DescribeDelegationTokenResponse
>

/** API 41: lists delegation tokens of owners (KIP-48). */
export const DescribeDelegationToken: Api<
  typeof DescribeDelegationTokenRequest,
  typeof DescribeDelegationTokenResponse
> = api(DescribeDelegationTokenRequest, DescribeDelegationTokenResponse)
