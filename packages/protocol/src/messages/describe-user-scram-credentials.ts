import {
  type Api,
  api,
  array,
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

/** Lists users that have SCRAM credentials (KIP-554); null users mean all. */
export const DescribeUserScramCredentialsRequest = message({
  name: 'DescribeUserScramCredentialsRequest',
  apiKey: 50,
  versions: '0',
  flexible: '0+',
  shape: {
    users: field('0+', nullable(array(struct({ name: field('0+', string) })))),
  },
})
export interface DescribeUserScramCredentialsRequest
  extends Infer<typeof DescribeUserScramCredentialsRequest> {}
/**
 * What {@link DescribeUserScramCredentialsRequest} takes for encoding: fields with a default may be
 * left out.
 */
export type DescribeUserScramCredentialsRequestInput = InferInput<
  typeof DescribeUserScramCredentialsRequest
>

const CredentialInfo = struct({
  mechanism: field('0+', int8),
  iterations: field('0+', int32),
})

const DescribeUserScramCredentialsResult = struct({
  user: field('0+', string),
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string)),
  credentialInfos: field('0+', array(CredentialInfo)),
})

/** Mechanisms and iterations per user, never the secrets. */
export const DescribeUserScramCredentialsResponse = message({
  name: 'DescribeUserScramCredentialsResponse',
  apiKey: 50,
  versions: '0',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    errorMessage: field('0+', nullable(string)),
    results: field('0+', array(DescribeUserScramCredentialsResult)),
  },
})
export interface DescribeUserScramCredentialsResponse
  extends Infer<typeof DescribeUserScramCredentialsResponse> {}
/**
 * What {@link DescribeUserScramCredentialsResponse} takes for encoding: fields with a default may
 * be left out.
 */
export type DescribeUserScramCredentialsResponseInput = InferInput<
  typeof DescribeUserScramCredentialsResponse
>

/** API 50: lists users that have SCRAM credentials (KIP-554). */
export const DescribeUserScramCredentials: Api<
  typeof DescribeUserScramCredentialsRequest,
  typeof DescribeUserScramCredentialsResponse
> = api(DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse)
