import type { AssignedPartition } from './assigned-partition.js'
import { FetchSession } from './fetch-session.js'

/**
 * Fetches per broker: two connections (lanes), so that a fetch parked at partitions without news does not hold up one that has
 * caught the application waiting. One request a lane at a time, because brokers answer a connection in order.
 */
const lanesPerNode = 2

/** One fetch connection to a broker, and the partitions that are asked for through it. */
export class FetchLane {
  readonly node: FetchNode
  readonly index: number
  readonly session = new FetchSession()
  /** Asked for by the request under way, or by the next one. */
  readonly partitions = new Set<AssignedPartition>()
  /** Changed while a request was under way: to be looked at when it has been answered. */
  readonly changed = new Set<AssignedPartition>()
  isBusy = false
  /** The last answer brought nothing, and nothing was added since. */
  isQuiet = false
  /** When the request under way is answered at the latest, if there is no news. */
  answerDueMs = -Infinity
  /** Bytes that the request under way may bring. */
  grantedBytes = 0
  answeredAtMs = -Infinity
  /** Answers in a row that refused the session. */
  refusals = 0

  constructor(node: FetchNode, index: number) {
    this.node = node
    this.index = index
  }

  attach(partition: AssignedPartition, nowMs: number): void {
    partition.lane = this
    partition.attachedAtMs = nowMs
    this.partitions.add(partition)
    this.session.add(partition)
    this.isQuiet = false
  }

  /** @param wasAnswered false keeps the last answer from counting as one for this partition: it was an error. */
  detach(partition: AssignedPartition, wasAnswered = true): void {
    if (wasAnswered) partition.answeredAtMs = partition.lastAnswerMs
    partition.lane = undefined
    this.partitions.delete(partition)
    this.changed.delete(partition)
    this.session.remove(partition)
  }
}

/** A broker that partitions are fetched from. */
export class FetchNode {
  readonly id: number
  readonly lanes: readonly FetchLane[]
  /** Partitions that want to be fetched and have no lane yet. */
  readonly waiting = new Set<AssignedPartition>()
  failures = 0
  /** No request before this monotonic time, after a failure. */
  retryAtMs = 0

  constructor(id: number) {
    this.id = id
    this.lanes = Array.from({ length: lanesPerNode }, (_, index) => new FetchLane(this, index))
  }
}
