import { field, type Infer, type InferInput, int16, message } from '../schema/index.js'

/** Control record that ends a KRaft snapshot; without it the snapshot is incomplete (KIP-630). */
export const SnapshotFooterRecord = message({
  name: 'SnapshotFooterRecord',
  versions: '0',
  flexible: '0+',
  shape: {
    version: field('0+', int16),
  },
})
export interface SnapshotFooterRecord extends Infer<typeof SnapshotFooterRecord> {}
/** What {@link SnapshotFooterRecord} takes for encoding: fields with a default may be left out. */
export type SnapshotFooterRecordInput = InferInput<typeof SnapshotFooterRecord>
