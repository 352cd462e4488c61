import { deletedSuffix } from './file-names.js'
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
  core.revision += 1
  const expired = core.segments.splice(0, count)
  core.hints.clear()
  doom(core, expired, nowMs)
  const start = core.segments[0]?.baseOffset ?? core.endOffset
  core.startOffset = Math.max(core.startOffset, start)
  removeSnapshotsBelow(core.storage, core.directory, start)
  core.epochs.truncateFromStart(core.startOffset)
  core.recoveryPoint = Math.max(core.recoveryPoint, core.startOffset)
  return count
}

/** Takes segments out of use: their files keep another name until `file.delete.delay.ms` is over. */
export function doom(core: LogCore, segments: readonly Segment[], nowMs: number): void {
  const dueMs = nowMs + core.config.fileDeleteDelayMs
  for (const segment of segments) {
    for (const path of segment.rename(deletedSuffix)) core.doomed.push({ path, dueMs })
  }
  removeDoomed(core, nowMs)
  if (core.doomed.length > 0) core.announceWork()
}

/** Removes the files whose delay is over. */
export function removeDoomed(core: LogCore, nowMs: number): void {
  if (core.doomed.length === 0) return
  for (const { path, dueMs } of core.doomed) if (dueMs <= nowMs) core.storage.remove(path)
  core.doomed = core.doomed.filter(({ dueMs }) => dueMs > nowMs)
}

/** When the oldest segment is to go, as far as can be told now: at once if it is too much, later if it gets too old. */
export function nextRetentionMs(core: LogCore, nowMs: number, highWatermark: number): number {
  if (countExpired(core, nowMs, highWatermark) > 0) return nowMs
  const { retentionMs, cleanupDelete } = core.config
  const oldest = core.segments[0] as Segment
  const ages = cleanupDelete && retentionMs >= 0 && oldest.sizeInBytes > 0
  return ages ? Math.max(lastUseMs(oldest) + retentionMs + 1, nowMs) : Number.POSITIVE_INFINITY
}

/** When something else is to be done than to delete segments. */
export function nextChoreMs({ config, doomed, unsyncedSinceMs }: LogCore): number {
  let due = unsyncedSinceMs >= 0 ? unsyncedSinceMs + config.flushMs : Number.POSITIVE_INFINITY
  for (const { dueMs } of doomed) due = Math.min(due, dueMs)
  return due
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
    if (end > highWatermark || (segment.sizeInBytes === 0 && next === undefined)) break
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
