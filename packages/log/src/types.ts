import type { LogConfig } from './log-config.js'
import type { Allocate, Storage } from './storage/storage.js'

/** How to open a partition's log. */
export interface OpenLogOptions {
  readonly storage: Storage
  /** Directory of the partition, such as `orders-0`; created if it is absent. */
  readonly directory: string
  readonly config?: Partial<LogConfig>
  /** Epoch milliseconds. */
  readonly nowMs: number
  /** The last stop was clean: what the files say is believed. Default false: segments from `recoveryPoint` on are scanned. */
  readonly cleanShutdown?: boolean
  /** First offset that may not be on the device, from `recovery-point-offset-checkpoint`. Default 0: all is scanned. */
  readonly recoveryPoint?: number
  /** From `log-start-offset-checkpoint`; records below it are gone. Default: where the first segment starts. */
  readonly logStartOffset?: number
  /**
   * Called when there is work for the background that was not there before: a first record that is not on the device, a new
   * segment, files to be removed, a moved log start. Ask `nextRetentionMs` and `nextChoreMs` then.
   */
  readonly onWork?: () => void
}

/** A log's way to the device, for a caller that brings the files of many logs there together. */
export interface LogSync {
  /** The files to sync; everything is written into them as far as the system is concerned. */
  readonly paths: readonly string[]
  /** They are on the device: the recovery point rises to where the log ended when this was begun. */
  succeed(): void
  /** They may not be; they will be named again. */
  fail(): void
}

/**
 * Who appends. `client`: everything is checked. `coordinator`: the broker's own records; control batches are allowed and
 * sequences are not checked. `replication`: batches of a leader, offsets and epochs are kept as they are.
 */
export type AppendOrigin = 'client' | 'coordinator' | 'replication'

/** How to append. */
export interface AppendOptions {
  /** Written into every batch (not for `replication`, whose batches bring theirs). */
  readonly leaderEpoch: number
  /** Epoch milliseconds. */
  readonly nowMs: number
  readonly origin: AppendOrigin
}

/** One of several appends that go together. */
export interface AppendRequest {
  readonly batches: Uint8Array
  readonly options: AppendOptions
}

/** What an append did. */
export interface AppendInfo {
  /** Offset of the first record appended (of the earlier append if this one was a duplicate). */
  readonly firstOffset: number
  readonly lastOffset: number
  /** Largest timestamp among the records; -1 if they have none. */
  readonly maxTimestamp: number
  /** The broker's time if the topic uses LogAppendTime, otherwise -1. */
  readonly logAppendTimeMs: number
  readonly logStartOffset: number
  /** True if an idempotent producer had appended this batch before; nothing was written. */
  readonly duplicate: boolean
  /** Bytes written. */
  readonly sizeInBytes: number
}

/** How to read. */
export interface ReadOptions {
  /** Stop before this many bytes are exceeded. */
  readonly maxBytes: number
  /** Batches that reach this offset or go beyond it are not returned: the high watermark or the last stable offset. */
  readonly maxOffset: number
  /** Return the first batch even if it is larger than `maxBytes` (KIP-74). Default true. */
  readonly minOneBatch?: boolean
  /** Where bytes that have to be copied go: memory the caller uses again. Default: fresh memory. */
  readonly allocate?: Allocate | undefined
}

/** Whole record batches as they are in the segment. */
export interface FetchSlice {
  /** The batches; the first one may start below the offset asked for. Empty if there is nothing to read. Do not write into it. */
  readonly bytes: Uint8Array
  /** Base offset of the first batch; the offset asked for if `bytes` is empty. */
  readonly firstOffset: number
  /** Offset after the last record of `bytes`; the offset asked for if `bytes` is empty. */
  readonly nextOffset: number
}

/** A record found by its timestamp. */
export interface TimestampedOffset {
  readonly offset: number
  readonly timestamp: number
  /** Leader epoch of the record; -1 if it is not known. */
  readonly leaderEpoch: number
}

/** Where a leader epoch ends (KIP-101, KIP-279). */
export interface EpochEndOffset {
  /** The largest known epoch that is not above the one asked for; -1 if there is none. */
  readonly leaderEpoch: number
  /** Offset after the last record of that epoch; -1 if the epoch is unknown. */
  readonly endOffset: number
}

/** A leader epoch and the offset of its first record. */
export interface EpochStart {
  readonly epoch: number
  readonly startOffset: number
}

/** An idempotent producer as the partition remembers it (DescribeProducers). */
export interface ActiveProducer {
  readonly producerId: number
  readonly producerEpoch: number
  /** -1 if none is known. */
  readonly lastSequence: number
  readonly lastTimestamp: number
  readonly coordinatorEpoch: number
  /** First offset of the open transaction; -1 if there is none. */
  readonly currentTransactionStartOffset: number
}

/** Size and place of a segment. */
export interface SegmentInfo {
  readonly baseOffset: number
  readonly sizeInBytes: number
  readonly largestTimestamp: number
}
