import { batchHeaderBytes } from '@ottla/protocol'
import { entryPrefixBytes, entrySize, headerBytes, readLastOffset } from './batch-header.js'
import { readInt64 } from './bytes.js'
import type { Segment } from './segment.js'
import type { ReadOptions } from './types.js'

/** Batches read from one segment. */
export interface SegmentSlice {
  readonly bytes: Uint8Array
  readonly firstOffset: number
  readonly nextOffset: number
  /** Position in the segment after `bytes`. */
  readonly endPosition: number
}

/**
 * Whole batches from a position that is a batch's start, at most `maxBytes` of them (but the first one even if it is larger,
 * unless told otherwise), none that reaches `maxOffset`. Undefined if there is none.
 */
export function readSlice(
  segment: Segment,
  position: number,
  options: ReadOptions,
): SegmentSlice | undefined {
  const { maxBytes, maxOffset, minOneBatch = true, allocate } = options
  const { file } = segment
  const left = file.size - position
  let bytes = file.read(position, Math.min(Math.max(maxBytes, batchHeaderBytes), left), allocate)
  if (bytes.byteLength < headerBytes(0)) return undefined
  const firstSize = entrySize(bytes, 0)
  if (firstSize < 0 || firstSize > left || (firstSize > maxBytes && !minOneBatch)) return undefined
  if (firstSize > bytes.byteLength) bytes = file.read(position, firstSize, allocate)
  let end = 0
  let firstOffset = -1
  let nextOffset = -1
  while (bytes.byteLength - end >= entryPrefixBytes) {
    const size = entrySize(bytes, end)
    if (size < 0 || size > bytes.byteLength - end || (end > 0 && end + size > maxBytes)) break
    const lastOffset = readLastOffset(bytes, end, size)
    if (lastOffset === undefined || lastOffset >= maxOffset) break
    // Damaged. Whoever reads straight on is refused; whoever looks up an offset behind it is served from there.
    if (end > 0 && lastOffset < nextOffset) break
    if (firstOffset < 0) firstOffset = readInt64(bytes, end)
    nextOffset = lastOffset + 1
    end += size
  }
  if (end === 0) return undefined
  const whole = end === bytes.byteLength ? bytes : bytes.subarray(0, end)
  return { bytes: whole, firstOffset, nextOffset, endPosition: position + end }
}
