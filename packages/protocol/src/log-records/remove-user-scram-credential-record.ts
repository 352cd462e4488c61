import { field, type Infer, type InferInput, int8, message, string } from '../schema/index.js'

export const RemoveUserScramCredentialRecord = message({
  name: 'RemoveUserScramCredentialRecord',
  apiKey: 22,
  versions: '0',
  flexible: '0+',
  shape: {
    name: field('0+', string),
    mechanism: field('0+', int8),
  },
})
export interface RemoveUserScramCredentialRecord
  extends Infer<typeof RemoveUserScramCredentialRecord> {}
export type RemoveUserScramCredentialRecordInput = InferInput<
  typeof RemoveUserScramCredentialRecord
>
