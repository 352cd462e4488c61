import { field, type Infer, type InferInput, int32, int64, message } from '../schema/index.js'

/** A broker was removed for good. */
export const UnregisterBrokerRecord = message({
  name: 'UnregisterBrokerRecord',
  apiKey: 1,
  versions: '0',
  flexible: '0+',
  shape: {
    brokerId: field('0+', int32),
    brokerEpoch: field('0+', int64),
  },
})
export interface UnregisterBrokerRecord extends Infer<typeof UnregisterBrokerRecord> {}
/**
 * What {@link UnregisterBrokerRecord} takes for encoding: fields with a default may be left out.
 */
export type UnregisterBrokerRecordInput = InferInput<typeof UnregisterBrokerRecord>
