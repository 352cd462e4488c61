import type { AssignedPartition } from './assigned-partition.js'

/** What one request will ask of one broker. */
export interface PlannedFetch {
  readonly node: number
  readonly partitions: AssignedPartition[]
  /** Limit for the whole answer. */
  maxBytes: number
}

/** Limits and surroundings of a plan. */
export interface PlanContext {
  readonly nowMs: number
  /** Node to fetch the partition from, undefined while there is no leader. */
  readonly nodeOf: (partition: AssignedPartition) => number | undefined
  /** Whether another request may be sent to the node now. */
  readonly isReady: (node: number) => boolean
  /** `fetchMaxBytes`: what may be fetched ahead. */
  readonly maxBytes: number
  readonly maxPartitionBytes: number
  /** Bytes that requests under way may still bring. */
  readonly bytesInFlight: number
}

/** What to send now, and what has to wait for something. */
export interface FetchPlan {
  readonly fetches: readonly PlannedFetch[]
  /** Partitions whose leader is not known. */
  readonly leaderless: readonly AssignedPartition[]
  /** When a partition that waits after an error may be asked for again. */
  readonly retryAtMs: number | undefined
}

/**
 * One answer brings at most this share of `fetchMaxBytes`: a frame lives until the last of its partitions has been read, so a
 * few middle-sized ones keep memory within bounds that one of full size would not.
 */
const sharesOfBudget = 8

/**
 * Chooses what to fetch now: from each ready broker, all partitions that have room for more. A partition is fetched again
 * while what came before is still being worked on, until about two full answers wait. Bytes ahead are bounded over all brokers;
 * what paused partitions hold makes way (and is fetched again) before others go without.
 */
export const planFetches = (
  partitions: Iterable<AssignedPartition>,
  context: PlanContext,
): FetchPlan => {
  const fetches = new Map<number, PlannedFetch>()
  const leaderless: AssignedPartition[] = []
  const holders: AssignedPartition[] = []
  let retryAtMs: number | undefined
  let buffered = 0
  for (const partition of partitions) {
    buffered += partition.bufferedBytes
    if (partition.isPaused && partition.bufferedBytes > 0) holders.push(partition)
    if (!wantsFetch(partition, context.maxPartitionBytes)) continue
    if (partition.retryAtMs > context.nowMs) {
      retryAtMs = Math.min(retryAtMs ?? Infinity, partition.retryAtMs)
      continue
    }
    const node = context.nodeOf(partition)
    if (node === undefined) leaderless.push(partition)
    else if (context.isReady(node)) {
      const fetch = fetches.get(node)
      if (fetch !== undefined) fetch.partitions.push(partition)
      else fetches.set(node, { node, partitions: [partition], maxBytes: 0 })
    }
  }
  const granted = grantRoom([...fetches.values()], holders, buffered, context)
  return { fetches: granted, leaderless, retryAtMs }
}

const wantsFetch = (partition: AssignedPartition, maxPartitionBytes: number): boolean =>
  partition.fetchOffset !== undefined &&
  partition.fetchId === 0 &&
  partition.bufferedBytes <= maxPartitionBytes &&
  !partition.isHeld &&
  !partition.isPaused &&
  !partition.isRevoking &&
  !partition.isRevoked

const grantRoom = (
  fetches: readonly PlannedFetch[],
  holders: readonly AssignedPartition[],
  buffered: number,
  { maxBytes, maxPartitionBytes, bytesInFlight }: PlanContext,
): PlannedFetch[] => {
  let used = buffered + bytesInFlight
  const most = Math.min(
    maxBytes,
    Math.max(maxPartitionBytes, Math.floor(maxBytes / sharesOfBudget)),
  )
  const least = Math.min(most, maxPartitionBytes)
  const granted: PlannedFetch[] = []
  for (const fetch of fetches) {
    for (const holder of holders) {
      if (maxBytes - used >= least) break
      used -= evict(holder)
    }
    const room = maxBytes - used
    if (room < least && used > 0) continue
    fetch.maxBytes = Math.min(
      most,
      Math.max(room, least),
      fetch.partitions.length * maxPartitionBytes,
    )
    used += fetch.maxBytes
    granted.push(fetch)
  }
  return granted
}

/** Gives up what was fetched and not read yet; it is fetched again after `resume`. */
const evict = (partition: AssignedPartition): number => {
  const { bufferedBytes, chunks } = partition
  const [first] = chunks
  if (first === undefined) return 0
  partition.fetchOffset = first.nextOffset
  partition.fetchId = 0
  chunks.length = 0
  partition.bufferedBytes = 0
  return bufferedBytes
}
