import { type Clock, type Cluster, createBackoff, type Timer } from '@ottla/network'
import { InvalidArgumentError, KafkaError } from '@ottla/protocol'
import { Assignment } from './assignment.js'
import { Callbacks } from './callbacks.js'
import type { CallOptions } from './calls.js'
import { Delivery } from './delivery/delivery.js'
import type { LoopSource } from './delivery/lease-source.js'
import { ProgressWatch } from './delivery/progress-watch.js'
import { Watchdog } from './delivery/watchdog.js'
import { publish } from './diagnostics.js'
import type { AssignedPartition } from './fetch/assigned-partition.js'
import { Fetcher } from './fetch/fetcher.js'
import { GroupSession } from './group/group-session.js'
import { TopicWatch } from './group/topic-watch.js'
import { Handover } from './handover.js'
import { Committer } from './offsets/committer.js'
import { type CallLimits, GroupOffsets, notAssigned } from './offsets/group-offsets.js'
import type { LookupContext } from './offsets/list-offsets.js'
import { PositionValidator } from './offsets/position-validator.js'
import { Positions } from './offsets/positions.js'
import type { ResolvedConsumerOptions } from './options.js'
import { Subscription } from './subscription.js'
import { formatPartition, type TopicPartition } from './topic-partition.js'

/** Of the time limit of `close`, this is kept for committing and leaving once handlers are no longer waited for. */
const leaveReserveMs = (timeoutMs: number): number => Math.min(2000, timeoutMs / 4)

let lastConsumer = 0

/** The parts of a consumer, wired together: what a partition goes through from assignment to revocation. */
export class Engine {
  readonly options: ResolvedConsumerOptions
  readonly cluster: Cluster
  readonly clock: Clock
  readonly subscription: Subscription
  readonly assignment = new Assignment()
  readonly delivery: Delivery
  readonly fetcher: Fetcher
  readonly positions: Positions
  readonly session: GroupSession | undefined
  readonly committer: Committer | undefined
  readonly groupOffsets: GroupOffsets | undefined
  /** Ends everything when the consumer has closed. */
  readonly lifetime = new AbortController()

  readonly #validator: PositionValidator
  readonly #watchdog: Watchdog
  readonly #progress: ProgressWatch
  readonly #handover: Handover
  readonly #handlersGrace: Promise<void>
  #endGrace: () => void = () => {}
  #isStarted = false
  #isManual = false

