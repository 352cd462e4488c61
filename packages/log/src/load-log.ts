import type { ScannedBatch } from './batch-scan.js'
import { completeSwaps } from './complete-swaps.js'
import { EpochCache } from './epoch-cache.js'
import {
  cleanedSuffix,
  deletedSuffix,
  fileName,
  logSuffix,
  offsetIndexSuffix,
  offsetOfFile,
  timeIndexSuffix,
  transactionIndexSuffix,
} from './file-names.js'
import { loadProducers } from './load-producers.js'
import type { LogConfig } from './log-config.js'
import { ProducerState } from './producer-state.js'
import { Segment } from './segment.js'
import type { Storage } from './storage/storage.js'
import type { OpenLogOptions } from './types.js'

/** What was found in a partition's directory. */
export interface LoadedLog {
  /** At least one, rising. */
  readonly segments: Segment[]
  readonly logStartOffset: number
  readonly logEndOffset: number
  readonly recoveryPoint: number
  readonly epochs: EpochCache
  readonly producers: ProducerState
  /** Offset of the newest producer snapshot; -1 if there is none. */
  readonly snapshotOffset: number
}

/** Leftovers of work that a stop has cut short. */
const leftovers = [deletedSuffix, cleanedSuffix, '.tmp']

/** Reads a partition's directory; recovers what an unclean stop may have torn. */
export function loadLog(options: OpenLogOptions, config: LogConfig): LoadedLog {
  const { storage, directory, nowMs, cleanShutdown = false } = options
  const isNew = storage.makeDirectory(directory)
  const epochs = new EpochCache(storage, directory, isNew)
  // The file of the epochs is not synced: where it is lost, all batches have to tell.
  const known = epochs.latestEpoch < 0 ? 0 : (options.recoveryPoint ?? 0)
  /** Undefined: nothing needs to be read through. */
  const recoveryPoint = cleanShutdown ? undefined : known
  let segments = isNew ? [] : openSegments(storage, directory, nowMs)
  segments = recoverSegments(segments, recoveryPoint, epochs, config)
  let logEndOffset = segments.at(-1)?.readNextOffset() ?? 0
  const wanted = options.logStartOffset ?? 0
  if (segments.length === 0 || logEndOffset < wanted) {
    for (const segment of segments) segment.delete()
    segments = [new Segment(storage, directory, wanted, nowMs, { noIndexes: isNew })]
    logEndOffset = wanted
  }
  const logStartOffset = Math.max(wanted, segments[0]?.baseOffset ?? 0)
  epochs.truncateFromEnd(logEndOffset)
  epochs.truncateFromStart(logStartOffset)
  const producers = new ProducerState()
  const snapshotOffset = isNew
    ? -1
    : loadProducers({
        storage,
        directory,
        segments,
        producers,
        startOffset: logStartOffset,
        endOffset: logEndOffset,
      })
  return {
    segments,
    logStartOffset,
    logEndOffset,
    recoveryPoint: Math.min(recoveryPoint ?? logEndOffset, logEndOffset),
    epochs,
    producers,
    snapshotOffset,
  }
}

/** The segments, rising; removes leftovers and indexes without a log. */
function openSegments(storage: Storage, directory: string, nowMs: number): Segment[] {
  const names = completeSwaps(storage, directory)
  const present = new Set(names)
  const offsets: number[] = []
  for (const name of names) {
    const offset = offsetOfFile(name, logSuffix)
    if (offset !== undefined) offsets.push(offset)
    const isLeftover = leftovers.some((suffix) => name.endsWith(suffix))
    const isOrphan = [offsetIndexSuffix, timeIndexSuffix, transactionIndexSuffix].some(
      (suffix) => name.endsWith(suffix) && !present.has(name.slice(0, -suffix.length) + logSuffix),
    )
    if (isLeftover || isOrphan) storage.remove(`${directory}/${name}`)
  }
  return offsets
    .sort((a, b) => a - b)
    .map((offset) => {
      const noIndexes = [offsetIndexSuffix, timeIndexSuffix].every(
        (suffix) => !present.has(fileName(offset, suffix)),
      )
      return new Segment(storage, directory, offset, nowMs, { noIndexes })
    })
}

/**
 * Reads through every segment that reaches the recovery point and rebuilds indexes that do not fit. The log ends at the first
 * byte that is not part of an intact batch: what follows it goes, later segments included.
 */
function recoverSegments(
  segments: readonly Segment[],
  recoveryPoint: number | undefined,
  epochs: EpochCache,
  config: LogConfig,
): Segment[] {
  const { indexIntervalBytes } = config
  const visit = ({ header: { leaderEpoch, baseOffset } }: ScannedBatch): void => {
    if (leaderEpoch > epochs.latestEpoch) epochs.assign(leaderEpoch, baseOffset)
  }
  let isTorn = false
  const kept: Segment[] = []
  for (const [index, segment] of segments.entries()) {
    if (isTorn) {
      segment.delete()
      continue
    }
    kept.push(segment)
    const end = segments[index + 1]?.baseOffset ?? Number.POSITIVE_INFINITY
    if (recoveryPoint !== undefined && end > recoveryPoint) {
      const cut = segment.rebuild({
        checkCrc: true,
        indexIntervalBytes,
        from: recoveryPoint,
        isActive: end === Number.POSITIVE_INFINITY,
        visit,
      })
      isTorn = cut > 0
    } else if (!segment.hasSaneIndexes(end)) {
      const isActive = end === Number.POSITIVE_INFINITY
      segment.rebuild({ checkCrc: false, indexIntervalBytes, isActive, visit })
    }
  }
  return kept
}
