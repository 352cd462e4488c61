import {
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

const BrokerEndpoint = struct({
  name: field('0+', string),
  host: field('0+', string),
  port: field('0+', uint16),
  securityProtocol: field('0+', int16),
})

const BrokerFeature = struct({
  name: field('0+', string),
  minSupportedVersion: field('0+', int16),
  maxSupportedVersion: field('0+', int16),
})

/**
 * A broker registered with the controller, with endpoints and features (KIP-631); it starts fenced.
 */
export const RegisterBrokerRecord = message({
  name: 'RegisterBrokerRecord',
  apiKey: 0,
  versions: '0-4',
  flexible: '0+',
  shape: {
    brokerId: field('0+', int32),
    isMigratingZkBroker: field('2+', bool, { default: false }),
    incarnationId: field('0+', uuid),
    brokerEpoch: field('0+', int64),
    endPoints: field('0+', array(BrokerEndpoint)),
    features: field('0+', array(BrokerFeature)),
    rack: field('0+', nullable(string)),
    fenced: field('0+', bool, { default: true }),
    inControlledShutdown: field('1+', bool, { default: false }),
    logDirs: field('3+', array(uuid), { tag: 0 }),
    cordonedLogDirs: field('4+', nullable(array(uuid)), { tag: 1, default: null }),
  },
})
export interface RegisterBrokerRecord extends Infer<typeof RegisterBrokerRecord> {}
/** What {@link RegisterBrokerRecord} takes for encoding: fields with a default may be left out. */
export type RegisterBrokerRecordInput = InferInput<typeof RegisterBrokerRecord>
