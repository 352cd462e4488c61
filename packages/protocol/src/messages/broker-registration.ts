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
  int64,
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

/**
 * Registers a starting broker with the KRaft controller (KIP-631). Version 2 adds log directories
 * (KIP-858), 3 the previous epoch of a clean shutdown (KIP-966).
 */
export const BrokerRegistrationRequest = message({
  name: 'BrokerRegistrationRequest',
  apiKey: 62,
  versions: '0-4',
  flexible: '0+',
  shape: {
    brokerId: field('0+', int32),
    clusterId: field('0+', string),
    /** New for every start of the process. */
    incarnationId: field('0+', uuid),
    listeners: field('0+', array(Listener)),
    features: field('0+', array(Feature)),
    rack: field('0+', nullable(string)),
    isMigratingZkBroker: field('1+', bool, { default: false }),
    logDirs: field('2+', array(uuid), { ignorable: true }),
    previousBrokerEpoch: field('3+', int64, { default: -1n, ignorable: true }),
  },
})
export interface BrokerRegistrationRequest extends Infer<typeof BrokerRegistrationRequest> {}
/**
 * What {@link BrokerRegistrationRequest} takes for encoding: fields with a default may be left out.
 */
export type BrokerRegistrationRequestInput = InferInput<typeof BrokerRegistrationRequest>

/** The broker epoch, which later requests must carry. */
export const BrokerRegistrationResponse = message({
  name: 'BrokerRegistrationResponse',
  apiKey: 62,
  versions: '0-4',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    brokerEpoch: field('0+', int64, { default: -1n }),
  },
})
export interface BrokerRegistrationResponse extends Infer<typeof BrokerRegistrationResponse> {}
/**
 * What {@link BrokerRegistrationResponse} takes for encoding: fields with a default may be left
 * out.
 */
export type BrokerRegistrationResponseInput = InferInput<typeof BrokerRegistrationResponse>

/** API 62: registers a starting broker with the KRaft controller (KIP-631). */
export const BrokerRegistration: Api<
  typeof BrokerRegistrationRequest,
  typeof BrokerRegistrationResponse
> = api(BrokerRegistrationRequest, BrokerRegistrationResponse)
