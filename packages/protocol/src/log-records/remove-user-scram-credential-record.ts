import { field, type Infer, type InferInput, int8, message, string } from '../schema/index.js'

/** A user's SCRAM credential was deleted. */
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
/**
 * What {@link RemoveUserScramCredentialRecord} takes for encoding: fields with a default may be
 * left out.
 */
export type RemoveUserScramCredentialRecordInput = InferInput<
  typeof RemoveUserScramCredentialRecord
>
