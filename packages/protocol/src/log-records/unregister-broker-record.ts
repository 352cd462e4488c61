import { field, type Infer, type InferInput, int32, int64, message } from '../schema/index.js'

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
export type UnregisterBrokerRecordInput = InferInput<typeof UnregisterBrokerRecord>
