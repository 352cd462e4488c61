import type { TopicPartition } from './topic-partition.js'

/** Limits of one call. */
export interface CallOptions {
  /** Default `defaultApiTimeoutMs`. */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Limits of one call about partitions. */
export interface PartitionCallOptions extends CallOptions {
  /** Default: all assigned partitions. */
  readonly partitions?: readonly TopicPartition[] | undefined
}

/** A partition to read without a group, and where to start: by default as after a rebalance. */
export interface AssignedFrom extends TopicPartition {
  readonly offset?: bigint | number | undefined
}

/** A committed offset; `undefined` when nothing is committed. */
export interface CommittedOffset extends TopicPartition {
  readonly offset: bigint | undefined
  /** What the committer wrote beside it. */
  readonly metadata: string | null
}

/** How far reading is behind. */
export interface PartitionLag extends TopicPartition {
  /** Records between the position and the end; gaps that compaction left count, too. */
  readonly lag: bigint
  readonly position: bigint
  readonly endOffset: bigint
}

/** Limits of `close`. */
export interface CloseOptions {
  /**
   * Default 10 s: well inside what container platforms leave a process. Records at hand are waited for until 2 s before it ends,
   * or a quarter of it if that is less; the rest is for committing and leaving.
   */
  readonly timeoutMs?: number | undefined
  /** Ends the waiting at once, as `timeoutMs` does when it is over. */
  readonly signal?: AbortSignal | undefined
}
