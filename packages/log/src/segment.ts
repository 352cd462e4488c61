import { isChecksumRight, type ScannedBatch, scanBatches } from './batch-scan.js'
import {
  filePath,
  logSuffix,
  offsetIndexSuffix,
  segmentSuffixes,
  timeIndexSuffix,
} from './file-names.js'
import type { LogConfig } from './log-config.js'
import { OffsetIndex } from './offset-index.js'
import type { LogFile, Storage } from './storage/storage.js'
import { TimeIndex } from './time-index.js'

/** Offsets in the indexes are relative int32, positions too. */
const largestRelative = 0x7fff_ffff

/** Walked in one read. */
const shortBytes = 65_536

/** How a segment is told about a batch it gets. */
export interface AppendedBatch {
  readonly sizeInBytes: number
  readonly lastOffset: number
  readonly maxTimestamp: number
}

/** A compacted topic's segments end early enough for their records to be compacted in time. */
const longestMs = ({ segmentMs, segmentJitterMs, cleanupCompact, maxCompactionLagMs }: LogConfig) =>
  (cleanupCompact ? Math.min(segmentMs, maxCompactionLagMs) : segmentMs) - segmentJitterMs

/** One stretch of a log: `.log` with the batches, `.index` and `.timeindex` beside it. */
export class Segment {
  readonly baseOffset: number
  readonly file: LogFile
  readonly offsetIndex: OffsetIndex
  readonly timeIndex: TimeIndex
  /** When this object was made: the age of a segment whose records have no timestamps. */
  readonly createdMs: number
  private readonly storage: Storage
  private readonly directory: string
  private fileSuffix: string
  private bytesSinceIndexEntry = 0
  private largest = { timestamp: -1, offset: -1 }
  private firstTimestamp: number | undefined
  private dirty = false

  /**
   * @param options `fileSuffix`: behind the names of its files, while they are not those of the log yet; `noIndexes`: it
   * is known that there are none.
   */
  constructor(
    storage: Storage,
    directory: string,
    baseOffset: number,
    nowMs: number,
    { fileSuffix = '', noIndexes = false }: { fileSuffix?: string; noIndexes?: boolean } = {},
  ) {
    this.storage = storage
    this.directory = directory
    this.fileSuffix = fileSuffix
    this.baseOffset = baseOffset
    this.createdMs = nowMs
    this.file = storage.openFile(this.path(logSuffix), { create: true })
    this.offsetIndex = new OffsetIndex(storage, this.path(offsetIndexSuffix), baseOffset, noIndexes)
    this.timeIndex = new TimeIndex(storage, this.path(timeIndexSuffix), baseOffset, noIndexes)
    this.largest = this.timeIndex.last()
  }

  get sizeInBytes(): number {
    return this.file.size
  }

  /** Largest timestamp of its records; -1 if they have none. */
  get largestTimestamp(): number {
    return this.largest.timestamp
  }

  /** Last offset of the batch that holds the largest timestamp. */
  get offsetOfLargestTimestamp(): number {
    return this.largest.offset
  }

  /** True if batches of this size, ending at this offset, belong into a new segment. */
  shouldRoll(
    bytes: number,
    lastOffset: number,
    maxTimestamp: number,
    nowMs: number,
    config: LogConfig,
  ): boolean {
    const size = this.sizeInBytes
    if (size === 0) return lastOffset - this.baseOffset > largestRelative
    return (
      size + bytes > Math.min(config.segmentBytes, largestRelative) ||
      this.age(maxTimestamp, nowMs) > longestMs(config) ||
      this.offsetIndex.isFull(config.segmentIndexBytes) ||
      this.timeIndex.isFull(config.segmentIndexBytes) ||
      lastOffset - this.baseOffset > largestRelative
    )
  }

  /** Timestamp of its first batch; -1 if that has none. */
  get firstTimestampMs(): number {
    this.firstTimestamp ??= this.readFirstTimestamp()
    return this.firstTimestamp
  }

  /** Short enough for its batches to tell all that its files would: it needs none but the log. */
  get isShort(): boolean {
    return (
      this.sizeInBytes < shortBytes &&
      this.offsetIndex.entries === 0 &&
      this.timeIndex.entries === 0
    )
  }

  /** Time since the first record, in record time if records have timestamps, otherwise since the segment was opened. */
  age(maxTimestamp: number, nowMs: number): number {
    this.firstTimestamp ??= this.readFirstTimestamp()
    return this.firstTimestamp >= 0 && maxTimestamp >= 0
      ? maxTimestamp - this.firstTimestamp
      : nowMs - this.createdMs
  }

