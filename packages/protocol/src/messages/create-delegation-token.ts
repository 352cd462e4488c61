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

const CreatableRenewers = struct({
  principalType: field('0+', string),
  principalName: field('0+', string),
})

/**
 * Creates a token that stands for a principal in SCRAM logins (KIP-48). Version 3 can name another
 * owner (KIP-373).
 */
export const CreateDelegationTokenRequest = message({
  name: 'CreateDelegationTokenRequest',
  apiKey: 38,
  versions: '0-3',
  flexible: '2+',
  shape: {
    ownerPrincipalType: field('3+', nullable(string)),
    ownerPrincipalName: field('3+', nullable(string)),
    renewers: field('0+', array(CreatableRenewers)),
    maxLifetimeMs: field('0+', int64),
  },
})
export interface CreateDelegationTokenRequest extends Infer<typeof CreateDelegationTokenRequest> {}
/**
 * What {@link CreateDelegationTokenRequest} takes for encoding: fields with a default may be left
 * out.
 */
export type CreateDelegationTokenRequestInput = InferInput<typeof CreateDelegationTokenRequest>

/** The token's id and hmac, which serve as SCRAM user and password. */
export const CreateDelegationTokenResponse = message({
  name: 'CreateDelegationTokenResponse',
  apiKey: 38,
  versions: '0-3',
  flexible: '2+',
  shape: {
    errorCode: field('0+', int16),
    principalType: field('0+', string),
    principalName: field('0+', string),
    tokenRequesterPrincipalType: field('3+', string),
    tokenRequesterPrincipalName: field('3+', string),
    issueTimestampMs: field('0+', int64),
    expiryTimestampMs: field('0+', int64),
    maxTimestampMs: field('0+', int64),
    tokenId: field('0+', string),
    hmac: field('0+', bytes),
    throttleTimeMs: field('0+', int32),
  },
})
export interface CreateDelegationTokenResponse
  extends Infer<typeof CreateDelegationTokenResponse> {}
/**
 * What {@link CreateDelegationTokenResponse} takes for encoding: fields with a default may be left
 * out.
 */
export type CreateDelegationTokenResponseInput = InferInput<typeof CreateDelegationTokenResponse>

/** API 38: creates a token that stands for a principal in SCRAM logins (KIP-48). */
export const CreateDelegationToken: Api<
  typeof CreateDelegationTokenRequest,
  typeof CreateDelegationTokenResponse
> = api(CreateDelegationTokenRequest, CreateDelegationTokenResponse)
