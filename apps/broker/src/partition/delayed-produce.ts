import { ErrorCode } from '@ottla/protocol'
import type { RequestContext } from '../server/handler.js'
import type { Partition } from './partition.js'

/** An append that waits for the other in-sync replicas. */
export interface PendingWrite {
  readonly partition: Partition
  /** The high watermark at which it is committed. */
  readonly requiredOffset: number
  /** Notes an error in the partition's part of the response. */
  fail(errorCode: number): void
}

/**
 * Waits until every write is committed or cannot be any more: the replicas shrink below the minimum, the leadership
 * moves, the topic goes, the time is over. Never rejects; what failed is noted.
 */
export const awaitReplication = (
  { broker, onDisconnect }: RequestContext,
  writes: readonly PendingWrite[],
  timeoutMs: number,
): Promise<void> =>
  new Promise((resolve) => {
    let waiting = [...writes]
    const attempt = (): boolean => {
      waiting = waiting.filter((write) => !isSettled(write))
      if (waiting.length > 0) return false
      forget()
      resolve()
      return true
    }
    const expire = (): void => {
      for (const { fail } of waiting) fail(ErrorCode.REQUEST_TIMED_OUT)
      forget()
      resolve()
    }
    const watched = writes.map(({ partition }) => partition.writers)
    const cancel = broker.purgatory.park({ attempt, expire }, watched, timeoutMs)
    const forget = onDisconnect(cancel)
  })

const isSettled = ({ partition, requiredOffset, fail }: PendingWrite): boolean => {
  if (!partition.isLeader) {
    fail(ErrorCode.NOT_LEADER_OR_FOLLOWER)
    return true
  }
  if (partition.highWatermark < requiredOffset) return false
  if (partition.isUnderMinIsr) fail(ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND)
  return true
}
