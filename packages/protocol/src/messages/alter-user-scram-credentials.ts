import {
  type Api,
  api,
  array,
  bytes,
  field,
  type Infer,
  type InferInput,
  int8,
  int16,
  int32,
  message,
  nullable,
  string,
  struct,
} from '../schema/index.js'

const ScramCredentialDeletion = struct({
  name: field('0+', string),
  mechanism: field('0+', int8),
})

const ScramCredentialUpsertion = struct({
  name: field('0+', string),
  mechanism: field('0+', int8),
  iterations: field('0+', int32),
  salt: field('0+', bytes),
  saltedPassword: field('0+', bytes),
})

/**
 * Sets or deletes SCRAM credentials (KIP-554). The client salts the password; the broker never sees
 * it.
 */
export const AlterUserScramCredentialsRequest = message({
  name: 'AlterUserScramCredentialsRequest',
  apiKey: 51,
  versions: '0',
  flexible: '0+',
  shape: {
    deletions: field('0+', array(ScramCredentialDeletion)),
    upsertions: field('0+', array(ScramCredentialUpsertion)),
  },
})
export interface AlterUserScramCredentialsRequest
  extends Infer<typeof AlterUserScramCredentialsRequest> {}
/**
 * What {@link AlterUserScramCredentialsRequest} takes for encoding: fields with a default may be
 * left out.
 */
export type AlterUserScramCredentialsRequestInput = InferInput<
  typeof AlterUserScramCredentialsRequest
>

const AlterUserScramCredentialsResult = struct({
  user: field('0+', string),
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string)),
})

/** Result per user. */
export const AlterUserScramCredentialsResponse = message({
  name: 'AlterUserScramCredentialsResponse',
  apiKey: 51,
  versions: '0',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    results: field('0+', array(AlterUserScramCredentialsResult)),
  },
})
export interface AlterUserScramCredentialsResponse
  extends Infer<typeof AlterUserScramCredentialsResponse> {}
/**
 * What {@link AlterUserScramCredentialsResponse} takes for encoding: fields with a default may be
 * left out.
 */
export type AlterUserScramCredentialsResponseInput = InferInput<
  typeof AlterUserScramCredentialsResponse
>

/** API 51: sets or deletes SCRAM credentials (KIP-554). */
export const AlterUserScramCredentials: Api<
  typeof AlterUserScramCredentialsRequest,
  typeof AlterUserScramCredentialsResponse
> = api(AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse)
