import { field, type Infer, type InferInput, int32, int64, message } from '../schema/index.js'

/**
 * Superseded by BrokerRegistrationChangeRecord: a broker missed its heartbeats and lost its
 * leaderships.
 */
export const FenceBrokerRecord = message({
  name: 'FenceBrokerRecord',
  apiKey: 7,
  versions: '0',
  flexible: '0+',
  shape: {
    id: field('0+', int32),
    epoch: field('0+', int64),
  },
})
export interface FenceBrokerRecord extends Infer<typeof FenceBrokerRecord> {}
/** What {@link FenceBrokerRecord} takes for encoding: fields with a default may be left out. */
export type FenceBrokerRecordInput = InferInput<typeof FenceBrokerRecord>
