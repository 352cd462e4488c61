export type { BatchHeaderInput } from './batch-header.js'
export {
  type ControlRecordKey,
  ControlRecordType,
  decodeControlKey,
  decodeEndTransactionMarker,
  type EndTransactionMarker,
  encodeControlKey,
  encodeEndTransactionMarker,
  encodeTransactionMarker,
  type MarkerInput,
} from './control-record.js'
export { assertValid, decodeRecords, readBatchHeader } from './decode-records.js'
export { encodeMessageSet, type MessageSetInput } from './encode-message-set.js'
export { encodeRecordBatch, type RecordBatchInput } from './encode-record-batch.js'
export { attributeBits, batchHeaderBytes, batchLayout, logOverhead } from './layout.js'
export { type BatchPatch, patchBatch } from './patch-batch.js'
export type {
  RecordBytes,
  RecordHeader,
  RecordHeaderInput,
  RecordInput,
  RecordView,
  TimestampType,
} from './record.js'
export { RecordBatchBuilder, type RecordBatchBuilderOptions } from './record-batch-builder.js'
export {
  type DecodeRecordsOptions,
  defaultMaxDecompressedBytes,
  type RecordBatchView,
} from './record-batch-view.js'
export {
  LazyRecord,
  type RecordClass,
  type RecordCursor,
} from './record-positions.js'
export type { RecordSource } from './record-source.js'
