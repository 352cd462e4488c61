import { field, type Infer, type InferInput, message, uuid } from '../schema/index.js'

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
export type RemoveAccessControlEntryRecordInput = InferInput<typeof RemoveAccessControlEntryRecord>
