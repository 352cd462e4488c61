import {
  array,
  bool,
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  message,
  string,
  struct,
  uint16,
  uuid,
} from '../schema/index.js'

const ControllerEndpoint = struct({
  name: field('0+', string),
  host: field('0+', string),
  port: field('0+', uint16),
  securityProtocol: field('0+', int16),
})

const ControllerFeature = struct({
  name: field('0+', string),
  minSupportedVersion: field('0+', int16),
  maxSupportedVersion: field('0+', int16),
})

/** A controller registered its endpoints and features (KIP-919). */
export const RegisterControllerRecord = message({
  name: 'RegisterControllerRecord',
  apiKey: 27,
  versions: '0',
  flexible: '0+',
  shape: {
    controllerId: field('0+', int32),
    incarnationId: field('0+', uuid),
    zkMigrationReady: field('0+', bool),
    endPoints: field('0+', array(ControllerEndpoint)),
    features: field('0+', array(ControllerFeature)),
  },
})
export interface RegisterControllerRecord extends Infer<typeof RegisterControllerRecord> {}
/**
 * What {@link RegisterControllerRecord} takes for encoding: fields with a default may be left out.
 */
export type RegisterControllerRecordInput = InferInput<typeof RegisterControllerRecord>
