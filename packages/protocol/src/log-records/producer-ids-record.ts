import { field, type Infer, type InferInput, int32, int64, message } from '../schema/index.js'

export const ProducerIdsRecord = message({
  name: 'ProducerIdsRecord',
  apiKey: 15,
  versions: '0',
  flexible: '0+',
  shape: {
    brokerId: field('0+', int32),
    brokerEpoch: field('0+', int64, { default: -1n }),
    nextProducerId: field('0+', int64),
  },
})
export interface ProducerIdsRecord extends Infer<typeof ProducerIdsRecord> {}
export type ProducerIdsRecordInput = InferInput<typeof ProducerIdsRecord>
