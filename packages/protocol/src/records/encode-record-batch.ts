import type { BatchHeaderInput } from './batch-header.js'
import type { RecordInput } from './record.js'
import { RecordBatchBuilder } from './record-batch-builder.js'

/** A whole batch to write: its records and what its header says. */
export interface RecordBatchInput extends Omit<BatchHeaderInput, 'hasDeleteHorizon'> {
  readonly records: Iterable<RecordInput>
  /** What timestamps count from. Default: the first record's. */
  readonly baseTimestamp?: number | undefined
  /** Time from which tombstones and markers may be removed (KIP-534); takes the place of the base timestamp. */
  readonly deleteHorizon?: number | undefined
}

/**
 * Writes a record batch of magic 2. By default as a producer does: base offset 0, offset deltas 0, 1, 2 …, no producer id,
 * create time, not compressed. The result is memory of its own.
 */
export const encodeRecordBatch = (input: RecordBatchInput): Uint8Array => {
  const { records, baseTimestamp, deleteHorizon, ...header } = input
  const builder = new RecordBatchBuilder({ baseTimestamp: deleteHorizon ?? baseTimestamp })
  for (const { key = null, value, headers, timestamp, offsetDelta } of records) {
    builder.tryAppend(key, value, headers, timestamp, offsetDelta)
  }
  return builder.finish({ ...header, hasDeleteHorizon: deleteHorizon !== undefined })
}
