import { Cluster, type GroupMetadata, logDiagnostics } from '@ottla/network'
import { InvalidArgumentError } from '@ottla/protocol'
import { namesOf } from './assignment.js'
import type { ConsumerBatch } from './batch.js'
import type {
  AssignedFrom,
  CallOptions,
  CloseOptions,
  CommittedOffset,
  PartitionCallOptions,
  PartitionLag,
} from './calls.js'
import { assertPlaces } from './check-places.js'
import { type PartitionStream, PartitionStreams } from './delivery/partition-streams.js'
import { runHandlers } from './delivery/run.js'
import type { RunOptions } from './delivery/run-options.js'
import { openBatches, openRecords, type TypedSource } from './deserialization/deserialized-loops.js'
import { RecordDeserializer } from './deserialization/record-deserializer.js'
import { diagnostics, publish } from './diagnostics.js'
import { Engine } from './engine.js'
import type { Committable } from './offsets/committable.js'
import { OffsetQueries } from './offsets/offset-queries.js'
import { readOffset, Seeker } from './offsets/seeker.js'
import { type ConsumerOptions, resolveConsumerOptions } from './options.js'
import type { ConsumerRecord } from './record.js'
import type { TopicSelector } from './subscription.js'
import type { TopicPartition, TopicPartitionOffset } from './topic-partition.js'

const defaultCloseTimeoutMs = 10_000

/**
 * Reads records: as a member of a group that shares topics (`groupId`, `topics`), or from partitions of its own choice
 * (`assign`). It connects when the first record is asked for.
 *
 * ```ts
 * const consumer = new Consumer({ bootstrapServers: 'localhost:9092', groupId: 'dispatch', topics: ['trucks_gps'] })
 * for await (const record of consumer) console.log(record.key?.toString(), record.value?.toString())
 * ```
 *
 * A record is finished when the loop asks for the next one; only finished records are committed. Leaving the loop by `break` or
 * an exception leaves the record at hand unfinished: it comes again, in the next loop or after a restart. `commit(record)`
 * before a `break` finishes it.
 */
