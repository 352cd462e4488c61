import type { Fault } from './fault-types.js'
import type { Faults } from './faults.js'
import type { RequestLog } from './request-log.js'
import type { WaitFor } from './wait-for.js'

/** What a test can do with a broker besides using it. */
export interface TestControls {
  /** False between `stop` or `kill` and `restart`. */
  readonly isRunning: boolean
  /** Makes requests fail, wait, or lose their connection. */
  readonly faults: Faults
  /** The requests that came. */
  readonly requests: RequestLog
  /** Waits for states, instead of asking again and again. */
  readonly waitFor: WaitFor
  /**
   * Drops topics, groups, idempotent producers, configs that were set, SCRAM users that were not given at the start,
   * faults and logged requests. Connections and ports live on; what waits for data or for a group is answered with an
   * error. For a fresh start of each test in under a millisecond.
   */
  reset(): Promise<void>
  /** Stops in order, as Kafka on SIGTERM; `restart` goes on with the same data. Idempotent. */
  stop(options?: { readonly timeoutMs?: number }): Promise<void>
  /**
   * Ends as after `kill -9`: connections are torn, nothing is flushed or written any more. What was written before is
   * there after `restart`, which recovers it. Idempotent.
   */
  kill(): Promise<void>
  /**
   * Starts again with the same ports, data, id and options, after stopping if it runs. Leader epochs rise, as with Kafka.
   * @throws ConnectionError when another process has taken a port meanwhile.
   */
  restart(): Promise<void>
  /**
   * Lets time pass for this broker: retention, session and rebalance timeouts, delays of faults. Timers fire in order; real
   * time goes on. Clients have clocks of their own; their connections end where they were idle for too long.
   * @throws InvalidArgumentError for a negative number, or while the broker is stopped.
   */
  advanceTime(ms: number): Promise<void>
  /**
   * Elects this broker leader of a partition (again): the leader epoch rises by one, so requests with the old one get
   * FENCED_LEADER_EPOCH. Brings back a partition that `removeLeader` took.
   * @returns the new leader epoch.
   * @throws InvalidArgumentError for a partition that does not exist.
   */
  electLeader(topic: string, partition: number): Promise<number>
  /**
   * Leaves a partition without a leader: metadata says LEADER_NOT_AVAILABLE, requests get NOT_LEADER_OR_FOLLOWER, and for
   * a partition of `__consumer_offsets` NOT_COORDINATOR.
   * @throws InvalidArgumentError for a partition that does not exist.
   */
  removeLeader(topic: string, partition: number): Promise<void>
  /** Groups answer COORDINATOR_LOAD_IN_PROGRESS, as after a move of their coordinator, until the fault is removed. */
  loadingGroups(): Fault
}
