import {
  type Api,
  api,
  bytes,
  field,
  type Infer,
  type InferInput,
  int16,
  message,
  nullable,
} from '../schema/index.js'

export const EnvelopeRequest = message({
  name: 'EnvelopeRequest',
  apiKey: 58,
  versions: '0',
  flexible: '0+',
  shape: {
    requestData: field('0+', bytes),
    requestPrincipal: field('0+', nullable(bytes)),
    clientHostAddress: field('0+', bytes),
  },
})
export interface EnvelopeRequest extends Infer<typeof EnvelopeRequest> {}
export type EnvelopeRequestInput = InferInput<typeof EnvelopeRequest>

export const EnvelopeResponse = message({
  name: 'EnvelopeResponse',
  apiKey: 58,
  versions: '0',
  flexible: '0+',
  shape: {
    responseData: field('0+', nullable(bytes), { default: null }),
    errorCode: field('0+', int16),
  },
})
export interface EnvelopeResponse extends Infer<typeof EnvelopeResponse> {}
export type EnvelopeResponseInput = InferInput<typeof EnvelopeResponse>

export const Envelope: Api<typeof EnvelopeRequest, typeof EnvelopeResponse> = api(
  EnvelopeRequest,
  EnvelopeResponse,
)
