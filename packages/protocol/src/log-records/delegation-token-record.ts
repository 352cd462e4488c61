import {
  array,
  field,
  type Infer,
  type InferInput,
  int64,
  message,
  string,
} from '../schema/index.js'

/** A delegation token was created or renewed. */
export const DelegationTokenRecord = message({
  name: 'DelegationTokenRecord',
  apiKey: 10,
  versions: '0',
  flexible: '0+',
  shape: {
    owner: field('0+', string),
    requester: field('0+', string),
    renewers: field('0+', array(string)),
    issueTimestamp: field('0+', int64),
    maxTimestamp: field('0+', int64),
    expirationTimestamp: field('0+', int64),
    tokenId: field('0+', string),
  },
})
export interface DelegationTokenRecord extends Infer<typeof DelegationTokenRecord> {}
/** What {@link DelegationTokenRecord} takes for encoding: fields with a default may be left out. */
export type DelegationTokenRecordInput = InferInput<typeof DelegationTokenRecord>
