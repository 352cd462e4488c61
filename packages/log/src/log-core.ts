import type { EpochCache } from './epoch-cache.js'
import type { LoadedLog } from './load-log.js'
import { loadProducers, saveProducers } from './load-producers.js'
import type { LogConfig } from './log-config.js'
import { LogError } from './log-error.js'
import type { ProducerState } from './producer-state.js'
import { ReadHints } from './read-hints.js'
import { Segment } from './segment.js'
import type { Storage } from './storage/storage.js'
import type { LogSync, OpenLogOptions } from './types.js'

/** Kafka's `producer.id.expiration.check.interval.ms`. */
const producerExpiryIntervalMs = 600_000

/** A log up to here is read again quickly. */
const shortBytes = 65_536

/**
 * What the parts of a log share: its segments and offsets. Each part (appending, reading, truncating, retaining) is a file
 * of functions over it; {@link Log} is the face they show.
 */
export class LogCore {
  readonly storage: Storage
  readonly directory: string
  readonly epochs: EpochCache
  readonly producers: ProducerState
  readonly hints = new ReadHints()
  config: LogConfig
  /** Oldest first, never empty; the last one is written to. */
  segments: Segment[]
  startOffset: number
  endOffset: number
  /** Everything below is on the device. */
  recoveryPoint: number
  /** When the oldest record was written that may not be on the device; -1 if all are. */
  unsyncedSinceMs = -1
  /** Log end offset of the newest producer snapshot. */
  snapshotOffset: number
  isClosed = false
  /** When silent producers were last looked for; -1: not yet. */
  private producersExpiredMs = -1
  /** Counts what takes segments away: work on them that was interrupted meanwhile is pointless. */
  revision = 0
  /** A segment was finished that is not on the device. */
  hasSealedUnsynced = false
  /** Files of deleted segments, under another name, and when to remove them. */
  doomed: { readonly path: string; readonly dueMs: number }[] = []
  private readonly onWork: () => void

  constructor(
    { storage, directory, onWork = () => {} }: OpenLogOptions,
    config: LogConfig,
    loaded: LoadedLog,
  ) {
    this.storage = storage
    this.directory = directory
    this.config = config
    this.segments = loaded.segments
    this.startOffset = loaded.logStartOffset
    this.endOffset = loaded.logEndOffset
    this.recoveryPoint = loaded.recoveryPoint
    this.epochs = loaded.epochs
    this.producers = loaded.producers
    this.snapshotOffset = loaded.snapshotOffset
    this.onWork = onWork
  }

  get active(): Segment {
    return this.segments.at(-1) as Segment
  }

  /** Starts a new segment at the log end, unless the present one is empty. */
  roll(nowMs: number): void {
    if (this.active.sizeInBytes === 0) return
    this.active.seal()
    this.saveProducers()
    this.segments.push(
      new Segment(this.storage, this.directory, this.endOffset, nowMs, { noIndexes: true }),
    )
    this.hasSealedUnsynced = true
    this.announceWork()
  }

  /** Tells whoever does the work in the background that there is some. */
  announceWork(): void {
    this.onWork()
  }

  /** Something was written that is not on the device. */
  noteUnsynced(nowMs: number): void {
    if (this.unsyncedSinceMs >= 0) return
    this.unsyncedSinceMs = nowMs
    this.announceWork()
  }

  flush(): void {
    this.saveEpochs()
    for (const segment of this.segments) segment.flush()
    this.recoveryPoint = this.endOffset
    this.unsyncedSinceMs = -1
    this.hasSealedUnsynced = false
  }

  /** To be called before the recovery point rises; of a short log the batches are always read again. */
  private saveEpochs(): void {
    const isShort = this.segments.length === 1 && this.active.isShort
    if (!isShort || !this.epochs.isToldByBatches) this.epochs.save(this.endOffset)
  }

  /** The same with the waiting left to the caller. */
  beginSync(): LogSync {
    const { segments, endOffset, unsyncedSinceMs } = this
    this.saveEpochs()
    const paths = segments.flatMap((segment) => segment.beginSync() ?? [])
    this.unsyncedSinceMs = -1
    this.hasSealedUnsynced = false
    return {
      paths,
      succeed: () => {
        // Truncation may have moved the end meanwhile.
        this.recoveryPoint = Math.max(this.recoveryPoint, Math.min(endOffset, this.endOffset))
      },
      fail: () => {
        for (const segment of segments) segment.markUnsynced()
        this.noteUnsynced(unsyncedSinceMs)
      },
    }
  }

  /** The same at the end, unless the log is so short that reading it again costs less than a file. */
  saveProducersAtEnd(): void {
    const isShort = this.segments.length === 1 && this.active.sizeInBytes < shortBytes
    if (!isShort || this.producers.size > 0) this.saveProducers()
  }

  /**
   * Forgets silent producers, at Kafka's intervals: age is told by the records' timestamps, so a producer of old records
   * would otherwise be forgotten between two batches.
   */
  expireProducers(nowMs: number): void {
    if (this.producersExpiredMs < 0) this.producersExpiredMs = nowMs
    if (nowMs - this.producersExpiredMs < producerExpiryIntervalMs) return
    this.producersExpiredMs = nowMs
    this.producers.expire(nowMs, this.config.producerIdExpirationMs)
  }

  /** Writes a producer snapshot at the log end, if there is none. */
  saveProducers(): void {
    if (this.endOffset <= this.snapshotOffset) return
    saveProducers(this.storage, this.directory, this.endOffset, this.producers)
    this.snapshotOffset = this.endOffset
  }

  /** Rebuilds the producers after the log has lost its end. */
  reloadProducers(): void {
    const { storage, directory, segments, producers, startOffset, endOffset } = this
    const source = { storage, directory, segments, producers, startOffset, endOffset }
    this.snapshotOffset = loadProducers(source)
  }

  /** Index of the last segment that starts at or below `offset`. */
  segmentIndexFor(offset: number): number {
    let low = 0
    let high = this.segments.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if ((this.segments[middle] as Segment).baseOffset <= offset) low = middle
      else high = middle - 1
    }
    return low
  }

  /** The error for something the storage refused; a refusal of our own stays as it is. */
  storageError(what: string, cause: unknown): unknown {
    if (cause instanceof LogError) return cause
    const said = cause instanceof Error ? cause.message : String(cause)
    return new LogError('KAFKA_STORAGE_ERROR', `cannot ${what} ${this.directory}: ${said}`, {
      cause,
    })
  }

  assertOpen(): void {
    if (this.isClosed) {
      throw new LogError('KAFKA_STORAGE_ERROR', `the log ${this.directory} is closed`)
    }
  }
}
