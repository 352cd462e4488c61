import { type BatchHeader, isTransactional } from './batch-header.js'
import type { EpochCache } from './epoch-cache.js'
import { type LoadedLog, loadLog } from './load-log.js'
import { loadProducers, removeSnapshotsBelow, saveProducers, trackBatch } from './load-producers.js'
import { type LogConfig, resolveLogConfig } from './log-config.js'
import { LogError } from './log-error.js'
import {
  assignOffsets,
  type Prepared,
  prepareClient,
  prepareCoordinator,
  prepareReplica,
} from './prepare-append.js'
import type { ProducerState } from './producer-state.js'
import { ReadHints } from './read-hints.js'
import { readSlice } from './read-slice.js'
import { countExpired } from './retention.js'
import { Segment } from './segment.js'
import type { Storage } from './storage/storage.js'
import { findLargestTimestamp, findTimestamp, type TimedRecord } from './timestamp-lookup.js'
import type {
  ActiveProducer,
  AppendInfo,
  AppendOptions,
  EpochEndOffset,
  EpochStart,
  FetchSlice,
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
  return new Log(options.storage, options.directory, config, loadLog(options, config))
}

/**
 * One partition's log. All calls are synchronous and take the time as an argument. Offsets are numbers. A write that the
 * storage refuses leaves the log as it was and throws `LogError` KAFKA_STORAGE_ERROR.
 */
export class Log {
  readonly directory: string
  private readonly storage: Storage
  private readonly epochCache: EpochCache
  private readonly producers: ProducerState
  private readonly hints = new ReadHints()
  private currentConfig: LogConfig
  private segmentList: Segment[]
  private startOffset: number
  private endOffset: number
  private syncedTo: number
  private unsyncedSinceMs = -1
  /** Log end offset of the newest producer snapshot. */
  private snapshotOffset: number
  private isClosed = false

  /** @internal Use {@link openLog}. */
  constructor(storage: Storage, directory: string, config: LogConfig, loaded: LoadedLog) {
    this.storage = storage
    this.directory = directory
    this.currentConfig = config
    this.segmentList = loaded.segments
    this.startOffset = loaded.logStartOffset
    this.endOffset = loaded.logEndOffset
    this.syncedTo = loaded.recoveryPoint
    this.epochCache = loaded.epochs
    this.producers = loaded.producers
    this.snapshotOffset = loaded.snapshotOffset
  }

  get config(): LogConfig {
    return this.currentConfig
  }

  /** Offset of the first record that may be read. */
  get logStartOffset(): number {
    return this.startOffset
  }

  /** Offset that the next record gets. */
  get logEndOffset(): number {
    return this.endOffset
  }

  /** Records below this are on the device: what belongs into `recovery-point-offset-checkpoint`. */
  get recoveryPoint(): number {
    return this.syncedTo
  }

  get sizeInBytes(): number {
    return this.segmentList.reduce((total, segment) => total + segment.sizeInBytes, 0)
  }

  /** Oldest first; the last one is written to. */
  get segments(): readonly SegmentInfo[] {
    return this.segmentList.map(({ baseOffset, sizeInBytes, largestTimestamp }) => ({
      baseOffset,
      sizeInBytes,
      largestTimestamp,
    }))
  }

  /** Newest leader epoch known; -1 if there is none. */
  get latestEpoch(): number {
    return this.epochCache.latestEpoch
  }

  /** Where each leader epoch starts, oldest first. */
  get epochs(): readonly EpochStart[] {
    return this.epochCache.entries
  }

  /** Idempotent producers that are remembered. */
  get activeProducers(): readonly ActiveProducer[] {
    return this.producers.active()
  }

