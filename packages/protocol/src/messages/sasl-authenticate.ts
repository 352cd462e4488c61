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

/**
 * Carries one token of the SASL exchange after SaslHandshake v1 (KIP-152). Repeated on a live
 * connection before the session ends (KIP-368).
 */
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
/**
 * What {@link SaslAuthenticateRequest} takes for encoding: fields with a default may be left out.
 */
export type SaslAuthenticateRequestInput = InferInput<typeof SaslAuthenticateRequest>

/** The server's next token, or error 58 with a message. */
export const SaslAuthenticateResponse = message({
  name: 'SaslAuthenticateResponse',
  apiKey: 36,
  versions: '0-2',
  flexible: '2+',
  shape: {
    errorCode: field('0+', int16),
    errorMessage: field('0+', nullable(string)),
    authBytes: field('0+', bytes),
    /** When positive, the client must authenticate again within this time (KIP-368). */
    sessionLifetimeMs: field('1+', int64, { default: 0n, ignorable: true }),
  },
})
export interface SaslAuthenticateResponse extends Infer<typeof SaslAuthenticateResponse> {}
/**
 * What {@link SaslAuthenticateResponse} takes for encoding: fields with a default may be left out.
 */
export type SaslAuthenticateResponseInput = InferInput<typeof SaslAuthenticateResponse>

/** API 36: carries one token of the SASL exchange after SaslHandshake v1 (KIP-152). */
export const SaslAuthenticate: Api<
  typeof SaslAuthenticateRequest,
  typeof SaslAuthenticateResponse
> = api(SaslAuthenticateRequest, SaslAuthenticateResponse)
