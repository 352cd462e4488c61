import type { AssignedPartition } from './assigned-partition.js'
import { type FetchLane, FetchNode } from './fetch-lane.js'

/** Limits and surroundings of fetching. */
export interface FetchScheduleSetup {
  /** Node to fetch the partition from, undefined while there is no leader. */
  readonly nodeOf: (partition: AssignedPartition) => number | undefined
  /** Whether what was fetched suits the partition's leader; if not, that is being looked into and the partition waits. */
  readonly isSuited: (partition: AssignedPartition) => boolean
  readonly bufferMemory: number
  readonly fetchMaxBytes: number
  readonly maxPartitionFetchBytes: number
  readonly fetchMaxWaitMs: number
  /** Bytes fetched ahead and not handed out yet. */
  readonly bufferedBytes: () => number
}

/** A request to be sent now. */
export interface DueFetch {
  readonly lane: FetchLane
  /** Limit for the whole answer. */
  readonly maxBytes: number
  readonly maxWaitMs: number
}

/**
 * One answer brings at most this share of `bufferMemory`, 2 MiB of its default: a frame lives until the last of its partitions
 * has been read, so a few small ones keep memory within bounds that one of full size would not. Frames of 2 MiB are also read
 * with a fifth less CPU time than ones of 6 MiB, as the memory of those before them is used again while it is warm.
 */
const sharesOfBudget = 24

/** Two parked requests to one broker that end within so many milliseconds of each other become one. */
const mergeWithinMs = 25

/**
 * Decides what is fetched when: each partition that has room for more is with one lane of its broker, or waits for one. A partition
 * is fetched again while what came before is still being worked on, until about two full answers wait. Only partitions that were
 * `touch`ed are looked at: with ten thousand partitions of which three have news, three are.
 *
 * Bytes ahead are bounded over all brokers; what paused partitions hold makes way (and is fetched again) before others go without.
 */
export class FetchSchedule {
  readonly #setup: FetchScheduleSetup
  readonly #nodes = new Map<number, FetchNode>()
  readonly #touched = new Set<AssignedPartition>()
  /** Partitions that rest after an error. */
  readonly #resting = new Set<AssignedPartition>()
  readonly #leaderless = new Set<AssignedPartition>()
  /** Paused partitions that hold bytes. */
  readonly #holders = new Set<AssignedPartition>()
  #grantedBytes = 0

  constructor(setup: FetchScheduleSetup) {
    this.#setup = setup
  }

  get leaderless(): ReadonlySet<AssignedPartition> {
    return this.#leaderless
  }

  /** Whether there is memory for another answer. */
  get hasRoom(): boolean {
    const { bufferMemory, maxPartitionFetchBytes, bufferedBytes } = this.#setup
    const used = bufferedBytes() + this.#grantedBytes
    return used === 0 || bufferMemory - used >= Math.min(bufferMemory, maxPartitionFetchBytes)
  }

  get nodes(): Iterable<FetchNode> {
    return this.#nodes.values()
  }

  /** Something about the partition changed: look at it by the next `due`. */
  touch(partition: AssignedPartition): void {
    this.#touched.add(partition)
  }

