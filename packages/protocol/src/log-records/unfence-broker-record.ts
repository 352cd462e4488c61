import { field, type Infer, type InferInput, int32, int64, message } from '../schema/index.js'

/** Superseded by BrokerRegistrationChangeRecord: a broker may lead again. */
export const UnfenceBrokerRecord = message({
  name: 'UnfenceBrokerRecord',
  apiKey: 8,
  versions: '0',
  flexible: '0+',
  shape: {
    id: field('0+', int32),
    epoch: field('0+', int64),
  },
})
export interface UnfenceBrokerRecord extends Infer<typeof UnfenceBrokerRecord> {}
/** What {@link UnfenceBrokerRecord} takes for encoding: fields with a default may be left out. */
export type UnfenceBrokerRecordInput = InferInput<typeof UnfenceBrokerRecord>
