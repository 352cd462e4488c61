import { attributeBits, batchHeaderBytes, batchLayout, logOverhead } from '@ottla/protocol'
import { readInt16, readInt32, readInt64 } from './bytes.js'

/** Header of a record batch, or of one entry of a message set, in numbers. */
export interface BatchHeader {
  readonly magic: number
  /** Whole size with the 12 bytes of offset and length. */
  readonly sizeInBytes: number
  /** Of a message set's entry: the same as `lastOffset`, as the first one is known only after decompression. */
  readonly baseOffset: number
  readonly lastOffset: number
  /** -1 before magic 2. */
  readonly leaderEpoch: number
  readonly attributes: number
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  /** -1 before magic 2. */
  readonly count: number
}

/** Bytes that must be there before an entry's size and magic can be read. */
export const entryPrefixBytes = batchLayout.magic + 1

/** Smallest size field of an entry: that of an empty message of magic 0. */
const smallestEntry = 14

/** Size of the entry at `at` from its length field; -1 if the field makes no sense. Needs 12 bytes. */
export const entrySize = (bytes: Uint8Array, at: number): number => {
  const length = readInt32(bytes, at + batchLayout.length)
  return length < smallestEntry ? -1 : length + logOverhead
}

/**
 * Reads the header at `at`; the caller has checked that the whole header is there ({@link headerBytes}).
 * Undefined if the magic is unknown or the size is too small for its magic.
 */
export function parseBatchHeader(bytes: Uint8Array, at: number): BatchHeader | undefined {
  const magic = bytes[at + batchLayout.magic] as number
  const sizeInBytes = entrySize(bytes, at)
  if (magic === 2) {
    return sizeInBytes < batchHeaderBytes ? undefined : readVersion2(bytes, at, sizeInBytes)
  }
  if (magic > 2 || sizeInBytes < 0 || sizeInBytes < headerBytes(magic)) return undefined
  const offset = readInt64(bytes, at)
  const timestamp = magic === 1 ? readInt64(bytes, at + 18) : -1
  return {
    magic,
    sizeInBytes,
    baseOffset: offset,
    lastOffset: offset,
    leaderEpoch: -1,
    attributes: bytes[at + 17] as number,
    baseTimestamp: timestamp,
    maxTimestamp: timestamp,
    producerId: -1,
    producerEpoch: -1,
    baseSequence: -1,
    count: -1,
  }
}

/** Last offset of the whole entry at `at`, and nothing else of its header. Undefined as {@link parseBatchHeader}. */
export function readLastOffset(bytes: Uint8Array, at: number, size: number): number | undefined {
  if (bytes[at + batchLayout.magic] !== 2) return parseBatchHeader(bytes, at)?.lastOffset
  if (size < batchHeaderBytes) return undefined
  return readInt64(bytes, at) + readInt32(bytes, at + batchLayout.lastOffsetDelta)
}

function readVersion2(bytes: Uint8Array, at: number, sizeInBytes: number): BatchHeader {
  const baseOffset = readInt64(bytes, at)
  return {
    magic: 2,
    sizeInBytes,
    baseOffset,
    lastOffset: baseOffset + readInt32(bytes, at + batchLayout.lastOffsetDelta),
    leaderEpoch: readInt32(bytes, at + batchLayout.partitionLeaderEpoch),
    attributes: readInt16(bytes, at + batchLayout.attributes),
    baseTimestamp: readInt64(bytes, at + batchLayout.baseTimestamp),
    maxTimestamp: readInt64(bytes, at + batchLayout.maxTimestamp),
    producerId: readInt64(bytes, at + batchLayout.producerId),
    producerEpoch: readInt16(bytes, at + batchLayout.producerEpoch),
    baseSequence: readInt32(bytes, at + batchLayout.baseSequence),
    count: readInt32(bytes, at + batchLayout.recordCount),
  }
}

/** Bytes of the fixed part of an entry with this magic, as far as {@link parseBatchHeader} reads. */
export const headerBytes = (magic: number): number =>
  magic >= 2 ? batchHeaderBytes : magic === 1 ? 34 : 26

/** Number of the codec in the attributes: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
export const codecOf = (header: BatchHeader): number =>
  header.attributes & attributeBits.compression

/** True for a batch of control records, such as a transaction marker. */
export const isControl = (header: BatchHeader): boolean =>
  (header.attributes & attributeBits.control) !== 0

/** True for a batch that is part of a transaction. */
export const isTransactional = (header: BatchHeader): boolean =>
  (header.attributes & attributeBits.transactional) !== 0

/** Sequences count records and wrap after 2^31 - 1 to 0. */
export const sequenceAfter = (sequence: number, records: number): number => {
  const next = sequence + records
  return next > 0x7fff_ffff ? next - 0x8000_0000 : next
}
