import { field, type Infer, type InferInput, int16, int64, message } from '../schema/index.js'

/** Control record that begins a KRaft snapshot (KIP-630). */
export const SnapshotHeaderRecord = message({
  name: 'SnapshotHeaderRecord',
  versions: '0',
  flexible: '0+',
  shape: {
    version: field('0+', int16),
    lastContainedLogTimestamp: field('0+', int64),
  },
})
export interface SnapshotHeaderRecord extends Infer<typeof SnapshotHeaderRecord> {}
/** What {@link SnapshotHeaderRecord} takes for encoding: fields with a default may be left out. */
export type SnapshotHeaderRecordInput = InferInput<typeof SnapshotHeaderRecord>
