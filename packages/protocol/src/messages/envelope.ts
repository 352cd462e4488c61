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

/**
 * Wraps a client's request that a broker forwards to the controller, with the client's principal
 * and address (KIP-590).
 */
export const EnvelopeRequest = message({
  name: 'EnvelopeRequest',
  apiKey: 58,
  versions: '0',
  flexible: '0+',
  shape: {
    /** The whole request with its header. */
    requestData: field('0+', bytes),
    requestPrincipal: field('0+', nullable(bytes)),
    clientHostAddress: field('0+', bytes),
  },
})
export interface EnvelopeRequest extends Infer<typeof EnvelopeRequest> {}
/** What {@link EnvelopeRequest} takes for encoding: fields with a default may be left out. */
export type EnvelopeRequestInput = InferInput<typeof EnvelopeRequest>

/** The wrapped response with its header; an error of its own when the forwarding failed. */
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
/** What {@link EnvelopeResponse} takes for encoding: fields with a default may be left out. */
export type EnvelopeResponseInput = InferInput<typeof EnvelopeResponse>

/**
 * API 58: wraps a client's request that a broker forwards to the controller, with the client's
 * principal and address (KIP-590).
 */
export const Envelope: Api<typeof EnvelopeRequest, typeof EnvelopeResponse> = api(
  EnvelopeRequest,
  EnvelopeResponse,
)
