import { decodeRecords } from '@ottla/protocol'
import { scanBatches } from './batch-scan.js'
import type { Segment } from './segment.js'

/** A record's place and time. */
export interface TimedRecord {
  readonly offset: number
  readonly timestamp: number
}

/** First record in a segment, from `startOffset` on, whose timestamp is at least the given one. */
export function findTimestamp(
  segment: Segment,
  timestamp: number,
  startOffset: number,
): TimedRecord | undefined {
  const from = Math.max(segment.timeIndex.floor(timestamp).offset, startOffset)
  let found: TimedRecord | undefined
  const position = segment.offsetIndex.positionFor(from)
  scanBatches(segment.file, position, segment.sizeInBytes, { whole: false }, (batch) => {
    const { header } = batch
    if (header.maxTimestamp < timestamp || header.lastOffset < startOffset) return true
    const bytes = segment.file.read(batch.position, header.sizeInBytes)
    found = firstRecord(
      bytes,
      (record) => record.timestamp >= timestamp && record.offset >= startOffset,
    )
    return found === undefined
  })
  return found
}

/** The record that holds the largest timestamp of a segment; undefined if its records have none. */
export function findLargestTimestamp(segment: Segment): TimedRecord | undefined {
  const { largestTimestamp } = segment
  if (largestTimestamp < 0) return undefined
  let found: TimedRecord | undefined
  const position = segment.positionOf(segment.offsetOfLargestTimestamp)
  scanBatches(segment.file, position, segment.sizeInBytes, { whole: false }, (batch) => {
    const bytes = segment.file.read(batch.position, batch.header.sizeInBytes)
    found = firstRecord(bytes, (record) => record.timestamp >= largestTimestamp)
    return false
  })
  return found
}

function firstRecord(
  bytes: Uint8Array,
  isWanted: (record: TimedRecord) => boolean,
): TimedRecord | undefined {
  for (const batch of decodeRecords(bytes, { checkCrc: false })) {
    for (const { offset, timestamp } of batch) {
      const record = { offset: Number(offset), timestamp }
      if (isWanted(record)) return record
    }
  }
  return undefined
}
