import { field, type Infer, type InferInput, int16, int64, message } from '../schema/index.js'

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
export type SnapshotHeaderRecordInput = InferInput<typeof SnapshotHeaderRecord>