  constructor(options: ResolvedConsumerOptions, cluster: Cluster) {
    const { platform, groupId } = options
    this.options = options
    this.cluster = cluster
    this.clock = platform.clock
    this.subscription = new Subscription(options.topics)
    const id = ++lastConsumer
    const { signal } = this.lifetime
    this.#handlersGrace = new Promise((resolve) => {
      this.#endGrace = resolve
    })
    this.delivery = new Delivery({
      onTaken: () => this.committer?.touch(),
      onDrained: (partition) => this.#refetch([partition]),
      onUnreadable: (partition, error) => this.#onUnreadable(partition, error),
    })
    this.fetcher = this.#createFetcher(`consumer-${id}`)
    if (groupId !== undefined) {
      this.groupOffsets = this.#createGroupOffsets(groupId)
      this.committer = this.#createCommitter(this.groupOffsets)
      this.session = this.#createSession(groupId, `consumer-${id}-group`)
    }
    this.positions = this.#createPositions()
    this.#handover = this.#createHandover()
    this.#validator = this.#createValidator()
    this.#progress = this.#createProgressWatch()
    this.#watchdog = new Watchdog({
      clock: this.clock,
      delivery: this.delivery,
      maxPollIntervalMs: options.maxPollIntervalMs,
      signal,
      onStuck: (idleMs) => this.#onStuck(idleMs),
    })
  }

  /** Whether partitions were chosen by `assign` and not by a group. */
  get isManual(): boolean {
    return this.#isManual
  }

  /** Whether a topic is subscribed to or assigned. */
  reads(topic: string): boolean {
    return (
      this.subscription.includes(topic) || this.assignment.all.some((one) => one.topic === topic)
    )
  }

  /** How look-ups of offsets are made, within `timeoutMs`. */
  lookup(timeoutMs: number, signal: AbortSignal): LookupContext {
    const { cluster, clock, options } = this
    const { random } = options.platform
    const isReadCommitted = options.isolationLevel === 'read_committed'
    return { cluster, clock, random, backoff: this.#backoff(), isReadCommitted, timeoutMs, signal }
  }

  /** What loops and runs draw from. */
  source(signal?: AbortSignal): LoopSource {
    const { delivery, clock, options } = this
    const { maxPollRecords } = options
    return { delivery, clock, maxPollRecords, signal, onRequest: () => this.request() }
  }

  /** @throws InvalidArgumentError for a partition that is not assigned. */
  partition(target: TopicPartition): AssignedPartition {
    const partition = this.assignment.get(target)
    if (partition !== undefined) return partition
    throw new InvalidArgumentError(`${formatPartition(target)} is not assigned to this consumer.`, {
      topic: target.topic,
      partition: target.partition,
    })
  }

  /** The limits of a call: its own, and the consumer's life. */
  limits({ timeoutMs, signal }: CallOptions): CallLimits {
    const { options, lifetime } = this
    return {
      timeoutMs: timeoutMs ?? options.defaultApiTimeoutMs,
      signal: signal === undefined ? lifetime.signal : AbortSignal.any([lifetime.signal, signal]),
    }
  }

  /** The application has sought: fetch there, and commit it. */
  moved(partitions: readonly AssignedPartition[]): void {
    this.committer?.touch()
    this.changed(partitions)
  }

  /** The application has sought, paused or resumed partitions. */
  changed(partitions: readonly AssignedPartition[]): void {
    if (!this.#isStarted || this.delivery.isClosed) return
    this.#refetch(partitions)
  }

  /** The application asks for records: begin, or come back after having been put aside. */
  request(): void {
    if (this.delivery.isClosed) return
    if (!this.#isStarted) this.#start()
    if (this.#isManual || this.subscription.isEmpty) return
    if (this.session?.phase === 'unjoined') this.session.join()
  }

  /** Reads these partitions, without a group's say. Replaces the ones before. */
  assign(partitions: readonly TopicPartition[]): AssignedPartition[] {
    this.#isManual = true
    this.fetcher.touch(this.assignment.all)
    this.assignment.remove(this.assignment.all)
    const added = this.assignment.add(partitions)
    for (const partition of added) partition.isHeld = false
    this.delivery.wake()
    return added
  }

  /** Looks up positions and fetches, as far as the consumer has been started. */
  proceed(): void {
    if (!this.#isStarted || this.delivery.isClosed) return
    this.positions.resolve()
    this.#refetch(this.assignment.all)
  }

  /** Partitions changed in a way that matters to fetching them. */
  readonly #refetch = (partitions: readonly AssignedPartition[]): void => {
    this.fetcher.touch(partitions)
    this.fetcher.pump()
  }

  /** Gives everything up in order, within `timeoutMs`, then ends whatever is left. */
  async close(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    this.delivery.close()
    this.#watchdog.stop()
    this.#progress.stop()
    const timers: Timer[] = []
    const after = (ms: number): Promise<void> =>
      new Promise((resolve) => timers.push(this.clock.setTimer(ms, resolve)))
    void after(timeoutMs - leaveReserveMs(timeoutMs)).then(this.#endGrace)
    const leaving = this.#leave().catch((error: unknown) => this.#onRetry(KafkaError.from(error)))
    const aborted = new Promise<void>((resolve) => {
      if (signal?.aborted) resolve()
      signal?.addEventListener('abort', () => resolve(), {
        once: true,
        signal: this.lifetime.signal,
      })
    })
    const isLeft = leaving.then(() => true)
    if ((await Promise.race([isLeft, after(timeoutMs), aborted])) !== true) {
      this.session?.abandon()
      // What is to be sent leaves at the end of the turn.
      await new Promise<void>((resolve) => this.clock.afterTurn(resolve))
    }
    for (const timer of timers) timer.cancel()
    this.lifetime.abort()
    this.assignment.remove(this.assignment.all)
  }

  async #leave(): Promise<void> {
    if (this.session !== undefined && !this.#isManual) {
      await this.session.leave()
      return
    }
    await this.delivery.drain(this.assignment.all, this.#handlersGrace)
    if (this.committer?.isAutomatic) await this.committer.commitFinished()
  }

  #start(): void {
    const { options, subscription, cluster } = this
    if (!this.#isManual && (subscription.isEmpty || this.session === undefined)) {
      throw new InvalidArgumentError(
        'There is nothing to read: give the consumer a groupId and topics, or call assign().',
      )
    }
    this.#isStarted = true
    const { signal } = this.lifetime
    // Everything below is tried again for as long as it takes. That no broker was ever reached is worth an error, though.
    cluster
      .refreshMetadata({
        topics: this.#topicNames(),
        allowAutoTopicCreation: options.allowAutoCreateTopics,
        signal,
        timeoutMs: options.defaultApiTimeoutMs,
      })
      .catch((error: unknown) => {
        if (!signal.aborted) this.delivery.fail(error)
      })
    if (!this.#isManual) this.#watchdog.start()
    this.#progress.start()
    this.proceed()
  }

  #topicNames(): string[] {
    if (!this.#isManual) return this.subscription.names
    return [...new Set(this.assignment.all.map(({ topic }) => topic))]
  }

  #backoff() {
    const { platform, retryBackoffMs: baseMs, retryBackoffMaxMs: maxMs } = this.options
    return createBackoff({ random: platform.random, baseMs, maxMs })
  }

  readonly #backoffMs = (failures: number): number => this.#backoff().delayMs(failures + 1)

  #createFetcher(lane: string): Fetcher {
    const { cluster, clock, options } = this
    return new Fetcher({
      cluster,
      clock,
      options,
      lane,
      backoffMs: this.#backoffMs,
      find: (topic, partition) => this.assignment.get({ topic, partition }),
      budget: this.assignment.budget,
      signal: this.lifetime.signal,
      events: {
        onFetched: (partition) => this.delivery.offer(partition),
        onOutOfRange: (partition) => this.positions.outOfRange(partition),
        onNewLeader: (partition) => this.#validator.add(partition),
        onError: (error, resume, partition) => this.delivery.fail(error, resume, partition),
      },
    })
  }

  #createGroupOffsets(groupId: string): GroupOffsets {
    const { cluster, clock, options } = this
    const nobody = { memberId: '', generationId: -1 }
    return new GroupOffsets({
      cluster,
      clock,
      random: options.platform.random,
      backoff: this.#backoff(),
      groupId,
      groupInstanceId: options.groupInstanceId ?? null,
      identity: () => (this.#isManual ? nobody : (this.session?.identity ?? nobody)),
      isOurs: (partition) => !this.#isManual && this.assignment.get(partition) !== undefined,
      isJoining: () => this.session?.isJoining === true,
      onRefused: (identity, errorCode) => this.session?.commitRefused(identity, errorCode),
    })
  }

  #createCommitter(groupOffsets: GroupOffsets): Committer {
    const { enableAutoCommit, autoCommitIntervalMs, defaultApiTimeoutMs } = this.options
    return new Committer({
      groupOffsets,
      clock: this.clock,
      partitions: () => this.assignment.all,
      autoCommitIntervalMs: enableAutoCommit ? autoCommitIntervalMs : undefined,
      limits: { timeoutMs: defaultApiTimeoutMs, signal: this.lifetime.signal },
      onError: (error) => this.#onCommitFailed(KafkaError.from(error)),
    })
  }

  #createSession(groupId: string, lane: string): GroupSession {
    const { cluster, clock, options, subscription } = this
    const { signal } = this.lifetime
    const topics = new TopicWatch({
      cluster,
      clock,
      options,
      subscription,
      signal,
      onChange: () => this.session?.rejoin('topics or their partitions changed'),
    })
    return new GroupSession({
      cluster,
      clock,
      options,
      groupId,
      lane,
      backoffMs: this.#backoffMs,
      signal,
      events: {
        topics: () => topics.resolve(),
        wants: (topic) => subscription.includes(topic),
        onLeading: (groupTopics) => topics.lead(groupTopics),
        onAssigned: (partitions) => this.#handover.assign(partitions),
        onRelease: (lost, reason, partitions) =>
          lost
            ? this.#handover.lose(reason, partitions)
            : this.#handover.revoke(reason, partitions),
        onFailed: (error) => this.delivery.failForever(error),
        onPutAside: () => {
          if (this.delivery.isAwaited) this.request()
        },
        onRetry: (error) => this.#onRetry(error),
      },
    })
  }

  #createHandover(): Handover {
    const { assignment, clock, committer, delivery, fetcher, options } = this
    return new Handover({
      assignment,
      clock,
      committer,
      delivery,
      fetcher,
      options,
      callbacks: new Callbacks(options, (error) => delivery.fail(error)),
      signal: this.lifetime.signal,
      handlersGrace: this.#handlersGrace,
      onAssigned: (partitions) =>
        publish('ottla:consumer:assigned', () => ({ ...this.#who(), partitions })),
      onReleased: (partitions, lost, reason) =>
        publish('ottla:consumer:revoked', () => ({ ...this.#who(), partitions, lost, reason })),
      onReady: () => this.proceed(),
      onRetry: (error) => this.#onRetry(error),
    })
  }

  #createPositions(): Positions {
    const { options, groupOffsets } = this
    return new Positions({
      groupOffsets,
      groupId: options.groupId,
      policy: options.autoOffsetReset,
      lookup: this.lookup(options.defaultApiTimeoutMs, this.lifetime.signal),
      partitions: () => this.assignment.all,
      onFound: () => this.#refetch(this.assignment.all),
      onError: (error, resume, partition) => this.delivery.fail(error, resume, partition),
    })
  }

  #createProgressWatch(): ProgressWatch {
    const { cluster, clock, options, fetcher } = this
    return new ProgressWatch({
      clock,
      stallTimeoutMs: options.stallTimeoutMs,
      partitions: () => this.assignment.all,
      isWanted: (partition) => fetcher.isWanted(partition),
      isLeaderless: ({ topic, partition }) =>
        cluster.metadata.leaderOf(topic, partition) === undefined,
      onStalled: ({ topic, partition, lastError: error }, idleMs) =>
        publish('ottla:consumer:stalled', () => ({
          ...this.#who(),
          topic,
          partition,
          idleMs,
          error,
        })),
      onHeal: (partitions) => {
        this.positions.restart(partitions)
        fetcher.reconnect(this.assignment.all)
      },
      onFailed: (partition, error) => this.delivery.fail(error, undefined, partition),
    })
  }

  #createValidator(): PositionValidator {
    const { options } = this
    return new PositionValidator({
      lookup: this.lookup(options.defaultApiTimeoutMs, this.lifetime.signal),
      policy: options.autoOffsetReset,
      backoffMs: this.#backoffMs,
      onDone: this.#refetch,
      onLost: (partition) => this.positions.reset(partition),
      onTruncated: ({ topic, partition }, offset) => {
        this.committer?.touch()
        publish('ottla:consumer:truncated', () => ({
          ...this.#who(),
          topic,
          partition,
          offset: BigInt(offset),
        }))
      },
      onError: (error, resume, partition) => this.delivery.fail(error, resume, partition),
    })
  }

  #onCommitFailed(error: KafkaError): void {
    const { phase } = this.session ?? {}
    // Refused because the group moves on: the session deals with it, and the records come again.
    const isMoving = phase !== undefined && phase !== 'stable'
    if (error.retriable || isMoving || error.code === notAssigned) this.#onRetry(error)
    else this.delivery.fail(error)
  }

  #onUnreadable(partition: AssignedPartition, cause: unknown): void {
    const error = KafkaError.from(cause)
    // The same bytes would fail again: fetch them anew once the application knows.
    partition.refetch()
    partition.retryAtMs = Infinity
    const resume = (): void => {
      partition.retryAtMs = 0
      this.#refetch([partition])
    }
    this.#refetch([partition])
    this.delivery.fail(error, resume, partition)
  }

  #onStuck(idleMs: number): void {
    if (this.session?.isOwner !== true) return
    publish('ottla:consumer:stuck', () => ({ ...this.#who(), idleMs }))
    this.session.pause()
  }

  #onRetry(error: KafkaError): void {
    publish('ottla:consumer:retry', () => ({ ...this.#who(), error }))
  }

  #who() {
    const { clientId, groupId } = this.options
    return { clientId, groupId }
  }
}
