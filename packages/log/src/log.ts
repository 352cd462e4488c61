import { appendAll, appendBatches } from './append-batches.js'
import { type Cleanable, type CleanablePlace, findCleanable } from './compaction/cleanable.js'
import { type Compaction, type CompactOptions, compactLog } from './compaction/compact-log.js'
import { type LoadedLog, loadLog } from './load-log.js'
import { type LogConfig, resolveLogConfig } from './log-config.js'
import { LogCore } from './log-core.js'
import { LogError } from './log-error.js'
import { maxTimestampOffset, offsetForTimestamp, readLog } from './read-log.js'
import { nextChoreMs, nextRetentionMs, removeDoomed, retainLog } from './retention.js'
import { restartLog, truncateLog } from './truncate-log.js'
import type {
  ActiveProducer,
  AppendInfo,
  AppendOptions,
  AppendRequest,
  EpochEndOffset,
  EpochStart,
  FetchSlice,
  LogSync,
  OpenLogOptions,
  ReadOptions,
  SegmentInfo,
  TimestampedOffset,
} from './types.js'

/**
 * Opens a partition's log, creating it if it is absent. After an unclean stop the segments from the recovery point on are
 * read through, indexes are written anew and the log is cut at the first byte that is not part of a whole, intact batch.
 *
 * @throws InvalidArgumentError for a bad configuration or checkpoint, or the system's error.
 */
export function openLog(options: OpenLogOptions): Log {
  const config = resolveLogConfig(options.config)
  return new Log(options, config, loadLog(options, config))
}

/**
 * One partition's log. All calls are synchronous and take the time as an argument. Offsets are numbers. A write that the
 * storage refuses leaves the log as it was and throws `LogError` KAFKA_STORAGE_ERROR.
 */
export class Log {
  private readonly core: LogCore

  /** @internal Use {@link openLog}. */
  constructor(options: OpenLogOptions, config: LogConfig, loaded: LoadedLog) {
    this.core = new LogCore(options, config, loaded)
  }

  get directory(): string {
    return this.core.directory
  }

  get config(): LogConfig {
    return this.core.config
  }

  /** Offset of the first record that may be read. */
  get logStartOffset(): number {
    return this.core.startOffset
  }

  /** Offset that the next record gets. */
  get logEndOffset(): number {
    return this.core.endOffset
  }

  /** Records below this are on the device: what belongs into `recovery-point-offset-checkpoint`. */
  get recoveryPoint(): number {
    return this.core.recoveryPoint
  }

  get sizeInBytes(): number {
    return this.core.segments.reduce((total, segment) => total + segment.sizeInBytes, 0)
  }

  /** Oldest first; the last one is written to. */
  get segments(): readonly SegmentInfo[] {
    return this.core.segments.map(({ baseOffset, sizeInBytes, largestTimestamp }) => ({
      baseOffset,
      sizeInBytes,
      largestTimestamp,
    }))
  }

  /** Newest leader epoch known; -1 if there is none. */
  get latestEpoch(): number {
    return this.core.epochs.latestEpoch
  }

  /** Where each leader epoch starts, oldest first. */
  get epochs(): readonly EpochStart[] {
    return this.core.epochs.entries
  }

  /** Idempotent producers that are remembered. */
  get activeProducers(): readonly ActiveProducer[] {
    return this.core.producers.active()
  }

  /** First offset of the oldest open transaction, undefined if there is none: read_committed stops there. */
  get firstUnstableOffset(): number | undefined {
    return this.core.producers.firstUnstableOffset()
  }