export class Consumer<Key = Buffer, Value = Buffer>
  implements AsyncIterable<ConsumerRecord<Key, Value>>, AsyncDisposable
{
  readonly #engine: Engine
  readonly #deserializer: RecordDeserializer<Key, Value> | undefined
  #skippedRecords = 0
  readonly #cluster: Cluster
  readonly #ownsCluster: boolean
  readonly #seeker: Seeker
  readonly #offsets: OffsetQueries
  #closing: Promise<void> | undefined

  /**
   * @param cluster shared by several clients, and left open by `close`; without one the consumer makes its own.
   * @throws InvalidArgumentError for an option that is unknown or out of range.
   */
  constructor(options: ConsumerOptions<Key, Value>, cluster?: Cluster) {
    const resolved = resolveConsumerOptions(options)
    this.#ownsCluster = cluster === undefined
    this.#cluster = cluster ?? new Cluster(resolved, resolved.platform)
    logDiagnostics(diagnostics)
    this.#engine = new Engine(resolved, this.#cluster)
    this.#deserializer = this.#createDeserializer(options)
    this.#seeker = new Seeker(this.#engine)
    this.#offsets = new OffsetQueries(this.#engine)
  }

  /** The group, undefined without one. */
  get groupId(): string | undefined {
    return this.#engine.options.groupId
  }

  /** Partitions that are read at the moment. */
  get assignment(): readonly TopicPartition[] {
    return namesOf(this.#engine.assignment.all)
  }

  /** Partitions that are paused at the moment. */
  get paused(): readonly TopicPartition[] {
    return namesOf(this.#engine.assignment.all.filter(({ isPaused }) => isPaused))
  }

  /** How many records could not be deserialized and were passed over (`onDeserializationError: 'skip'`). */
  get skippedRecords(): number {
    return this.#skippedRecords
  }

  /**
   * Makes sure that brokers, and the group's coordinator, can be reached, to fail fast. Not needed otherwise; joins nothing.
   *
   * @throws ConnectionError, TimeoutError, BrokerError, the signal's reason.
   */
  async connect(options: CallOptions = {}): Promise<void> {
    this.#engine.delivery.assertOpen()
    await this.#cluster.connect(options)
    const { groupId } = this
    if (groupId !== undefined) await this.#cluster.coordinator('group', groupId, options)
  }

  /**
   * Every record, one by one. See the class for what counts as finished.
   *
   * @throws ClosedError after `close`, as all ways to read do; a loop under way just ends.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<ConsumerRecord<Key, Value>> {
    return openRecords(this.#source())
  }

  /** As iterating the consumer, with a signal that ends the wait for a record with its reason. */
  records(
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): AsyncIterableIterator<ConsumerRecord<Key, Value>> {
    return openRecords(this.#source(options.signal))
  }

  /**
   * The fast path: up to `maxPollRecords` records of one partition at a time. A batch is finished when the loop asks for the next.
   *
   * @param options `signal` ends the wait for a batch with its reason.
   */
  batches(
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): AsyncIterableIterator<ConsumerBatch<Key, Value>> {
    return openBatches(this.#source(options.signal))
  }

  /**
   * A stream for each assigned partition, to be read side by side; new ones come with new assignments. A stream ends when its
   * partition is revoked; leaving this loop ends them all.
   *
   * ```ts
   * for await (const stream of consumer.partitions()) void copyToFile(stream)
   * ```
   */
  partitions(
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): AsyncIterableIterator<PartitionStream<Key, Value>> {
    const partitions = () => this.#engine.assignment.all
    return new PartitionStreams({ ...this.#source(options.signal), partitions })
  }

  /**
   * Calls handlers, several at a time if wanted. By default each partition's records come in order, one at a time. Resolves when
   * the consumer closes or the signal fires.
   *
   * @throws InvalidArgumentError, HandlerError with what a handler throws after its `retry` as `cause` (unless there is a
   * `deadLetter`; its record is not finished), and what a loop would throw.
   */
  async run(options: RunOptions<Key, Value>): Promise<void> {
    const { deadLetter, deadLetterProducer, platform } = this.#engine.options
    const { random } = platform
    const source = this.#source(options?.signal)
    const reads = (topic: string) => this.#engine.reads(topic)
    return runHandlers({ ...source, random, deadLetter, deadLetterProducer, reads }, options)
  }

  /**
   * Replaces the topics to read. A member that has joined joins again; without topics it leaves the group; for the same
   * topics nothing happens.
   *
   * @throws InvalidArgumentError without a groupId, after `assign`, or for a name that no topic can have.
   */
  subscribe(topics: TopicSelector | readonly TopicSelector[]): void {
    const engine = this.#engine
    engine.delivery.assertOpen()
    if (engine.session === undefined) {
      throw new InvalidArgumentError(
        'subscribe() needs the option groupId. Without a group, choose partitions with assign().',
      )
    }
    if (engine.isManual) {
      throw new InvalidArgumentError('subscribe() and assign() exclude each other.')
    }
    if (!engine.subscription.replace(topics)) return
    const reason = 'the subscription changed'
    if (engine.subscription.isEmpty) engine.session.unsubscribe(reason)
    else engine.session.rejoin(reason)
    // A loop that waits asks only once.
    if (engine.delivery.isAwaited) engine.request()
  }

  /**
   * Reads exactly these partitions, whatever other consumers do. With a `groupId` offsets are committed to that group. Called
   * again, partitions it names again go on where they are, unless it gives an `offset`.
   *
   * @throws InvalidArgumentError after `subscribe`, and for anything but `{ topic, partition, offset? }`.
   */
  assign(partitions: readonly AssignedFrom[]): void {
    const engine = this.#engine
    engine.delivery.assertOpen()
    if (!engine.subscription.isEmpty) {
      throw new InvalidArgumentError('assign() and subscribed topics exclude each other.')
    }
    const phase = engine.session?.phase ?? 'unjoined'
    if (phase !== 'unjoined') {
      throw new InvalidArgumentError(
        `assign() is not possible: this consumer is still a member of the group ${engine.options.groupId}. Wait for onRevoked, or make another consumer.`,
      )
    }
    assertPlaces(partitions)
    const added = new Set(engine.assign(partitions))
    for (const target of partitions) {
      if (target.offset === undefined) continue
      const partition = engine.partition(target)
      const offset = readOffset(target)
      if (added.has(partition)) partition.moveTo(offset)
      else partition.seekTo(offset)
    }
    engine.proceed()
  }

  /**
   * Goes on reading at another offset. What was fetched is dropped, a record at hand no longer counts, and with automatic
   * commits the new place is committed.
   *
   * @throws InvalidArgumentError for a partition that is not assigned, or an offset below 0.
   */
  seek(targets: TopicPartitionOffset | readonly TopicPartitionOffset[]): void {
    const places = Array.isArray(targets) ? targets : [targets]
    assertPlaces(places, 'seek')
    this.#seeker.seek(places)
  }

  /**
   * Goes on reading at the first record at or after a timestamp (milliseconds since 1970, or a Date), at the end where there is
   * none.
   *
   * @throws InvalidArgumentError, BrokerError, TimeoutError, the signal's reason.
   */
  seekToTimestamp(timestamp: number | Date, options: PartitionCallOptions = {}): Promise<void> {
    return this.#seeker.toTimestamp(timestamp, options)
  }

  /**
   * Goes on reading at the first record that is still in the log.
   *
   * @throws InvalidArgumentError, BrokerError, TimeoutError, the signal's reason.
   */
  seekToBeginning(options: PartitionCallOptions = {}): Promise<void> {
    return this.#seeker.toBeginning(options)
  }

  /**
   * Goes on reading at the end: with what is written from now on.
   *
   * @throws InvalidArgumentError, BrokerError, TimeoutError, the signal's reason.
   */
  seekToEnd(options: PartitionCallOptions = {}): Promise<void> {
    return this.#seeker.toEnd(options)
  }

  /** Hands out nothing more of these partitions (default: all assigned); records at hand can be finished. */
  pause(partitions: readonly TopicPartition[] = this.assignment): void {
    const paused = partitions.map((target) => this.#engine.partition(target))
    for (const partition of paused) {
      partition.isPaused = true
      partition.lease?.stop(false)
    }
    this.#engine.changed(paused)
  }

  /** Goes on where `pause` stopped; no record is skipped. Default: all assigned partitions. */
  resume(partitions: readonly TopicPartition[] = this.assignment): void {
    const resumed = partitions.map((target) => this.#engine.partition(target))
    for (const partition of resumed) {
      partition.isPaused = false
      this.#engine.delivery.offer(partition)
    }
    this.#engine.changed(resumed)
  }

  /** Offset of the next record to be handed out; undefined while it is being looked up, or when it is not assigned. */
  position(target: TopicPartition): bigint | undefined {
    const position = this.#engine.assignment.get(target)?.readPosition
    return position === undefined ? undefined : BigInt(position)
  }

  /**
   * Commits and resolves when the group has it: everything finished, or what is given. A record or batch stands for the offset
   * after it and so becomes finished; an offset is the next one to read.
   *
   * @throws InvalidArgumentError without a groupId, and (code `OTTLA_NOT_ASSIGNED`) for a partition that the group has given to
   * others; BrokerError (the group went on without this member), TimeoutError, the signal's reason.
   */
  commit(what?: Committable | readonly Committable[], options: CallOptions = {}): Promise<void> {
    return this.#offsets.commit(what, options)
  }

  /**
   * What the group has committed. Default: all assigned partitions.
   *
   * @throws InvalidArgumentError without a groupId; BrokerError, TimeoutError, the signal's reason.
   */
  committed(
    partitions: readonly TopicPartition[] = this.assignment,
    options: CallOptions = {},
  ): Promise<CommittedOffset[]> {
    return this.#offsets.committed(partitions, options)
  }

  /**
   * How far each assigned partition's position is behind its end, asked of the brokers now. Partitions whose position is not
   * known yet are left out.
   *
   * @throws BrokerError, TimeoutError, the signal's reason.
   */
  lag(options: CallOptions = {}): Promise<PartitionLag[]> {
    return this.#offsets.lag(options)
  }

  /** As of the last fetch, without asking: records between the position and the end. Undefined before the first fetch. */
  currentLag(target: TopicPartition): bigint | undefined {
    return this.#offsets.currentLag(target)
  }

  /**
   * The partitions of a topic, for `assign`.
   *
   * @throws BrokerError for a topic that does not exist, TimeoutError, the signal's reason.
   */
  async partitionsFor(topic: string, options: CallOptions = {}): Promise<TopicPartition[]> {
    this.#engine.delivery.assertOpen()
    const { allowAutoCreateTopics: allowAutoTopicCreation } = this.#engine.options
    const limits = this.#engine.limits(options)
    await this.#cluster.ensureTopics([topic], { ...limits, allowAutoTopicCreation })
    const partitions = this.#cluster.metadata.topic(topic)?.partitions ?? []
    return partitions.map(({ partition }) => ({ topic, partition }))
  }

  /** Who this consumer is in its group, for transactions. Undefined without a group. */
  groupMetadata(): GroupMetadata | undefined {
    const { options, session } = this.#engine
    const { groupId, groupInstanceId = null } = options
    if (groupId === undefined || session === undefined) return undefined
    return { groupId, ...session.identity, groupInstanceId }
  }

  /**
   * Ends loops and runs, waits for records at hand (until 2 s or a quarter of the time is left), commits what is finished, calls `onRevoked`, leaves the group and
   * closes connections. Takes `timeoutMs` at most; what could not be committed by then is read again by others. Idempotent,
   * never rejects. Do not await it inside a loop over the consumer: leave the loop instead.
   */
  close({ timeoutMs = defaultCloseTimeoutMs, signal }: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(timeoutMs, signal)
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #source(signal?: AbortSignal): TypedSource<Key, Value> {
    this.#engine.delivery.assertOpen()
    return { ...this.#engine.source(signal), deserializer: this.#deserializer }
  }

  #createDeserializer(
    options: ConsumerOptions<Key, Value>,
  ): RecordDeserializer<Key, Value> | undefined {
    const { keyDeserializer: key, valueDeserializer: value } = options
    if (key === undefined && value === undefined) return undefined
    const { clientId, groupId, onDeserializationError: onError } = this.#engine.options
    return new RecordDeserializer({
      key,
      value,
      onError,
      onSkipped: (error) => {
        const count = ++this.#skippedRecords
        const { topic, partition, offset } = error
        const place = { topic, partition, offset }
        publish('ottla:consumer:skipped', () => ({ clientId, groupId, ...place, error, count }))
      },
    })
  }

  async #close(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    const { clock } = this.#cluster.platform
    const deadlineMs = clock.monotonic() + timeoutMs
    await this.#engine.close(timeoutMs, signal)
    // Nothing is left to be sent that anybody waits for.
    const leftMs = Math.max(deadlineMs - clock.monotonic(), 0)
    if (this.#ownsCluster) await this.#cluster.close({ timeoutMs: leftMs })
  }
}
