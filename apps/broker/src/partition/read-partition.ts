import type { FetchSlice } from '@ottla/log'
import { ErrorCode } from '@ottla/protocol'
import { refusal } from '../errors.js'
import type { FetchTarget } from './fetch-sessions.js'
import type { Partition } from './partition.js'

/** Who reads, and how much it may get. */
export interface ReadAs {
  /** -1: a consumer. */
  readonly replicaId: number
  readonly isReadCommitted: boolean
  readonly maxBytes: number
  /** Whether the first batch is returned even if it is larger than `maxBytes` (KIP-74). */
  readonly minOneBatch: boolean
  readonly nowMs: number
  /** Memory to read into. */
  readonly allocate: (bytes: number) => Uint8Array
}

/** Where the reader's log parts from ours: it has to cut its own back to there (KIP-595). */
export interface DivergingEpoch {
  readonly epoch: number
  readonly endOffset: number
}

/** What reading a partition gave. */
export interface PartitionRead {
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logStartOffset: number
  readonly divergingEpoch: DivergingEpoch | undefined
  readonly bytes: Uint8Array
}

const noBytes = new Uint8Array(0)

/**
 * Reads whole batches from a partition that this broker leads.
 * @throws BrokerError with the code for the partition's part of the response.
 */
export const readPartition = (
  partition: Partition,
  target: FetchTarget,
  as: ReadAs,
): PartitionRead => {
  partition.checkLeader(target.currentLeaderEpoch)
  const { log } = partition
  const { fetchOffset } = target
  const isFollower = as.replicaId >= 0
  if (fetchOffset < log.logStartOffset || fetchOffset > log.logEndOffset) {
    throw refusal(ErrorCode.OFFSET_OUT_OF_RANGE)
  }
  const divergingEpoch =
    target.lastFetchedEpoch >= 0 ? findDivergence(partition, target) : undefined
  if (isFollower && divergingEpoch === undefined) {
    partition.follow(as.replicaId, fetchOffset, as.nowMs)
  }
  const { highWatermark, lastStableOffset } = partition
  const end = isFollower ? log.logEndOffset : as.isReadCommitted ? lastStableOffset : highWatermark
  const slice: FetchSlice | undefined =
    divergingEpoch === undefined && fetchOffset < end
      ? log.read(fetchOffset, {
          maxBytes: as.maxBytes,
          maxOffset: end,
          minOneBatch: as.minOneBatch,
          allocate: as.allocate,
        })
      : undefined
  return {
    highWatermark,
    lastStableOffset,
    logStartOffset: log.logStartOffset,
    divergingEpoch,
    bytes: slice?.bytes ?? noBytes,
  }
}

const findDivergence = (
  { log }: Partition,
  { lastFetchedEpoch, fetchOffset }: FetchTarget,
): DivergingEpoch | undefined => {
  const { leaderEpoch, endOffset } = log.endOffsetForEpoch(lastFetchedEpoch)
  if (leaderEpoch === -1 || endOffset === -1) throw refusal(ErrorCode.OFFSET_OUT_OF_RANGE)
  const diverges = leaderEpoch < lastFetchedEpoch || endOffset < fetchOffset
  return diverges ? { epoch: leaderEpoch, endOffset } : undefined
}
