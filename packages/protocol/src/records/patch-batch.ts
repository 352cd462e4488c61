import { crc32c } from '../bytes/crc32c.js'
import { writeInt64Number } from '../bytes/int64.js'
import { WireError } from '../errors.js'
import { attributeBits, batchHeaderBytes, batchLayout as layout, logOverhead } from './layout.js'

/** What a broker writes into a batch when it appends it. */
export interface BatchPatch {
  readonly baseOffset?: bigint | number | undefined
  readonly partitionLeaderEpoch?: number | undefined
  /** Sets log append time with this time for all records; the checksum is computed anew. */
  readonly logAppendTime?: number | undefined
  /** Sets create time with this largest timestamp; the checksum is computed anew. */
  readonly maxTimestamp?: number | undefined
}

/**
 * Changes the header of the v2 batch at `position`, in place. Base offset and leader epoch lie before the checksummed bytes, so
 * that a broker can set them without reading the records. Throws WireError when no whole v2 batch lies there.
 */
export const patchBatch = (bytes: Uint8Array, position: number, patch: BatchPatch): void => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const left = bytes.length - position
  const size = left < batchHeaderBytes ? -1 : view.getInt32(position + layout.length) + logOverhead
  if (size < batchHeaderBytes || size > left || view.getInt8(position + layout.magic) !== 2) {
    throw new WireError({
      message: 'no whole batch of magic 2 lies here to be patched',
      messageName: 'RecordBatch',
      offset: position,
    })
  }
  const { baseOffset, partitionLeaderEpoch, logAppendTime } = patch
  if (typeof baseOffset === 'bigint') view.setBigInt64(position + layout.baseOffset, baseOffset)
  else if (baseOffset !== undefined) {
    writeInt64Number(view, position + layout.baseOffset, baseOffset)
  }
  if (partitionLeaderEpoch !== undefined) {
    view.setInt32(position + layout.partitionLeaderEpoch, partitionLeaderEpoch)
  }
  const maxTimestamp = logAppendTime ?? patch.maxTimestamp
  if (maxTimestamp === undefined) return
  writeInt64Number(view, position + layout.maxTimestamp, maxTimestamp)
  const attributes = view.getInt16(position + layout.attributes) & ~attributeBits.logAppendTime
  view.setInt16(
    position + layout.attributes,
    logAppendTime === undefined ? attributes : attributes | attributeBits.logAppendTime,
  )
  const crc = crc32c(bytes, position + layout.attributes, position + size)
  view.setUint32(position + layout.crc, crc)
}
