import { field, type Infer, type InferInput, message, uuid } from '../schema/index.js'

/** An access control entry was deleted. */
export const RemoveAccessControlEntryRecord = message({
  name: 'RemoveAccessControlEntryRecord',
  apiKey: 19,
  versions: '0',
  flexible: '0+',
  shape: {
    id: field('0+', uuid),
  },
})
export interface RemoveAccessControlEntryRecord
  extends Infer<typeof RemoveAccessControlEntryRecord> {}
/**
 * What {@link RemoveAccessControlEntryRecord} takes for encoding: fields with a default may be left
 * out.
 */
export type RemoveAccessControlEntryRecordInput = InferInput<typeof RemoveAccessControlEntryRecord>