  /** First offset of the oldest open transaction, undefined if there is none: read_committed stops there. */
  get firstUnstableOffset(): number | undefined {
    return this.producers.firstUnstableOffset()
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
    this.assertOpen()
    const { origin, nowMs, leaderEpoch } = options
    const { currentConfig: config, endOffset: nextOffset } = this
    if (origin === 'replication') return this.write(prepareReplica(batches, nextOffset), nowMs)
    const prepared =
      origin === 'client'
        ? prepareClient(batches, config, nowMs)
        : prepareCoordinator(batches, config)
    const [first] = prepared.headers
    if (origin === 'client' && first !== undefined && first.producerId >= 0) {
      const repeated = this.producers.check(first, isTransactional(first))
      if (repeated !== undefined) {
        const { lastOffset, offsetDelta, timestamp } = repeated
        return this.info(lastOffset - offsetDelta, lastOffset, timestamp, 0, true)
      }
    }
    return this.write(assignOffsets(prepared, { nextOffset, leaderEpoch, nowMs, config }), nowMs)
  }

  /**
   * Reads whole batches, the first of which holds `offset`, from one segment.
   *
   * @throws LogError OFFSET_OUT_OF_RANGE below the log start or above the log end, KAFKA_STORAGE_ERROR.
   */
  read(offset: number, options: ReadOptions): FetchSlice {
    this.assertOpen()
    if (offset < this.startOffset || offset > this.endOffset) {
      throw new LogError(
        'OFFSET_OUT_OF_RANGE',
        `offset ${offset} is outside [${this.startOffset}, ${this.endOffset}] of ${this.directory}`,
      )
    }
    const end = Math.min(options.maxOffset, this.endOffset)
    if (offset < end) {
      for (let index = this.segmentIndexFor(offset); index < this.segmentList.length; index++) {
        const slice = this.readSegment(this.segmentList[index] as Segment, offset, options)
        if (slice !== undefined) return slice
      }
    }
    return { bytes: new Uint8Array(0), firstOffset: offset, nextOffset: offset }
  }

  /** First record below `maxOffset` whose timestamp is at least the given one (ListOffsets with a timestamp). */
  offsetForTimestamp(
    timestamp: number,
    maxOffset: number = this.endOffset,
  ): TimestampedOffset | undefined {
    this.assertOpen()
    for (const segment of this.segmentList) {
      if (segment.largestTimestamp < timestamp) continue
      const found = findTimestamp(segment, timestamp, this.startOffset)
      if (found !== undefined) return found.offset < maxOffset ? this.withEpoch(found) : undefined
    }
    return undefined
  }

  /** The record with the largest timestamp of all (ListOffsets with -3, KIP-734); undefined if none has a timestamp. */
  maxTimestampOffset(): TimestampedOffset | undefined {
    this.assertOpen()
    let newest: Segment | undefined
    for (const segment of this.segmentList) {
      if (newest === undefined || segment.largestTimestamp > newest.largestTimestamp)
        newest = segment
    }
    const found = newest === undefined ? undefined : findLargestTimestamp(newest)
    return found === undefined ? undefined : this.withEpoch(found)
  }

  /** Where a leader epoch ends (OffsetForLeaderEpoch, KIP-101). */
  endOffsetForEpoch(epoch: number): EpochEndOffset {
    return this.epochCache.endOffsetFor(epoch, this.endOffset)
  }

  /** Leader epoch in force when the offset was written; -1 if it is not known. */
  epochForOffset(offset: number): number {
    return this.epochCache.epochFor(offset)
  }

  /** Notes that a leader epoch starts at an offset: what a new leader does with its log end offset. */
  assignLeaderEpoch(epoch: number, startOffset: number): void {
    this.assertOpen()
    this.epochCache.assign(epoch, startOffset)
  }

  /** Removes every batch that reaches `offset`; the next record gets that offset. Nothing happens at or above the log end. */
  truncateTo(offset: number, nowMs: number): void {
    this.assertOpen()
    if (offset >= this.endOffset) return
    if (offset < (this.segmentList[0]?.baseOffset ?? 0)) {
      this.truncateFullyAndStartAt(offset, nowMs)
      return
    }
    this.hints.clear()
    const kept = this.segmentList.filter((segment) => segment.baseOffset <= offset)
    for (const segment of this.segmentList.slice(kept.length)) segment.delete()
    this.segmentList = kept
    this.active.truncateTo(offset)
    this.endOffset = offset
    this.startOffset = Math.min(this.startOffset, offset)
    this.syncedTo = Math.min(this.syncedTo, offset)
    this.epochCache.truncateFromEnd(offset)
    this.snapshotOffset = this.reloadProducers()
  }

