import {
  type Api,
  api,
  array,
  field,
  type Infer,
  type InferInput,
  int16,
  message,
  string,
} from '../schema/index.js'

/**
 * Chooses a SASL mechanism; the first request on a SASL connection apart from ApiVersions. After
 * version 0 tokens follow without Kafka framing, after version 1 inside SaslAuthenticate (KIP-152).
 * Never flexible.
 */
export const SaslHandshakeRequest = message({
  name: 'SaslHandshakeRequest',
  apiKey: 17,
  versions: '0-1',
  flexible: 'none',
  shape: {
    mechanism: field('0+', string),
  },
})
export interface SaslHandshakeRequest extends Infer<typeof SaslHandshakeRequest> {}
/** What {@link SaslHandshakeRequest} takes for encoding: fields with a default may be left out. */
export type SaslHandshakeRequestInput = InferInput<typeof SaslHandshakeRequest>

/** The mechanisms the broker takes; error 33 if the chosen one is not among them. */
export const SaslHandshakeResponse = message({
  name: 'SaslHandshakeResponse',
  apiKey: 17,
  versions: '0-1',
  flexible: 'none',
  shape: {
    errorCode: field('0+', int16),
    mechanisms: field('0+', array(string)),
  },
})
export interface SaslHandshakeResponse extends Infer<typeof SaslHandshakeResponse> {}
/** What {@link SaslHandshakeResponse} takes for encoding: fields with a default may be left out. */
export type SaslHandshakeResponseInput = InferInput<typeof SaslHandshakeResponse>

/** API 17: chooses a SASL mechanism. */
export const SaslHandshake: Api<typeof SaslHandshakeRequest, typeof SaslHandshakeResponse> = api(
  SaslHandshakeRequest,
  SaslHandshakeResponse,
)
