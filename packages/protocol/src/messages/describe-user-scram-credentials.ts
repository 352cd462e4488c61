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
export type DescribeUserScramCredentialsResponseInput = InferInput<
  typeof DescribeUserScramCredentialsResponse
>

export const DescribeUserScramCredentials: Api<
  typeof DescribeUserScramCredentialsRequest,
  typeof DescribeUserScramCredentialsResponse
> = api(DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse)
