import { field, type Infer, type InferInput, message, string } from '../schema/index.js'

/** A delegation token expired or was removed. */
export const RemoveDelegationTokenRecord = message({
  name: 'RemoveDelegationTokenRecord',
  apiKey: 26,
  versions: '0',
  flexible: '0+',
  shape: {
    tokenId: field('0+', string),
  },
})
export interface RemoveDelegationTokenRecord extends Infer<typeof RemoveDelegationTokenRecord> {}
/**
 * What {@link RemoveDelegationTokenRecord} takes for encoding: fields with a default may be left
 * out.
 */
export type RemoveDelegationTokenRecordInput = InferInput<typeof RemoveDelegationTokenRecord>