  /** Removes everything and goes on at `offset`: what a follower does whose leader starts later. */
  truncateFullyAndStartAt(offset: number, nowMs: number): void {
    this.assertOpen()
    this.hints.clear()
    for (const segment of this.segmentList) segment.delete()
    this.segmentList = [new Segment(this.storage, this.directory, offset, nowMs)]
    this.startOffset = offset
    this.endOffset = offset
    this.syncedTo = Math.min(this.syncedTo, offset)
    this.epochCache.clear()
    this.snapshotOffset = this.reloadProducers()
  }

  /**
   * Moves the log start up (DeleteRecords, or a leader's log start). Segments that lie below go with the next `retain`.
   *
   * @throws LogError OFFSET_OUT_OF_RANGE above the log end.
   */
  advanceLogStart(offset: number): void {
    this.assertOpen()
    if (offset > this.endOffset) {
      throw new LogError(
        'OFFSET_OUT_OF_RANGE',
        `the log cannot start at ${offset}, after its end ${this.endOffset}`,
      )
    }
    if (offset <= this.startOffset) return
    this.startOffset = offset
    this.epochCache.truncateFromStart(offset)
  }

  /**
   * Background work: deletes whole segments from the oldest on by log start, time and size, none of which reaches
   * `highWatermark`; forgets silent producers; syncs if `flushMs` has passed.
   *
   * @returns the number of segments deleted.
   */
  retain(nowMs: number, highWatermark: number = this.endOffset): number {
    this.assertOpen()
    this.producers.expire(nowMs, this.currentConfig.producerIdExpirationMs)
    if (this.unsyncedSinceMs >= 0 && nowMs - this.unsyncedSinceMs >= this.currentConfig.flushMs) {
      this.flush()
    }
    const count = countExpired(this.segmentList, this, nowMs, highWatermark)
    if (count === 0) return 0
    if (count === this.segmentList.length) this.roll(nowMs)
    const expired = this.segmentList.splice(0, count)
    this.hints.clear()
    for (const segment of expired) segment.delete()
    const start = this.segmentList[0]?.baseOffset ?? this.endOffset
    this.startOffset = Math.max(this.startOffset, start)
    removeSnapshotsBelow(this.storage, this.directory, start)
    this.epochCache.truncateFromStart(this.startOffset)
    this.syncedTo = Math.max(this.syncedTo, this.startOffset)
    return count
  }

  /** Starts a new segment at the log end, unless the present one is empty. */
  roll(nowMs: number): void {
    this.assertOpen()
    if (this.active.sizeInBytes === 0) return
    this.active.seal()
    this.snapshot()
    this.segmentList.push(new Segment(this.storage, this.directory, this.endOffset, nowMs))
  }

  /** Returns when everything is on the device; the recovery point is the log end then. */
  flush(): void {
    this.assertOpen()
    for (const segment of this.segmentList) segment.flush()
    this.syncedTo = this.endOffset
    this.unsyncedSinceMs = -1
  }

  /** Takes over changed topic settings; they apply from the next call on. */
  updateConfig(config: Partial<LogConfig>): void {
    this.currentConfig = resolveLogConfig({ ...this.currentConfig, ...config })
  }

  /** Writes indexes and the producer snapshot, syncs, and gives files back. Closing twice is allowed. */
  close(): void {
    if (this.isClosed) return
    this.snapshot()
    for (const segment of this.segmentList) segment.seal()
    this.flush()
    for (const segment of this.segmentList) segment.close()
    this.isClosed = true
  }

  /** Removes the partition's directory. The log cannot be used afterwards. */
  delete(): void {
    this.isClosed = true
    for (const segment of this.segmentList) segment.delete()
    this.storage.remove(this.directory)
  }

  private get active(): Segment {
    return this.segmentList.at(-1) as Segment
  }

