import { field, type Infer, type InferInput, int16, message } from '../schema/index.js'

export const SnapshotFooterRecord = message({
  name: 'SnapshotFooterRecord',
  versions: '0',
  flexible: '0+',
  shape: {
    version: field('0+', int16),
  },
})
export interface SnapshotFooterRecord extends Infer<typeof SnapshotFooterRecord> {}
export type SnapshotFooterRecordInput = InferInput<typeof SnapshotFooterRecord>
