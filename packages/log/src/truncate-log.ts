import type { LogCore } from './log-core.js'
import { Segment } from './segment.js'

/** Removes every batch that reaches `offset`; the next record gets that offset. */
export function truncateLog(core: LogCore, offset: number, nowMs: number): void {
  if (offset >= core.endOffset) return
  if (offset < (core.segments[0]?.baseOffset ?? 0)) {
    restartLog(core, offset, nowMs)
    return
  }
  core.revision += 1
  core.hints.clear()
  const kept = core.segments.filter((segment) => segment.baseOffset <= offset)
  for (const segment of core.segments.slice(kept.length)) segment.delete()
  core.segments = kept
  core.active.truncateTo(offset)
  core.endOffset = offset
  core.startOffset = Math.min(core.startOffset, offset)
  core.recoveryPoint = Math.min(core.recoveryPoint, offset)
  core.epochs.truncateFromEnd(offset)
  core.reloadProducers()
}

/** Removes everything and goes on at `offset`. */
export function restartLog(core: LogCore, offset: number, nowMs: number): void {
  core.revision += 1
  core.hints.clear()
  for (const segment of core.segments) segment.delete()
  core.segments = [new Segment(core.storage, core.directory, offset, nowMs)]
  core.startOffset = offset
  core.endOffset = offset
  core.recoveryPoint = Math.min(core.recoveryPoint, offset)
  core.epochs.clear()
  core.reloadProducers()
}