  private write({ bytes, headers }: Prepared, nowMs: number): AppendInfo {
    const config = this.currentConfig
    const first = headers[0] as BatchHeader
    const { lastOffset } = headers.at(-1) as BatchHeader
    let maxTimestamp = -1
    for (const header of headers) maxTimestamp = Math.max(maxTimestamp, header.maxTimestamp)
    if (bytes.byteLength > config.segmentBytes) {
      throw new LogError(
        'RECORD_LIST_TOO_LARGE',
        `${bytes.byteLength} bytes do not fit into a segment of ${config.segmentBytes}`,
      )
    }
    try {
      if (this.active.shouldRoll(bytes.byteLength, lastOffset, maxTimestamp, nowMs, config)) {
        this.roll(nowMs)
      }
      this.noteEpochs(headers)
      this.active.append([bytes], headers, config.indexIntervalBytes)
    } catch (cause) {
      throw this.storageError('append to', cause)
    }
    for (let index = 0, at = 0; index < headers.length; index++) {
      const header = headers[index] as BatchHeader
      if (header.producerId >= 0) trackBatch(this.producers, header, bytes, at)
      at += header.sizeInBytes
    }
    this.endOffset = lastOffset + 1
    if (this.unsyncedSinceMs < 0) this.unsyncedSinceMs = nowMs
    if (this.endOffset - this.syncedTo >= config.flushMessages) this.flush()
    return this.info(first.baseOffset, lastOffset, maxTimestamp, bytes.byteLength, false)
  }

  private noteEpochs(headers: readonly BatchHeader[]): void {
    for (const { leaderEpoch, baseOffset } of headers) {
      if (leaderEpoch > this.epochCache.latestEpoch) this.epochCache.assign(leaderEpoch, baseOffset)
    }
  }

  private readSegment(
    segment: Segment,
    offset: number,
    options: ReadOptions,
  ): FetchSlice | undefined {
    try {
      const position = this.hints.take(offset, segment) ?? segment.positionOf(offset)
      const slice = readSlice(segment, position, options)
      if (slice === undefined)
        return position < segment.sizeInBytes ? this.nothing(offset) : undefined
      this.hints.put(slice.nextOffset, segment, slice.endPosition)
      return { bytes: slice.bytes, firstOffset: slice.firstOffset, nextOffset: slice.nextOffset }
    } catch (cause) {
      throw this.storageError('read from', cause)
    }
  }

  private nothing(offset: number): FetchSlice {
    return { bytes: new Uint8Array(0), firstOffset: offset, nextOffset: offset }
  }

  /** Index of the last segment that starts at or below `offset`. */
  private segmentIndexFor(offset: number): number {
    let low = 0
    let high = this.segmentList.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if ((this.segmentList[middle] as Segment).baseOffset <= offset) low = middle
      else high = middle - 1
    }
    return low
  }

  private info(
    firstOffset: number,
    lastOffset: number,
    maxTimestamp: number,
    sizeInBytes: number,
    duplicate: boolean,
  ): AppendInfo {
    const isAppendTime = this.currentConfig.messageTimestampType === 'LogAppendTime'
    return {
      firstOffset,
      lastOffset,
      maxTimestamp,
      logAppendTimeMs: isAppendTime ? maxTimestamp : -1,
      logStartOffset: this.startOffset,
      duplicate,
      sizeInBytes,
    }
  }

  private withEpoch({ offset, timestamp }: TimedRecord): TimestampedOffset {
    return { offset, timestamp, leaderEpoch: this.epochCache.epochFor(offset) }
  }

  private snapshot(): void {
    if (this.endOffset <= this.snapshotOffset) return
    saveProducers(this.storage, this.directory, this.endOffset, this.producers)
    this.snapshotOffset = this.endOffset
  }

  private reloadProducers(): number {
    const { storage, directory, segmentList, producers, startOffset, endOffset } = this
    return loadProducers({
      storage,
      directory,
      segments: segmentList,
      producers,
      startOffset,
      endOffset,
    })
  }

  private storageError(what: string, cause: unknown): unknown {
    if (cause instanceof LogError) return cause
    const said = cause instanceof Error ? cause.message : String(cause)
    return new LogError('KAFKA_STORAGE_ERROR', `cannot ${what} ${this.directory}: ${said}`, {
      cause,
    })
  }

  private assertOpen(): void {
    if (this.isClosed)
      throw new LogError('KAFKA_STORAGE_ERROR', `the log ${this.directory} is closed`)
  }
}
