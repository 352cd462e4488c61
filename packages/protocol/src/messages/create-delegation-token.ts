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
export type CreateDelegationTokenRequestInput = InferInput<typeof CreateDelegationTokenRequest>

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
export type CreateDelegationTokenResponseInput = InferInput<typeof CreateDelegationTokenResponse>

export const CreateDelegationToken: Api<
  typeof CreateDelegationTokenRequest,
  typeof CreateDelegationTokenResponse
> = api(CreateDelegationTokenRequest, CreateDelegationTokenResponse)
