import type { Cluster } from '@ottla/network'
import { KafkaError } from '@ottla/protocol'
import type { Assignment } from './assignment.js'
import { backoffOf } from './backoff.js'
import { Delivery, type FailureNotes } from './delivery/delivery.js'
import { ProgressWatch } from './delivery/progress-watch.js'
import { publish, whose } from './diagnostics.js'
import type { AssignedPartition } from './fetch/assigned-partition.js'
import { Fetcher } from './fetch/fetcher.js'
import { Presence } from './fetch/presence.js'
import type { GroupOffsets } from './offsets/group-offsets.js'
import type { LookupContext } from './offsets/list-offsets.js'
import { PositionValidator } from './offsets/position-validator.js'
import { Positions } from './offsets/positions.js'
import type { ResolvedConsumerOptions } from './options.js'

/** What a `Reading` works with. */
export interface ReadingSetup {
  readonly cluster: Cluster
  readonly options: ResolvedConsumerOptions
  readonly assignment: Assignment
  /** Prefix of the fetch connections' names, unique per consumer. */
  readonly lane: string
  /** Where committed offsets are; undefined without a group. */
  readonly groupOffsets: GroupOffsets | undefined
  /** Whether the application chose the partitions by itself: nobody else then notices one that does not exist. */
  readonly isManual: () => boolean
  /** Ends everything. */
  readonly signal: AbortSignal
  /** There is something new to commit. */
  readonly onProgress: () => void
}

/**
 * What an assigned partition goes through until its records are with the application:
 *
 * ```
 *            Positions ──────► Fetcher ──────► Delivery ──────► loops, runs
 *  where to start│  ▲           │  ▲ room again   │
 *                │  └─out of────┤  └──────────────┘
 *                │    range     ▼ new leader
 *                └────────── PositionValidator          ProgressWatch: looks on, and begins anew where nothing moves
 * ```
 */
export class Reading {
  readonly delivery: Delivery
  readonly fetcher: Fetcher
  readonly positions: Positions
  readonly #setup: ReadingSetup
  readonly #presence: Presence
  readonly #validator: PositionValidator
  readonly #progress: ProgressWatch

  constructor(setup: ReadingSetup) {
    const { cluster, options, isManual } = setup
    this.#setup = setup
    this.#presence = new Presence({
      metadata: cluster.metadata,
      clock: options.platform.clock,
      patienceMs: () => (isManual() ? options.defaultApiTimeoutMs : Infinity),
    })
    this.delivery = new Delivery({
      onTaken: setup.onProgress,
      onDrained: (partition) => this.refetch([partition]),
      onUnreadable: (partition, error) => this.#onUnreadable(partition, error),
    })
    this.fetcher = this.#createFetcher()
    this.positions = this.#createPositions()
    this.#validator = this.#createValidator()
    this.#progress = this.#createProgressWatch()
  }

  /** Watches over progress, from now on. */
  start(): void {
    this.#progress.start()
  }

  /** Hands out nothing more. */
  close(): void {
    this.delivery.close()
    this.#progress.stop()
  }

  /** Looks up positions where they are missing, and fetches. */
  proceed(): void {
    this.positions.resolve()
    this.refetch(this.#setup.assignment.all)
  }

  /** Partitions changed in a way that matters to fetching them. */
  readonly refetch = (partitions: readonly AssignedPartition[]): void => {
    this.fetcher.touch(partitions)
    this.fetcher.pump()
  }

  /** How look-ups of offsets are made, within `timeoutMs`. */
  lookup(timeoutMs: number, signal: AbortSignal): LookupContext {
    const { cluster, options } = this.#setup
    const { clock, random } = options.platform
    const isReadCommitted = options.isolationLevel === 'read_committed'
    return {
      cluster,
      clock,
      random,
      backoff: backoffOf(options),
      isReadCommitted,
      timeoutMs,
      signal,
    }
  }

  readonly #backoffMs = (failures: number): number =>
    backoffOf(this.#setup.options).delayMs(failures + 1)

  readonly #tell = (error: KafkaError, notes: FailureNotes): void =>
    this.delivery.fail(error, notes)

  #createFetcher(): Fetcher {
    const { cluster, options, assignment, lane, signal } = this.#setup
    return new Fetcher({
      cluster,
      clock: options.platform.clock,
      options,
      lane,
      backoffMs: this.#backoffMs,
      presence: this.#presence,
      find: (topic, partition) => assignment.get({ topic, partition }),
      budget: assignment.budget,
      signal,
      events: {
        onFetched: (partition) => this.delivery.offer(partition),
        onOutOfRange: (partition) => this.positions.outOfRange(partition),
        onNewLeader: (partition) => this.#validator.add(partition),
        onError: this.#tell,
      },
    })
  }

  #createPositions(): Positions {
    const { options, assignment, groupOffsets, signal } = this.#setup
    return new Positions({
      groupOffsets,
      groupId: options.groupId,
      policy: options.autoOffsetReset,
      lookup: this.lookup(options.defaultApiTimeoutMs, signal),
      presence: this.#presence,
      partitions: () => assignment.all,
      onFound: () => this.refetch(assignment.all),
      onError: this.#tell,
    })
  }

  #createValidator(): PositionValidator {
    const { options, signal, onProgress } = this.#setup
    return new PositionValidator({
      lookup: this.lookup(options.defaultApiTimeoutMs, signal),
      policy: options.autoOffsetReset,
      backoffMs: this.#backoffMs,
      onDone: this.refetch,
      onLost: (partition) => this.positions.reset(partition),
      onTruncated: ({ topic, partition }, offset) => {
        onProgress()
        const place = { topic, partition, offset: BigInt(offset) }
        publish('ottla:consumer:truncated', () => ({ ...whose(options), ...place }))
      },
      onError: this.#tell,
    })
  }

  #createProgressWatch(): ProgressWatch {
    const { cluster, options, assignment } = this.#setup
    const { fetcher, positions } = this
    return new ProgressWatch({
      clock: options.platform.clock,
      stallTimeoutMs: options.stallTimeoutMs,
      partitions: () => assignment.all,
      isWanted: (partition) => fetcher.isWanted(partition),
      isLeaderless: ({ topic, partition }) =>
        cluster.metadata.leaderOf(topic, partition) === undefined,
      onStalled: ({ topic, partition, lastError: error }, idleMs) => {
        const what = { topic, partition, idleMs, error }
        publish('ottla:consumer:stalled', () => ({ ...whose(options), ...what }))
      },
      onHeal: (partitions) => {
        positions.restart(partitions)
        fetcher.reconnect(assignment.all)
      },
      onFailed: (partition, error) => this.#tell(error, { partition }),
    })
  }

  #onUnreadable(partition: AssignedPartition, cause: unknown): void {
    // The same bytes would fail again: fetch them anew once the application knows.
    partition.refetch()
    partition.retryAtMs = Infinity
    const onTaken = (): void => {
      partition.retryAtMs = 0
      this.refetch([partition])
    }
    this.refetch([partition])
    this.#tell(KafkaError.from(cause), { onTaken, partition })
  }
}