  /**
   * Appends record batches. Offsets and leader epoch are written into `batches` itself, which the log may go on using: hand
   * over bytes that nobody else needs. A batch that an idempotent producer sends again is answered with the offsets it had.
   *
   * @throws LogError with the code that a Produce response carries: CORRUPT_MESSAGE, MESSAGE_TOO_LARGE,
   * RECORD_LIST_TOO_LARGE, INVALID_RECORD, INVALID_TIMESTAMP, UNSUPPORTED_COMPRESSION_TYPE, OUT_OF_ORDER_SEQUENCE_NUMBER,
   * INVALID_PRODUCER_EPOCH, INVALID_TXN_STATE, KAFKA_STORAGE_ERROR.
   */
  append(batches: Uint8Array, options: AppendOptions): AppendInfo {
    this.core.assertOpen()
    return appendBatches(this.core, batches, options)
  }

  /**
   * Does what `append` does for each, in order, with as few writes as segments allow: producers that pipeline hand over
   * dozens of batches at once.
   *
   * @returns what each append did, or the error that `append` would have thrown; one refusal stops none of the others.
   */
  appendAll(requests: readonly AppendRequest[]): (AppendInfo | LogError)[] {
    this.core.assertOpen()
    return appendAll(this.core, requests)
  }

  /**
   * Reads whole batches, the first of which holds `offset`, from one segment.
   *
   * @throws LogError OFFSET_OUT_OF_RANGE below the log start or above the log end, KAFKA_STORAGE_ERROR.
   */
  read(offset: number, options: ReadOptions): FetchSlice {
    this.core.assertOpen()
    return readLog(this.core, offset, options)
  }

  /** First record below `maxOffset` whose timestamp is at least the given one (ListOffsets with a timestamp). */
  offsetForTimestamp(
    timestamp: number,
    maxOffset: number = this.core.endOffset,
  ): TimestampedOffset | undefined {
    this.core.assertOpen()
    return offsetForTimestamp(this.core, timestamp, maxOffset)
  }

  /** The record with the largest timestamp of all (ListOffsets with -3, KIP-734); undefined if none has a timestamp. */
  maxTimestampOffset(): TimestampedOffset | undefined {
    this.core.assertOpen()
    return maxTimestampOffset(this.core)
  }

  /** Where a leader epoch ends (OffsetForLeaderEpoch, KIP-101). */
  endOffsetForEpoch(epoch: number): EpochEndOffset {
    return this.core.epochs.endOffsetFor(epoch, this.core.endOffset)
  }

  /** Leader epoch in force when the offset was written; -1 if it is not known. */
  epochForOffset(offset: number): number {
    return this.core.epochs.epochFor(offset)
  }

  /** Notes that a leader epoch starts at an offset: what a new leader does with its log end offset. */
  assignLeaderEpoch(epoch: number, startOffset: number): void {
    this.core.assertOpen()
    this.core.epochs.assign(epoch, startOffset)
  }

  /** Removes every batch that reaches `offset`; the next record gets that offset. Nothing happens at or above the log end. */
  truncateTo(offset: number, nowMs: number): void {
    this.core.assertOpen()
    truncateLog(this.core, offset, nowMs)
  }

  /** Removes everything and goes on at `offset`: what a follower does whose leader starts later. */
  truncateFullyAndStartAt(offset: number, nowMs: number): void {
    this.core.assertOpen()
    restartLog(this.core, offset, nowMs)
  }

  /**
   * Moves the log start up (DeleteRecords, or a leader's log start). Segments that lie below go with the next `retain`.
   *
   * @throws LogError OFFSET_OUT_OF_RANGE above the log end.
   */
  advanceLogStart(offset: number): void {
    const { core } = this
    core.assertOpen()
    if (offset > core.endOffset) {
      throw new LogError(
        'OFFSET_OUT_OF_RANGE',
        `the log cannot start at ${offset}, after its end ${core.endOffset}`,
      )
    }
    if (offset <= core.startOffset) return
    core.startOffset = offset
    core.epochs.truncateFromStart(offset)
    core.announceWork()
  }

