import { field, type Infer, type InferInput, int32, int64, message } from '../schema/index.js'

/**
 * A block of producer ids was given to a broker (KIP-730); the next block starts at nextProducerId.
 */
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
/** What {@link ProducerIdsRecord} takes for encoding: fields with a default may be left out. */
export type ProducerIdsRecordInput = InferInput<typeof ProducerIdsRecord>
