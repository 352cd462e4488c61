import {
  bytes,
  field,
  type Infer,
  type InferInput,
  int8,
  int32,
  message,
  string,
} from '../schema/index.js'

/** A user's SCRAM credential: salt and derived keys, never the password. */
export const UserScramCredentialRecord = message({
  name: 'UserScramCredentialRecord',
  apiKey: 11,
  versions: '0',
  flexible: '0+',
  shape: {
    name: field('0+', string),
    mechanism: field('0+', int8),
    salt: field('0+', bytes),
    storedKey: field('0+', bytes),
    serverKey: field('0+', bytes),
    iterations: field('0+', int32),
  },
})
export interface UserScramCredentialRecord extends Infer<typeof UserScramCredentialRecord> {}
/**
 * What {@link UserScramCredentialRecord} takes for encoding: fields with a default may be left out.
 */
export type UserScramCredentialRecordInput = InferInput<typeof UserScramCredentialRecord>
