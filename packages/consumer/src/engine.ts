import type { Clock, Cluster, Timer } from '@ottla/network'
import { InvalidArgumentError, KafkaError, TimeoutError } from '@ottla/protocol'
import { Assignment } from './assignment.js'
import type { CallOptions } from './calls.js'
import { closedError } from './closed-error.js'
import type { Delivery } from './delivery/delivery.js'
import type { LoopSource } from './delivery/lease-source.js'
import { publish, whose } from './diagnostics.js'
import type { AssignedPartition } from './fetch/assigned-partition.js'
import type { GroupSession } from './group/group-session.js'
import { Membership } from './membership.js'
import { Commits } from './offsets/commits.js'
import type { Committer } from './offsets/committer.js'
import type { CallLimits, GroupOffsets } from './offsets/group-offsets.js'
import type { LookupContext } from './offsets/list-offsets.js'
import type { ResolvedConsumerOptions } from './options.js'
import { Reading } from './reading.js'
import { Subscription } from './subscription.js'
import { formatPartition, type TopicPartition } from './topic-partition.js'

/** Of the time limit of `close`, this is kept for committing and leaving once handlers are no longer waited for. */
const leaveReserveMs = (timeoutMs: number): number => Math.min(2000, timeoutMs / 4)

let lastConsumer = 0

/**
 * A consumer's life, from the first request for records to its end: starts reading, joins the group if it has one and the
 * application did not choose partitions by itself, and gives everything up in order.
 */
export class Engine {
  readonly options: ResolvedConsumerOptions
  readonly cluster: Cluster
  readonly subscription: Subscription
  readonly assignment: Assignment = new Assignment()
  readonly #clock: Clock
  /** Begins the names of the lanes that only this consumer uses. */
  readonly #lane = `consumer-${++lastConsumer}`
  readonly #reading: Reading
  readonly #commits: Commits | undefined
  readonly #membership: Membership | undefined
  /** Ends everything when the consumer has closed. */
  readonly #lifetime = new AbortController()
  readonly #handlersGrace: Promise<void>
  #endGrace: () => void = () => {}
  #isStarted = false
  #isManual = false

