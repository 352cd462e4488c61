import type { LogCore } from './log-core.js'
import { LogError } from './log-error.js'
import { readSlice, type SegmentSlice } from './read-slice.js'
import type { Segment } from './segment.js'
import { findLargestTimestamp, findTimestamp, type TimedRecord } from './timestamp-lookup.js'
import type { FetchSlice, ReadOptions, TimestampedOffset } from './types.js'

const nothing = (offset: number): FetchSlice => ({
  bytes: new Uint8Array(0),
  firstOffset: offset,
  nextOffset: offset,
})

/** Whole batches from one segment, the first of which holds `offset`. */
export function readLog(core: LogCore, offset: number, options: ReadOptions): FetchSlice {
  const { startOffset, endOffset, segments } = core
  if (offset < startOffset || offset > endOffset) {
    throw new LogError(
      'OFFSET_OUT_OF_RANGE',
      `offset ${offset} is outside [${startOffset}, ${endOffset}] of ${core.directory}`,
    )
  }
  if (offset < Math.min(options.maxOffset, endOffset)) {
    for (let index = core.segmentIndexFor(offset); index < segments.length; index++) {
      const slice = readSegment(core, segments[index] as Segment, offset, options)
      if (slice !== undefined) return slice
    }
  }
  return nothing(offset)
}

/** Undefined if the segment holds nothing from `offset` on: the next one may. */
function readSegment(
  core: LogCore,
  segment: Segment,
  offset: number,
  options: ReadOptions,
): FetchSlice | undefined {
  let slice: SegmentSlice | undefined
  let position: number
  try {
    position = core.hints.take(offset, segment) ?? segment.positionOf(offset)
    slice = readSlice(segment, position, options)
  } catch (cause) {
    throw core.storageError('read from', cause)
  }
  if (slice === undefined) return position < segment.sizeInBytes ? nothing(offset) : undefined
  const { bytes, firstOffset, nextOffset, endPosition } = slice
  if (nextOffset <= offset) {
    // Whoever reads on from there would never come to an end.
    throw new LogError(
      'CORRUPT_MESSAGE',
      `the batch at byte ${position} of ${segment.file.path} is damaged: it was to hold offset ${offset} and ends before ${nextOffset}`,
    )
  }
  core.hints.put(nextOffset, segment, endPosition)
  return { bytes, firstOffset, nextOffset }
}

/** First record below `maxOffset` whose timestamp is at least the given one. */
export function offsetForTimestamp(
  core: LogCore,
  timestamp: number,
  maxOffset: number,
): TimestampedOffset | undefined {
  for (const segment of core.segments) {
    if (segment.largestTimestamp < timestamp) continue
    const found = findTimestamp(segment, timestamp, core.startOffset)
    if (found !== undefined) return found.offset < maxOffset ? withEpoch(core, found) : undefined
  }
  return undefined
}

/** The record with the largest timestamp of all. */
export function maxTimestampOffset(core: LogCore): TimestampedOffset | undefined {
  let newest: Segment | undefined
  for (const segment of core.segments) {
    if (newest === undefined || segment.largestTimestamp > newest.largestTimestamp) newest = segment
  }
  const found = newest === undefined ? undefined : findLargestTimestamp(newest)
  return found === undefined ? undefined : withEpoch(core, found)
}

const withEpoch = ({ epochs }: LogCore, { offset, timestamp }: TimedRecord): TimestampedOffset => ({
  offset,
  timestamp,
  leaderEpoch: epochs.epochFor(offset),
})
