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
export type SaslHandshakeRequestInput = InferInput<typeof SaslHandshakeRequest>

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
export type SaslHandshakeResponseInput = InferInput<typeof SaslHandshakeResponse>

export const SaslHandshake: Api<typeof SaslHandshakeRequest, typeof SaslHandshakeResponse> = api(
  SaslHandshakeRequest,
  SaslHandshakeResponse,
)