  /** Writes the parts, which are exactly the given batches, and extends the indexes. */
  append(
    parts: readonly Uint8Array[],
    batches: readonly AppendedBatch[],
    indexIntervalBytes: number,
  ): void {
    let position = this.file.size
    if (position === 0) this.firstTimestamp = batches[0]?.maxTimestamp
    this.file.append(parts)
    this.dirty = true
    for (const batch of batches) {
      this.note(batch, position, indexIntervalBytes)
      position += batch.sizeInBytes
    }
  }

  /** Offset after the last record, found by walking from the last index entry. */
  readNextOffset(): number {
    let next = this.baseOffset
    scanBatches(
      this.file,
      this.offsetIndex.last()?.position ?? 0,
      this.sizeInBytes,
      { whole: false },
      (batch) => {
        next = batch.header.lastOffset + 1
        return true
      },
    )
    return next
  }

  /** True if both indexes fit the file and each other, as a clean stop leaves them. */
  hasSaneIndexes(endOffset: number): boolean {
    const isEmpty = this.sizeInBytes === 0
    if (isEmpty) return this.offsetIndex.entries === 0 && this.timeIndex.entries === 0
    return this.offsetIndex.isSane(this.sizeInBytes) && this.timeIndex.isSane(endOffset)
  }

  /**
   * Walks the file from `from` on (default: all of it), writes the indexes anew from there and, with `checkCrc`, cuts the
   * file at the first batch that is broken or out of order.
   *
   * @returns the number of bytes cut off.
   */
  rebuild(options: {
    readonly checkCrc: boolean
    readonly indexIntervalBytes: number
    /** Offset below which file and indexes are known to be right. */
    readonly from?: number
    /** It is the active segment: its largest timestamp stays in memory. */
    readonly isActive?: boolean
    readonly visit?: (batch: ScannedBatch) => void
  }): number {
    const { checkCrc, indexIntervalBytes, from = this.baseOffset } = options
    const start = this.keepBelow(from)
    let next = start === 0 ? this.baseOffset : from
    /** Checksums do not cover base offsets; the first batch may begin below `from`. */
    let least = start === 0 ? this.baseOffset : 0
    const how = { whole: checkCrc, reuse: true }
    const end = scanBatches(this.file, start, this.sizeInBytes, how, (batch) => {
      const { header, bytes, at, position } = batch
      const { baseOffset, lastOffset } = header
      if (baseOffset < least || lastOffset < next) return false
      if (lastOffset - this.baseOffset > largestRelative) return false
      if (checkCrc && !isChecksumRight(bytes, at, header)) return false
      next = least = lastOffset + 1
      this.note(header, position, indexIntervalBytes)
      options.visit?.(batch)
      return true
    })
    const cut = this.sizeInBytes - end
    this.truncateFile(end)
    if (options.isActive !== true) this.closeTimeIndex()
    return cut
  }

  /** Position of the batch that holds `offset`, or of the first one after it; the file's size if there is none. */
  positionOf(offset: number, from = this.offsetIndex.positionFor(offset)): number {
    return scanBatches(
      this.file,
      from,
      this.sizeInBytes,
      { whole: false },
      ({ header }) => header.lastOffset < offset,
    )
  }

  /** Removes every batch that reaches `offset` or starts after it. */
  truncateTo(offset: number): void {
    const end = this.positionOf(offset)
    if (end === this.sizeInBytes) return
    this.offsetIndex.truncateTo(offset)
    this.timeIndex.truncateTo(offset)
    this.truncateFile(end)
    this.bytesSinceIndexEntry = 0
    this.largest = this.timeIndex.last()
    this.rescanTail()
  }

  /** Nothing will be appended any more: the last time index entry tells the largest timestamp. */
  seal(): void {
    this.closeTimeIndex()
    this.offsetIndex.finish()
    this.timeIndex.finish()
  }

  /**
   * Writes the indexes of a segment that may go on. One that is too short for entries gets no files: walking it at the next
   * start costs less than writing and reading them, and thousands of partitions are like that.
   */
  saveIndexes(): void {
    if (!this.isShort) this.seal()
  }

  /** Returns when everything is on the device. */
  flush(): void {
    const path = this.beginSync()
    if (path !== undefined) this.file.sync()
  }

