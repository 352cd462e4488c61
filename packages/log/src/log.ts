import type { LogConfig } from './log-config.js'
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

/** One partition's log. All calls are synchronous. */
export interface Log {
  readonly directory: string
  readonly config: LogConfig
  readonly logStartOffset: number
  readonly logEndOffset: number
  /** Offsets below this are on the device. */
  readonly recoveryPoint: number
  readonly sizeInBytes: number
  readonly segments: readonly SegmentInfo[]
  /** Newest leader epoch known; -1 if there is none. */
  readonly latestEpoch: number
  readonly epochs: readonly EpochStart[]
  readonly activeProducers: readonly ActiveProducer[]
  append(batches: Uint8Array, options: AppendOptions): AppendInfo
  read(offset: number, options: ReadOptions): FetchSlice
  /** First record whose timestamp is at or after the given one, below `maxOffset`. */
  offsetForTimestamp(timestamp: number, maxOffset?: number): TimestampedOffset | undefined
  maxTimestampOffset(): TimestampedOffset | undefined
  endOffsetForEpoch(epoch: number): EpochEndOffset
  epochForOffset(offset: number): number
  assignLeaderEpoch(epoch: number, startOffset: number): void
  truncateTo(offset: number): void
  truncateFullyAndStartAt(offset: number): void
  advanceLogStart(offset: number): void
  /** Deletes what retention says and rolls what is old; nothing at or above `highWatermark`. Number of segments deleted. */
  retain(nowMs: number, highWatermark?: number): number
  roll(nowMs: number): void
  flush(): void
  updateConfig(config: Partial<LogConfig>): void
  close(): void
  delete(): void
}

export type OpenLog = (options: OpenLogOptions) => Log
