import { bufferView } from '../bytes/buffer-view.js'
import { crc32c } from '../bytes/crc32c.js'
import { writeInt64Number } from '../bytes/int64.js'
import { type CompressionName, compressionNames } from '../compression/codec.js'
import { compress } from '../compression/compress.js'
import { attributeBits, batchHeaderBytes, batchLayout as layout, logOverhead } from './layout.js'

/** What the header of a batch says besides what follows from its records. */
export interface BatchHeaderInput {
  /** Default 0, as producers write it; the broker puts the real one. */
  readonly baseOffset?: bigint | undefined
  /** Default -1, as clients write it. */
  readonly partitionLeaderEpoch?: number | undefined
  readonly compression?: CompressionName | undefined
  /** gzip 1-9, zstd 1-22. */
  readonly compressionLevel?: number | undefined
  /** The records' bytes compressed already with `compression`, off the main thread perhaps. */
  readonly compressedRecords?: Uint8Array | undefined
  readonly timestampType?: 'CreateTime' | 'LogAppendTime' | undefined
  /** Default -1, as in the epoch and the sequence: not an idempotent producer. */
  readonly producerId?: bigint | undefined
  readonly producerEpoch?: number | undefined
  readonly baseSequence?: number | undefined
  readonly isTransactional?: boolean | undefined
  readonly isControl?: boolean | undefined
  /** The base timestamp is a delete horizon (KIP-534). */
  readonly hasDeleteHorizon?: boolean | undefined
  /** Default: that of the last record. Compaction keeps the old one when it removes records. */
  readonly lastOffsetDelta?: number | undefined
  /** Default: the largest of the records'; the append time for `LogAppendTime`. */
  readonly maxTimestamp?: number | undefined
}

/** What a header says about the records, known once they are written. */
interface RecordsWritten {
  readonly count: number
  readonly byteLength: number
  readonly lastOffsetDelta: number
  readonly baseTimestamp: number
  readonly maxTimestamp: number
}

/** Compresses the records behind the header's place in `memory`, writes header and checksum, and returns the batch. */
export const finishBatch = (
  written: RecordsWritten,
  memory: Buffer,
  header: BatchHeaderInput,
): Buffer => {
  const { compression = 'none', compressionLevel: level } = header
  let batch: Buffer
  if (compression === 'none') batch = bufferView(memory, 0, written.byteLength)
  else {
    const records = bufferView(memory, batchHeaderBytes, written.byteLength)
    const block = header.compressedRecords ?? compress(compression, records, { level })
    batch = Buffer.allocUnsafeSlow(batchHeaderBytes + block.length)
    batch.set(block, batchHeaderBytes)
  }
  writeBatchHeader(written, batch, header)
  return batch
}

const writeBatchHeader = (
  written: RecordsWritten,
  batch: Buffer,
  header: BatchHeaderInput,
): void => {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.length)
  view.setBigInt64(layout.baseOffset, header.baseOffset ?? 0n)
  view.setInt32(layout.length, batch.length - logOverhead)
  view.setInt32(layout.partitionLeaderEpoch, header.partitionLeaderEpoch ?? -1)
  view.setInt8(layout.magic, 2)
  view.setInt16(layout.attributes, batchAttributes(header))
  view.setInt32(layout.lastOffsetDelta, header.lastOffsetDelta ?? written.lastOffsetDelta)
  writeInt64Number(view, layout.baseTimestamp, written.baseTimestamp)
  writeInt64Number(view, layout.maxTimestamp, header.maxTimestamp ?? written.maxTimestamp)
  view.setBigInt64(layout.producerId, header.producerId ?? -1n)
  view.setInt16(layout.producerEpoch, header.producerEpoch ?? -1)
  view.setInt32(layout.baseSequence, header.baseSequence ?? -1)
  view.setInt32(layout.recordCount, written.count)
  view.setUint32(layout.crc, crc32c(batch, layout.attributes))
}

const batchAttributes = (header: BatchHeaderInput): number => {
  let bits = compressionNames.indexOf(header.compression ?? 'none')
  if (header.timestampType === 'LogAppendTime') bits |= attributeBits.logAppendTime
  if (header.isTransactional === true) bits |= attributeBits.transactional
  if (header.isControl === true) bits |= attributeBits.control
  if (header.hasDeleteHorizon === true) bits |= attributeBits.deleteHorizon
  return bits
}