  /**
   * Hands everything to the system. Only the batches have to be synced: an index that a crash of the machine has cut short
   * is made whole from them, and thousands of logs stop in a fraction of the time.
   *
   * @returns the file to sync; undefined if nothing was written since the last time.
   */
  beginSync(): string | undefined {
    if (!this.dirty) return undefined
    this.dirty = false
    this.offsetIndex.flush()
    this.timeIndex.flush()
    return this.path(logSuffix)
  }

  /** A sync that was begun has failed. */
  markUnsynced(): void {
    this.dirty = true
  }

  close(): void {
    this.saveIndexes()
    this.closeFiles()
  }

  private closeFiles(): void {
    this.file.close()
    this.offsetIndex.close()
    this.timeIndex.close()
  }

  /** Removes the files; the log first, as indexes without a log are swept away at the next start. */
  delete(): void {
    this.closeFiles()
    for (const suffix of segmentSuffixes) this.storage.remove(this.path(suffix))
  }

  /** Gives the (closed) files another suffix in place of theirs; the log last, so that it is never there without its indexes. */
  moveTo(fileSuffix: string): void {
    for (const own of [...segmentSuffixes].reverse()) {
      const path = filePath(this.directory, this.baseOffset, own)
      const from = path + this.fileSuffix
      if (this.storage.exists(from)) this.storage.rename(from, path + fileSuffix)
    }
    this.fileSuffix = fileSuffix
  }

  /** Gives the files another suffix after their own. @returns their new paths. */
  rename(suffix: string): string[] {
    this.closeFiles()
    const renamed: string[] = []
    for (const own of segmentSuffixes) {
      const path = this.path(own)
      if (!this.storage.exists(path)) continue
      this.storage.rename(path, path + suffix)
      renamed.push(path + suffix)
    }
    return renamed
  }

  /** Drops what the indexes say of `offset` and after it, or all if they cannot be right. @returns where to walk from. */
  private keepBelow(offset: number): number {
    const isKept =
      offset > this.baseOffset &&
      this.offsetIndex.isSane(this.sizeInBytes) &&
      this.timeIndex.isSane(Number.POSITIVE_INFINITY)
    if (!isKept) {
      this.offsetIndex.clear()
      this.timeIndex.clear()
      this.largest = { timestamp: -1, offset: this.baseOffset }
      this.bytesSinceIndexEntry = 0
      return 0
    }
    this.offsetIndex.truncateTo(offset)
    this.timeIndex.truncateTo(offset)
    this.largest = this.timeIndex.last()
    this.bytesSinceIndexEntry = 0
    const end = this.positionOf(offset)
    this.rescanTail(end)
    return end
  }

  private note(batch: AppendedBatch, position: number, indexIntervalBytes: number): void {
    if (batch.maxTimestamp > this.largest.timestamp) {
      this.largest = { timestamp: batch.maxTimestamp, offset: batch.lastOffset }
    }
    if (this.bytesSinceIndexEntry > indexIntervalBytes) {
      this.offsetIndex.append(batch.lastOffset, position)
      this.timeIndex.maybeAppend(this.largest.timestamp, this.largest.offset)
      this.bytesSinceIndexEntry = 0
    }
    this.bytesSinceIndexEntry += batch.sizeInBytes
  }

  private closeTimeIndex(): void {
    if (this.largest.timestamp >= 0)
      this.timeIndex.maybeAppend(this.largest.timestamp, this.largest.offset)
  }

  /** After a cut: batches behind the last index entry count for the largest timestamp and the next entry. */
  private rescanTail(end = this.sizeInBytes): void {
    const from = this.offsetIndex.last()?.position ?? 0
    scanBatches(this.file, from, end, { whole: false }, ({ header }) => {
      if (header.maxTimestamp > this.largest.timestamp) {
        this.largest = { timestamp: header.maxTimestamp, offset: header.lastOffset }
      }
      this.bytesSinceIndexEntry += header.sizeInBytes
      return true
    })
  }

  private truncateFile(size: number): void {
    if (size >= this.sizeInBytes) return
    this.file.truncate(size)
    this.dirty = true
    this.firstTimestamp = undefined
  }

  private readFirstTimestamp(): number {
    let first = -1
    scanBatches(this.file, 0, this.sizeInBytes, { whole: false }, ({ header }) => {
      first = header.maxTimestamp
      return false
    })
    return first
  }

  private path(suffix: string): string {
    return filePath(this.directory, this.baseOffset, suffix) + this.fileSuffix
  }
}
