import {
  array,
  field,
  type Infer,
  type InferInput,
  int8,
  int32,
  int64,
  message,
  nullable,
  uuid,
} from '../schema/index.js'

/** What changed of a broker's registration: fencing, controlled shutdown, log directories. */
export const BrokerRegistrationChangeRecord = message({
  name: 'BrokerRegistrationChangeRecord',
  apiKey: 17,
  versions: '0-3',
  flexible: '0+',
  shape: {
    brokerId: field('0+', int32),
    brokerEpoch: field('0+', int64),
    /** -1 unfenced, 0 unchanged, 1 fenced. */
    fenced: field('0+', int8, { tag: 0 }),
    inControlledShutdown: field('1+', int8, { tag: 1 }),
    logDirs: field('2+', array(uuid), { tag: 2 }),
    cordonedLogDirs: field('3+', nullable(array(uuid)), { tag: 3, default: null }),
  },
})
export interface BrokerRegistrationChangeRecord
  extends Infer<typeof BrokerRegistrationChangeRecord> {}
/**
 * What {@link BrokerRegistrationChangeRecord} takes for encoding: fields with a default may be left
 * out.
 */
export type BrokerRegistrationChangeRecordInput = InferInput<typeof BrokerRegistrationChangeRecord>
