import { removeSnapshotsBelow } from './load-producers.js'
import type { LogCore } from './log-core.js'
import type { Segment } from './segment.js'

/**
 * Deletes the segments whose time is over.
 *
 * @returns how many.
 */
export function retainLog(core: LogCore, nowMs: number, highWatermark: number): number {
  const count = countExpired(core, nowMs, highWatermark)
  if (count === 0) return 0
  if (count === core.segments.length) core.roll(nowMs)
  const expired = core.segments.splice(0, count)
  core.hints.clear()
  for (const segment of expired) segment.delete()
  const start = core.segments[0]?.baseOffset ?? core.endOffset
  core.startOffset = Math.max(core.startOffset, start)
  removeSnapshotsBelow(core.storage, core.directory, start)
  core.epochs.truncateFromStart(core.startOffset)
  core.recoveryPoint = Math.max(core.recoveryPoint, core.startOffset)
  return count
}

/**
 * How many segments, from the oldest on, may go: below the log start offset, too old, or too much. A segment that reaches the
 * high watermark stays, and so does an empty last one.
 */
function countExpired(core: LogCore, nowMs: number, highWatermark: number): number {
  const { segments } = core
  const { retentionMs, retentionBytes, cleanupDelete } = core.config
  let excess = segments.reduce((total, segment) => total + segment.sizeInBytes, 0) - retentionBytes
  let count = 0
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1]
    const end = next?.baseOffset ?? core.endOffset
    if (end > highWatermark || segment.sizeInBytes === 0) break
    const isBelowStart = next !== undefined && end <= core.startOffset
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
