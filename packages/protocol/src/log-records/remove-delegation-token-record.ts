import { field, type Infer, type InferInput, message, string } from '../schema/index.js'

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
export type RemoveDelegationTokenRecordInput = InferInput<typeof RemoveDelegationTokenRecord>