  /** When to look again because a pause is over; Infinity for never. */
  nextWakeMs(nowMs: number): number {
    let wakeMs = Infinity
    for (const { retryAtMs } of this.#resting) wakeMs = Math.min(wakeMs, retryAtMs)
    for (const { retryAtMs } of this.#nodes.values()) {
      if (retryAtMs > nowMs) wakeMs = Math.min(wakeMs, retryAtMs)
    }
    return wakeMs
  }

  /** The requests to send now; their lanes count as busy until `answered`. */
  due(nowMs: number): DueFetch[] {
    for (const partition of this.#resting) {
      if (partition.retryAtMs <= nowMs) this.#touched.add(partition)
    }
    for (const partition of this.#touched) this.#place(partition, nowMs)
    this.#touched.clear()
    const fetches: DueFetch[] = []
    for (const node of this.#nodes.values()) this.#addDue(node, nowMs, fetches)
    return fetches
  }

  /** The lane's request is over: partitions that changed meanwhile find a new place. */
  answered(lane: FetchLane): void {
    lane.isBusy = false
    this.#grantedBytes -= lane.grantedBytes
    lane.grantedBytes = 0
    for (const partition of lane.changed) {
      lane.detach(partition)
      this.touch(partition)
    }
  }

  /** The lane's request failed: its partitions wait for another. */
  failed(lane: FetchLane): void {
    this.answered(lane)
    lane.session.renew()
    lane.isQuiet = false
    for (const partition of [...lane.partitions]) {
      lane.detach(partition)
      this.touch(partition)
    }
  }

  /** Puts a partition where it belongs now. */
  #place(partition: AssignedPartition, nowMs: number): void {
    const { lane } = partition
    if (lane?.isBusy && !isMoved(partition, lane)) {
      lane.changed.add(partition)
      return
    }
    if (lane !== undefined) lane.detach(partition)
    this.#displace(partition)
    if (partition.isPaused && partition.bufferedBytes > 0) this.#holders.add(partition)
    else this.#holders.delete(partition)
    if (!wantsFetch(partition, this.#setup.maxPartitionFetchBytes)) return
    if (partition.retryAtMs > nowMs) {
      this.#resting.add(partition)
      return
    }
    const id = this.#setup.nodeOf(partition)
    if (id === undefined) {
      this.#leaderless.add(partition)
      return
    }
    if (!this.#setup.isSuited(partition)) return
    const node = this.#nodes.get(id) ?? new FetchNode(id)
    this.#nodes.set(id, node)
    partition.waitingAt = node
    node.waiting.add(partition)
  }

  #displace(partition: AssignedPartition): void {
    partition.waitingAt?.waiting.delete(partition)
    partition.waitingAt = undefined
    this.#resting.delete(partition)
    this.#leaderless.delete(partition)
  }

  #addDue(node: FetchNode, nowMs: number, fetches: DueFetch[]): void {
    if (node.retryAtMs > nowMs) return
    const free = node.lanes.filter(({ isBusy }) => !isBusy)
    const [lane] = free
    if (lane === undefined) return
    const wanted = free.reduce((sum, { partitions }) => sum + partitions.size, node.waiting.size)
    if (wanted === 0) return
    const maxWaitMs = this.#waitMs(node, free, nowMs)
    if (maxWaitMs === undefined) return
    const maxBytes = this.#grant(wanted)
    if (maxBytes === 0) return
    this.#board(lane, free, nowMs)
    lane.isBusy = true
    lane.answerDueMs = nowMs + maxWaitMs
    lane.grantedBytes = maxBytes
    this.#grantedBytes += maxBytes
    fetches.push({ lane, maxBytes, maxWaitMs })
  }

  /**
   * How long the broker may hold the request. One that carries only partitions without news ends shortly before another parked
   * request, so that the two become one; undefined when that other is about to end and will take the partitions along.
   */
  #waitMs(node: FetchNode, free: readonly FetchLane[], nowMs: number): number | undefined {
    const { fetchMaxWaitMs } = this.#setup
    const isQuiet =
      node.waiting.size === 0 &&
      free.every(({ isQuiet, partitions }) => isQuiet || partitions.size === 0)
    const busy = node.lanes.find(({ isBusy }) => isBusy)
    if (!isQuiet || busy === undefined) return fetchMaxWaitMs
    const leftMs = busy.answerDueMs - nowMs
    if (leftMs <= 0) return fetchMaxWaitMs
    if (leftMs <= mergeWithinMs) return undefined
    return Math.min(fetchMaxWaitMs, Math.floor(leftMs - mergeWithinMs / 2))
  }

  /** All that waits, and what other free lanes have, goes by this lane. */
  #board(lane: FetchLane, free: readonly FetchLane[], nowMs: number): void {
    for (const other of free) {
      if (other === lane) continue
      for (const partition of [...other.partitions]) {
        other.detach(partition)
        lane.attach(partition, nowMs)
      }
    }
    for (const partition of lane.node.waiting) {
      partition.waitingAt = undefined
      if (wantsFetch(partition, this.#setup.maxPartitionFetchBytes)) lane.attach(partition, nowMs)
    }
    lane.node.waiting.clear()
  }

  /** Bytes that the next answer may have; 0 while there is no room. */
  #grant(partitions: number): number {
    const { bufferMemory, fetchMaxBytes, maxPartitionFetchBytes, bufferedBytes } = this.#setup
    const share = Math.max(maxPartitionFetchBytes, Math.floor(bufferMemory / sharesOfBudget))
    const most = Math.min(bufferMemory, fetchMaxBytes, share)
    const least = Math.min(most, maxPartitionFetchBytes)
    for (const holder of this.#holders) {
      if (bufferMemory - bufferedBytes() - this.#grantedBytes >= least) break
      holder.evict()
      this.#holders.delete(holder)
      this.touch(holder)
    }
    const used = bufferedBytes() + this.#grantedBytes
    const room = bufferMemory - used
    // A single batch larger than everything must still be fetched.
    if (room < least && used > 0) return 0
    return Math.min(most, Math.max(room, least), partitions * maxPartitionFetchBytes)
  }
}

/** Whether the lane's request is about another place than the partition is at now: its answer is not worth waiting for. */
const isMoved = (partition: AssignedPartition, { session }: FetchLane): boolean => {
  const asked = session.asked(partition)
  return asked !== undefined && asked.epoch !== partition.epoch
}

/** Whether a partition could be fetched: it has a place to fetch from, and room. */
export const wantsFetch = (partition: AssignedPartition, maxPartitionBytes: number): boolean =>
  partition.fetchOffset !== undefined &&
  partition.bufferedBytes <= maxPartitionBytes &&
  !partition.isHeld &&
  !partition.isPaused &&
  !partition.isRevoking &&
  !partition.isRevoked &&
  !partition.isValidating
