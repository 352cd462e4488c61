import {
  type Api,
  api,
  bytes,
  field,
  type Infer,
  type InferInput,
  int16,
  int64,
  message,
  nullable,
  string,
} from '../schema/index.js'

export const SaslAuthenticateRequest = message({
  name: 'SaslAuthenticateRequest',
  apiKey: 36,
  versions: '0-2',
  flexible: '2+',
  shape: {
    authBytes: field('0+', bytes),
  },
})
export interface SaslAuthenticateRequest extends Infer<typeof SaslAuthenticateRequest> {}
export type SaslAuthenticateRequestInput = InferInput<typeof SaslAuthenticateRequest>

export const SaslAuthenticateResponse = message({
  name: 'SaslAuthenticateResponse',
  apiKey: 36,
  versions: '0-2',
  flexible: '2+',
  shape: {
    errorCode: field('0+', int16),
    errorMessage: field('0+', nullable(string)),
    authBytes: field('0+', bytes),
    sessionLifetimeMs: field('1+', int64, { default: 0n, ignorable: true }),
  },
})
export interface SaslAuthenticateResponse extends Infer<typeof SaslAuthenticateResponse> {}
export type SaslAuthenticateResponseInput = InferInput<typeof SaslAuthenticateResponse>

export const SaslAuthenticate: Api<
  typeof SaslAuthenticateRequest,
  typeof SaslAuthenticateResponse
> = api(SaslAuthenticateRequest, SaslAuthenticateResponse)