  constructor(options: ResolvedConsumerOptions, cluster: Cluster) {
    this.options = options
    this.cluster = cluster
    this.#clock = options.platform.clock
    this.subscription = new Subscription(options.topics)
    this.#handlersGrace = new Promise((resolve) => {
      this.#endGrace = resolve
    })
    const { assignment } = this
    const lane = this.#lane
    const { signal } = this.#lifetime
    const { groupId } = options
    const shared = { cluster, options, assignment, signal, onRetry: this.#onRetry }
    this.#commits =
      groupId === undefined
        ? undefined
        : new Commits({
            ...shared,
            groupId,
            session: () => (this.#isManual ? undefined : this.session),
            onError: (error) => this.delivery.fail(error),
          })
    const { groupOffsets, committer } = this.#commits ?? {}
    this.#reading = new Reading({
      ...shared,
      lane,
      groupOffsets,
      isManual: () => this.#isManual,
      onProgress: () => committer?.touch(),
    })
    if (groupId === undefined || committer === undefined) return
    this.#membership = new Membership({
      ...shared,
      groupId,
      lane: `${lane}-group`,
      subscription: this.subscription,
      reading: this.#reading,
      committer,
      handlersGrace: this.#handlersGrace,
      onReady: () => this.proceed(),
      onMissed: () => this.request(),
    })
  }

  get delivery(): Delivery {
    return this.#reading.delivery
  }

  /** Undefined without a group. */
  get session(): GroupSession | undefined {
    return this.#membership?.session
  }

  /** Undefined without a group. */
  get committer(): Committer | undefined {
    return this.#commits?.committer
  }

  /** Undefined without a group. */
  get groupOffsets(): GroupOffsets | undefined {
    return this.#commits?.groupOffsets
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
    return this.#reading.lookup(timeoutMs, signal)
  }

  /** What loops and runs draw from. */
  source(signal?: AbortSignal): LoopSource {
    const { delivery, options } = this
    const { maxPollRecords } = options
    const onRequest = () => this.request()
    return { delivery, clock: this.#clock, maxPollRecords, signal, onRequest }
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
  limits({ timeoutMs = this.options.defaultApiTimeoutMs, signal }: CallOptions): CallLimits {
    const life = this.#lifetime.signal
    return { timeoutMs, signal: signal === undefined ? life : AbortSignal.any([life, signal]) }
  }

  /** The application has sought: fetch there, and commit it. */
  moved(partitions: readonly AssignedPartition[]): void {
    this.committer?.touch()
    this.changed(partitions)
  }

  /** The application has sought, paused or resumed partitions. */
  changed(partitions: readonly AssignedPartition[]): void {
    if (this.#isReading) this.#reading.refetch(partitions)
  }

  /** The application asks for records: begin, or come back after having been put aside. */
  request(): void {
    if (this.delivery.isClosed) return
    if (!this.#isStarted) this.#start()
    if (this.#isManual || this.subscription.isEmpty) return
    if (this.session?.phase === 'unjoined') this.session.join()
  }

  /** Reads these partitions, without a group's say. Those read before go on where they are, or are given up. Returns the new ones. */
  assign(partitions: readonly TopicPartition[]): AssignedPartition[] {
    const { assignment, committer } = this
    this.#isManual = true
    const kept = new Set(partitions.map((target) => assignment.get(target)))
    const dropped = assignment.all.filter((partition) => !kept.has(partition))
    committer?.commitDropped(dropped)
    this.#reading.fetcher.touch(dropped)
    assignment.remove(dropped)
    const added = assignment.add(partitions)
    for (const partition of added) partition.isHeld = false
    this.delivery.wake()
    return added
  }

  /** Looks up positions and fetches, as far as the consumer has been started. */
  proceed(): void {
    if (this.#isReading) this.#reading.proceed()
  }

  /** Gives everything up in order, within `timeoutMs`, then ends whatever is left. */
  async close(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    this.#reading.close()
    this.#membership?.stop()
    const life = this.#lifetime
    const timers: Timer[] = []
    const after = (ms: number): Promise<void> =>
      new Promise((resolve) => timers.push(this.#clock.setTimer(ms, resolve)))
    const graceMs = timeoutMs - leaveReserveMs(timeoutMs)
    void after(graceMs).then(() => this.#onGraceOver(graceMs))
    const leaving = this.#leave().catch((error: unknown) => this.#onRetry(KafkaError.from(error)))
    const aborted = new Promise<void>((resolve) => {
      if (signal?.aborted) resolve()
      signal?.addEventListener('abort', () => resolve(), { once: true, signal: life.signal })
    })
    const isLeft = leaving.then(() => true)
    if ((await Promise.race([isLeft, after(timeoutMs), aborted])) !== true) {
      this.session?.abandon()
      // What is to be sent leaves at the end of the turn.
      await new Promise<void>((resolve) => this.#clock.afterTurn(resolve))
    }
    for (const timer of timers) timer.cancel()
    life.abort(closedError())
    // Others may share the cluster, and make many consumers.
    const cut = this.cluster.closeLanes(`${this.#lane}-`)
    this.assignment.remove(this.assignment.all)
    await cut
  }

  /** Waits for what is at hand no longer, saying for what it was waited in vain. */
  #onGraceOver(graceMs: number): void {
    const [lease] = this.delivery.leases
    if (lease !== undefined) {
      const { topic, partition } = lease.partition
      const text = `close() stopped waiting for the record at hand of ${formatPartition(lease.partition)} after ${graceMs} ms; it counts as not finished. If close() is awaited inside the loop or handler itself, leave that first: break, then close.`
      this.#onRetry(new TimeoutError(text, { code: 'OTTLA_TIMEOUT_CLOSE', topic, partition }))
    }
    this.#endGrace()
  }

  async #leave(): Promise<void> {
    if (this.session !== undefined && !this.#isManual) {
      await this.session.leave()
      return
    }
    await this.delivery.drain(this.assignment.all, this.#handlersGrace)
    if (this.committer?.isAutomatic) await this.committer.commitFinished()
  }

  get #isReading(): boolean {
    return this.#isStarted && !this.delivery.isClosed
  }

  #start(): void {
    const { options, subscription, cluster } = this
    if (!this.#isManual && (subscription.isEmpty || this.session === undefined)) {
      throw new InvalidArgumentError(
        'There is nothing to read: give the consumer a groupId and topics, or call assign().',
      )
    }
    this.#isStarted = true
    const { signal } = this.#lifetime
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
    if (!this.#isManual) this.#membership?.start()
    this.#reading.start()
    this.proceed()
  }

  #topicNames(): string[] {
    if (!this.#isManual) return this.subscription.names
    return [...new Set(this.assignment.all.map(({ topic }) => topic))]
  }

  readonly #onRetry = (error: KafkaError): void =>
    publish('ottla:consumer:retry', () => ({ ...whose(this.options), error }))
}