  /**
   * Background work: deletes whole segments from the oldest on by log start, time and size, none of which reaches
   * `highWatermark`; forgets silent producers; syncs if `flushMs` has passed.
   *
   * @returns the number of segments deleted.
   */
  retain(nowMs: number, highWatermark: number = this.core.endOffset): number {
    const { core } = this
    core.assertOpen()
    core.producers.expire(nowMs, core.config.producerIdExpirationMs)
    if (core.unsyncedSinceMs >= 0 && nowMs - core.unsyncedSinceMs >= core.config.flushMs) {
      core.flush()
    }
    removeDoomed(core, nowMs)
    return retainLog(core, nowMs, highWatermark)
  }

  /**
   * When `retain` will have a segment to delete, as far as can be told now; Infinity if none is in sight. Ask again after
   * `retain`, and when `onWork` was called.
   */
  nextRetentionMs(nowMs: number, highWatermark: number = this.core.endOffset): number {
    this.core.assertOpen()
    return nextRetentionMs(this.core, nowMs, highWatermark)
  }

  /** When `retain` will have something else to do: to sync because of `flushMs`, to remove files. Infinity if never. */
  get nextChoreMs(): number {
    return nextChoreMs(this.core)
  }

  /** Whether something was written that may not be on the device. */
  get isUnsynced(): boolean {
    return this.core.unsyncedSinceMs >= 0
  }

  /** Whether a finished segment is among that: Kafka syncs those at once. */
  get hasSealedUnsynced(): boolean {
    return this.core.hasSealedUnsynced
  }

  /** How much compaction would have to do. */
  cleanable(place: CleanablePlace): Cleanable {
    this.core.assertOpen()
    return findCleanable(this.core, place)
  }

  /**
   * Keeps the newest record of each key in the finished segments, offsets and sequences as they were. Others get turns while
   * it works, so appends and reads go on; at most one compaction of a log at a time.
   *
   * @returns undefined if there was nothing to do, or if truncation, retention or the end got in the way.
   * @throws LogError KAFKA_STORAGE_ERROR.
   */
  compact(options: CompactOptions): Promise<Compaction | undefined> {
    this.core.assertOpen()
    return compactLog(this.core, options)
  }

  /** Starts a new segment at the log end, unless the present one is empty. */
  roll(nowMs: number): void {
    this.core.assertOpen()
    this.core.roll(nowMs)
  }

  /** Returns when everything is on the device; the recovery point is the log end then. */
  flush(): void {
    this.core.assertOpen()
    this.core.flush()
  }

  /** Hands everything to the system and says what to sync: `flush` for callers that need not wait here. */
  beginSync(): LogSync {
    this.core.assertOpen()
    return this.core.beginSync()
  }

  /**
   * Writes indexes and the producer snapshot and says what to sync before {@link Log.close} with `isSynced`: for stopping
   * many logs at once.
   */
  prepareClose(): LogSync {
    this.core.assertOpen()
    this.core.saveProducersAtEnd()
    for (const segment of this.core.segments) segment.saveIndexes()
    return this.core.beginSync()
  }

  /** Takes over changed topic settings; they apply from the next call on. */
  updateConfig(config: Partial<LogConfig>): void {
    this.core.config = resolveLogConfig({ ...this.core.config, ...config })
    this.core.announceWork()
  }

  /** Writes indexes and the producer snapshot, syncs, and gives files back. Closing twice is allowed. */
  close({ isSynced = false }: { readonly isSynced?: boolean } = {}): void {
    const { core } = this
    if (core.isClosed) return
    if (!isSynced) {
      core.saveProducersAtEnd()
      for (const segment of core.segments) segment.saveIndexes()
      core.flush()
    }
    for (const segment of core.segments) segment.close()
    core.isClosed = true
  }

  /** Removes the partition's directory. The log cannot be used afterwards. */
  delete(): void {
    const { core } = this
    core.isClosed = true
    for (const segment of core.segments) segment.delete()
    core.storage.remove(core.directory)
  }
}
