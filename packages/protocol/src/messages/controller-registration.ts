import {
  type Api,
  api,
  array,
  bool,
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  message,
  nullable,
  string,
  struct,
  uint16,
  uuid,
} from '../schema/index.js'

const Listener = struct({
  name: field('0+', string),
  host: field('0+', string),
  port: field('0+', uint16),
  securityProtocol: field('0+', int16),
})

const Feature = struct({
  name: field('0+', string),
  minSupportedVersion: field('0+', int16),
  maxSupportedVersion: field('0+', int16),
})

/** Registers a controller's endpoints and features with the active one (KIP-919). */
export const ControllerRegistrationRequest = message({
  name: 'ControllerRegistrationRequest',
  apiKey: 70,
  versions: '0',
  flexible: '0+',
  shape: {
    controllerId: field('0+', int32),
    incarnationId: field('0+', uuid),
    zkMigrationReady: field('0+', bool),
    listeners: field('0+', array(Listener)),
    features: field('0+', array(Feature)),
  },
})
export interface ControllerRegistrationRequest
  extends Infer<typeof ControllerRegistrationRequest> {}
/**
 * What {@link ControllerRegistrationRequest} takes for encoding: fields with a default may be left
 * out.
 */
export type ControllerRegistrationRequestInput = InferInput<typeof ControllerRegistrationRequest>

/** Whether the controller was registered. */
export const ControllerRegistrationResponse = message({
  name: 'ControllerRegistrationResponse',
  apiKey: 70,
  versions: '0',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    errorMessage: field('0+', nullable(string)),
  },
})
export interface ControllerRegistrationResponse
  extends Infer<typeof ControllerRegistrationResponse> {}
/**
 * What {@link ControllerRegistrationResponse} takes for encoding: fields with a default may be left
 * out.
 */
export type ControllerRegistrationResponseInput = InferInput<typeof ControllerRegistrationResponse>

/** API 70: registers a controller's endpoints and features with the active one (KIP-919). */
export const ControllerRegistration: Api<
  typeof ControllerRegistrationRequest,
  typeof ControllerRegistrationResponse
> = api(ControllerRegistrationRequest, ControllerRegistrationResponse)
