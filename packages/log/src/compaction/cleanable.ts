import type { LogCore } from '../log-core.js'

/** How far a log may be compacted, and how much there is to gain. */
export interface Cleanable {
  /** Where the part begins that was not looked at yet. */
  readonly firstDirtyOffset: number
  /** Where it ends for now. */
  readonly firstUncleanableOffset: number
  /** Bytes that may be compacted over bytes of all that was and may be: Kafka's dirty ratio, 0 if there is nothing. */
  readonly dirtyRatio: number
  /** Whether a record waits for longer than `max.compaction.lag.ms`. */
  readonly isOverdue: boolean
  /** When time alone will change this; Infinity if it will not. */
  readonly changesMs: number
}

/** What is to be known to tell. */
export interface CleanablePlace {
  /** From `cleaner-offset-checkpoint`; undefined: nothing was compacted yet. */
  readonly cleanedTo?: number | undefined
  readonly highWatermark: number
  readonly nowMs: number
}

/**
 * Finds out what of a log may be compacted: finished segments below the high watermark and below any open transaction
 * whose records are older than `min.compaction.lag.ms`.
 */
export function findCleanable(core: LogCore, place: CleanablePlace): Cleanable {
  const { segments, startOffset, endOffset, config } = core
  const { highWatermark, nowMs } = place
  const cleanedTo = place.cleanedTo ?? 0
  const firstDirtyOffset = cleanedTo > endOffset ? startOffset : Math.max(cleanedTo, startOffset)
  const limit = Math.min(highWatermark, core.producers.firstUnstableOffset() ?? highWatermark)
  let changesMs = Number.POSITIVE_INFINITY
  let clean = 0
  let dirty = 0
  let isOverdue = false
  let end = firstDirtyOffset
  for (let index = 0; index < segments.length - 1; index++) {
    const segment = segments[index]
    const next = segments[index + 1]?.baseOffset ?? endOffset
    if (segment === undefined || next > limit) break
    if (next <= firstDirtyOffset) {
      clean += segment.sizeInBytes
      continue
    }
    const freeMs = segment.largestTimestamp + config.minCompactionLagMs
    if (config.minCompactionLagMs > 0 && freeMs > nowMs) {
      changesMs = Math.min(changesMs, freeMs)
      break
    }
    const overdueMs = segment.firstTimestampMs + config.maxCompactionLagMs
    if (nowMs >= overdueMs) isOverdue = true
    else changesMs = Math.min(changesMs, overdueMs)
    dirty += segment.sizeInBytes
    end = next
  }
  const dirtyRatio = dirty === 0 ? 0 : dirty / (clean + dirty)
  return { firstDirtyOffset, firstUncleanableOffset: end, dirtyRatio, isOverdue, changesMs }
}
