import { WireError } from '../errors.js'
import { batchHeaderBytes, batchLayout as layout, logOverhead } from './layout.js'
import { MessageSetBatch, smallestMessageBytes } from './message-set.js'
import { RecordBatch } from './record-batch.js'
import {
  type DecodeRecordsOptions,
  defaultMaxDecompressedBytes,
  type RecordBatchView,
} from './record-batch-view.js'

/** Bytes up to and including the magic, which tells the three formats apart. */
const bytesToMagic = layout.magic + 1

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/**
 * Reads the batch that begins at `position`, header only, without its checksum; `null` when fewer bytes are there than its
 * length field says. Throws WireError when length or magic cannot be right.
 */
export const readBatchHeader = (
  bytes: Uint8Array,
  position = 0,
  maxDecompressedBytes: number = defaultMaxDecompressedBytes,
): RecordBatchView | null => readBatch(bytes, viewOf(bytes), position, maxDecompressedBytes, true)

const readBatch = (
  bytes: Uint8Array,
  view: DataView,
  position: number,
  maxDecompressedBytes: number,
  checkCrc: boolean,
): RecordBatchView | null => {
  const left = bytes.length - position
  if (left < logOverhead) return null
  const size = view.getInt32(position + layout.length)
  if (size < smallestMessageBytes) {
    throw fault(`a batch of ${size} bytes is too short`, position + layout.length)
  }
  if (left < bytesToMagic) return null
  const magic = view.getInt8(position + layout.magic)
  const sizeInBytes = size + logOverhead
  if (magic === 2) {
    if (sizeInBytes < batchHeaderBytes) {
      throw fault(`a record batch of ${size} bytes is too short`, position + layout.length)
    }
    if (sizeInBytes > left) return null
    return new RecordBatch(bytes, view, position, sizeInBytes, maxDecompressedBytes)
  }
  if (magic !== 0 && magic !== 1) {
    throw fault(`magic ${magic} is unknown: 0, 1 and 2 are`, position + layout.magic)
  }
  if (sizeInBytes > left) return null
  return new MessageSetBatch(
    bytes,
    view,
    position,
    sizeInBytes,
    magic,
    maxDecompressedBytes,
    checkCrc,
  )
}

const fault = (message: string, offset: number): WireError =>
  new WireError({ message, messageName: 'RecordBatch', offset })

/**
 * Walks the batches of a records field (a fetch response, a produce request, a piece of a log segment), of every magic, also
 * mixed. Batches are checked and handed out one by one; their records are decompressed and parsed when asked for. An
 * incomplete batch at the end is the end, unless `allowPartial` is false. Throws WireError with the byte offset at the first
 * batch that is malformed or fails its checksum, UnsupportedCompressionError when a codec is not installed.
 */
export function* decodeRecords(
  bytes: Uint8Array,
  options: DecodeRecordsOptions = {},
): Generator<RecordBatchView, void, undefined> {
  const {
    checkCrc = true,
    maxDecompressedBytes = defaultMaxDecompressedBytes,
    allowPartial = true,
  } = options
  const view = viewOf(bytes)
  let position = 0
  while (position < bytes.length) {
    const batch = readBatch(bytes, view, position, maxDecompressedBytes, checkCrc)
    if (batch === null) {
      if (allowPartial) return
      throw fault(`${bytes.length - position} bytes at the end are no whole batch`, position)
    }
    if (checkCrc) assertValid(batch)
    yield batch
    position += batch.sizeInBytes
  }
}

/** Throws WireError when the checksum of a batch is wrong. */
export const assertValid = (batch: RecordBatchView): void => {
  if (batch.isValid()) return
  const kind = batch.magic === 2 ? 'CRC-32C' : 'CRC-32'
  const stored = batch.crc.toString(16).padStart(8, '0')
  throw fault(
    `the ${kind} of the ${batch.sizeInBytes} bytes is not ${stored} as stored: they were altered or torn on the way`,
    batch.position,
  )
}
