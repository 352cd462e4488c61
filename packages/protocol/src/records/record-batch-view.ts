import type { CompressionName } from '../compression/codec.js'
import type { RecordView, TimestampType } from './record.js'
import type { RecordCursor } from './record-positions.js'

/**
 * A batch as read: the header's fields, and the records, which are decompressed and parsed only when asked for. All three
 * formats look the same: a message of magic 0 or 1 that stands alone is a batch of one, a compressed one a batch of its inner
 * messages. Fields are read from the bytes on each access, so a batch patched in place shows its new values.
 */
export interface RecordBatchView extends Iterable<RecordView> {
  readonly magic: 0 | 1 | 2
  /** Where the batch begins in the bytes handed over. */
  readonly position: number
  /** All bytes of the batch, offset and length fields included. */
  readonly sizeInBytes: number
  /** Offset that deltas count from: the first record's, unless compaction removed it. */
  readonly baseOffset: bigint
  /** The same as a number; exact below 2^53. */
  readonly baseOffsetNumber: number
  readonly lastOffset: bigint
  /** Offset to go on reading from, also when compaction removed the last records. */
  readonly nextOffset: bigint
  /** Last offset minus base offset. */
  readonly lastOffsetDelta: number
  /** -1 where unknown: from clients, and in magic 0 and 1. */
  readonly partitionLeaderEpoch: number
  /** The checksum as stored: CRC-32C for magic 2, CRC-32 before. */
  readonly crc: number
  readonly attributes: number
  readonly compression: CompressionName
  readonly timestampType: TimestampType
  readonly isTransactional: boolean
  /** A batch of control records: never shown to applications, but offsets go on past it. */
  readonly isControl: boolean
  /** `baseTimestamp` is the time from which tombstones and markers may be removed (KIP-534). */
  readonly hasDeleteHorizon: boolean
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  /** -1 for none. */
  readonly producerId: bigint
  readonly producerEpoch: number
  /** Sequence number of the first record, -1 for none. */
  readonly baseSequence: number
  /** Sequence number of the last record; they wrap from 2^31-1 to 0. */
  readonly lastSequence: number
  /** Number of records. For a compressed message of magic 0 or 1 this decompresses it. */
  readonly count: number
  /** The batch's bytes, not copied. */
  readonly bytes: Buffer
  /** Computes the checksum and compares. */
  isValid(): boolean
  /** Walks the records without an object per record. Throws WireError, as iterating does, when they are malformed. */
  records(): RecordCursor
  /** All records in an array. */
  toArray(): RecordView[]
}

/** What reading of batches may be told. */
export interface DecodeRecordsOptions {
  /** Compare every batch's checksum before it is handed out. Default true. */
  readonly checkCrc?: boolean
  /** The most bytes one batch's records may have when decompressed. Default 100 MiB, a broker's default request limit. */
  readonly maxDecompressedBytes?: number
  /** Take an incomplete batch at the end as the end, as fetch responses cut at a byte limit need. Default true. */
  readonly allowPartial?: boolean
}

/** Default of `maxDecompressedBytes`: `socket.request.max.bytes` of a broker. */
export const defaultMaxDecompressedBytes = 104_857_600
