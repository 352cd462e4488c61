import type { LogConfig } from './log-config.js'
import type { Segment } from './segment.js'

/** What retention needs to know of a log. */
export interface RetentionState {
  readonly config: LogConfig
  readonly logStartOffset: number
  readonly logEndOffset: number
}

/**
 * How many segments, from the oldest on, may go: below the log start offset, too old, or too much. A segment that reaches the
 * high watermark stays, and so does an empty last one.
 */
export function countExpired(
  segments: readonly Segment[],
  log: RetentionState,
  nowMs: number,
  highWatermark: number,
): number {
  const { retentionMs, retentionBytes, cleanupDelete } = log.config
  let excess = segments.reduce((total, segment) => total + segment.sizeInBytes, 0) - retentionBytes
  let count = 0
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1]
    const end = next?.baseOffset ?? log.logEndOffset
    if (end > highWatermark || segment.sizeInBytes === 0) break
    const isBelowStart = next !== undefined && end <= log.logStartOffset
    const isOld = retentionMs >= 0 && nowMs - lastUseMs(segment) > retentionMs
    const isExcess = retentionBytes >= 0 && excess - segment.sizeInBytes >= 0
    if (!isBelowStart && !(cleanupDelete && (isOld || isExcess))) break
    excess -= segment.sizeInBytes
    count += 1
  }
  return count
}

/** Age by records; a segment whose records have no timestamps is as old as this process has known it. */
const lastUseMs = (segment: Segment): number =>
  segment.largestTimestamp >= 0 ? segment.largestTimestamp : segment.createdMs
