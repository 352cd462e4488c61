import { batchLayout, crc32c, decodeRecords } from '@ottla/protocol'
import { type BatchHeader, entrySize, headerBytes, parseBatchHeader } from './batch-header.js'
import { readInt32 } from './bytes.js'
import type { LogFile } from './storage/storage.js'

/** Bytes read at once while scanning; more in memory that is used again. */
const windowBytes = 65_536
const reusedBytes = 262_144

/** A batch met by {@link scanBatches}. */
export interface ScannedBatch {
  readonly header: BatchHeader
  /** Where the batch starts in the file. */
  readonly position: number
  /** Holds at least the header; the whole batch if the scan was asked for it. */
  readonly bytes: Uint8Array
  /** Where the batch starts in `bytes`. */
  readonly at: number
}

/**
 * Walks the batches of a file from `start`, which must be a batch's start. Ends at `end`, at bytes that are no whole batch,
 * or when `visit` returns false.
 *
 * @returns the position after the last batch that was visited (and not refused by `visit`).
 */
export function scanBatches(
  file: LogFile,
  start: number,
  end: number,
  options: {
    readonly whole: boolean
    /** `visit` keeps no bytes: the same memory is read into again and again. */
    readonly reuse?: boolean
  },
  visit: (batch: ScannedBatch) => boolean | undefined,
): number {
  const memory =
    options.reuse === true
      ? new Uint8Array(Math.min(reusedBytes, Math.max(end - start, 0)))
      : undefined
  const allocate = (size: number): Uint8Array =>
    memory !== undefined && size <= memory.byteLength ? memory : Buffer.allocUnsafe(size)
  const window = memory?.byteLength ?? windowBytes
  let position = start
  let windowStart = start
  let bytes: Uint8Array = new Uint8Array(0)
  while (position < end) {
    let at = position - windowStart
    // The longest header first; a shorter entry at the end of the file has fewer bytes.
    let needed = Math.min(headerBytes(2), end - position)
    for (;;) {
      if (at + needed > bytes.byteLength) {
        bytes = file.read(position, Math.min(Math.max(needed, window), end - position), allocate)
        windowStart = position
        at = 0
        if (bytes.byteLength < needed) return position
      }
      if (needed < headerBytes(0)) return position
      const size = entrySize(bytes, at)
      if (size < 0 || position + size > end) return position
      if (!options.whole || needed >= size) break
      needed = size
    }
    const header = parseBatchHeader(bytes, at)
    if (header === undefined || header.lastOffset < header.baseOffset) return position
    if (visit({ header, position, bytes, at }) === false) return position
    position += header.sizeInBytes
  }
  return position
}

/** True if the checksum of the whole batch at `at` is right. */
export function isChecksumRight(bytes: Uint8Array, at: number, header: BatchHeader): boolean {
  const end = at + header.sizeInBytes
  if (header.magic === 2) {
    const stored = readInt32(bytes, at + batchLayout.crc) >>> 0
    return crc32c(bytes, at + batchLayout.attributes, end) === stored
  }
  try {
    for (const _batch of decodeRecords(bytes.subarray(at, end), { checkCrc: true })) return true
    return false
  } catch {
    return false
  }
}
