import { Cluster } from '@ottla/network'
import { InvalidArgumentError } from '@ottla/protocol'
import { namesOf } from './assignment.js'
import type { ConsumerBatch } from './batch.js'
import { BatchLoop, type LoopSource, RecordLoop } from './delivery/loops.js'
import { type RunOptions, runHandlers } from './delivery/run.js'
import { Engine } from './engine.js'
import type { AssignedPartition } from './fetch/assigned-partition.js'
import { type Committable, toStoredOffsets } from './offsets/committable.js'
import type { GroupOffsets } from './offsets/group-offsets.js'
import { listOffsets, OffsetSpec } from './offsets/list-offsets.js'
import { type ConsumerOptions, resolveConsumerOptions } from './options.js'
import type { ConsumerRecord } from './record.js'
import type { TopicSelector } from './subscription.js'
import {
  formatPartition,
  type TopicPartition,
  type TopicPartitionOffset,
} from './topic-partition.js'

/** Limits of one call. */
export interface CallOptions {
  /** Default `defaultApiTimeoutMs`. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** A partition to read without a group, and where to start: by default as after a rebalance. */
export interface AssignedFrom extends TopicPartition {
  readonly offset?: bigint | number
}

/** A committed offset; `undefined` when nothing is committed. */
export interface CommittedOffset extends TopicPartition {
  readonly offset: bigint | undefined
  /** What the committer wrote beside it. */
  readonly metadata: string | null
}

/** How far reading is behind. */
export interface PartitionLag extends TopicPartition {
  /** Records between the position and the end; gaps that compaction left count, too. */
  readonly lag: bigint
  readonly position: bigint
  readonly endOffset: bigint
}

/** What a transaction needs to know of the group whose offsets it commits (KIP-447). */
export interface GroupMetadata {
  readonly groupId: string
  readonly generationId: number
  readonly memberId: string
  readonly groupInstanceId: string | null
}

/** Limits of `close`. */
export interface CloseOptions {
  /** Default 30 s. A sixth of it at most goes to waiting for records at hand. */
  readonly timeoutMs?: number
}

const defaultCloseTimeoutMs = 30_000

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
export class Consumer implements AsyncIterable<ConsumerRecord>, AsyncDisposable {
  readonly #engine: Engine
  readonly #cluster: Cluster
  readonly #ownsCluster: boolean
  #closing: Promise<void> | undefined

  /**
   * @param cluster shared by several clients, and left open by `close`; without one the consumer makes its own.
   * @throws InvalidArgumentError for an option that is unknown or out of range.
   */
  constructor(options: ConsumerOptions, cluster?: Cluster) {
    const resolved = resolveConsumerOptions(options)
    this.#ownsCluster = cluster === undefined
    this.#cluster = cluster ?? new Cluster(resolved, resolved.platform)
    this.#engine = new Engine(resolved, this.#cluster)
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

  /** Every record, one by one. See the class for what counts as finished. */
  [Symbol.asyncIterator](): AsyncIterableIterator<ConsumerRecord> {
    return new RecordLoop(this.#source())
  }

  /**
   * The fast path: up to `maxPollRecords` records of one partition at a time. A batch is finished when the loop asks for the next.
   *
   * @param options `signal` ends the wait for a batch with its reason.
   */
  batches(options: { readonly signal?: AbortSignal } = {}): AsyncIterableIterator<ConsumerBatch> {
    return new BatchLoop(this.#source(options.signal))
  }

  /** As iterating the consumer, with a signal that ends the wait for a record with its reason. */
  records(options: { readonly signal?: AbortSignal } = {}): AsyncIterableIterator<ConsumerRecord> {
    return new RecordLoop(this.#source(options.signal))
  }

  /**
   * Calls handlers, several partitions at a time if wanted, each partition's records in order. Resolves when the consumer closes
   * or the signal fires.
   *
   * @throws what a handler throws (its record is not finished), and what a loop would throw.
   */
  run(options: RunOptions): Promise<void> {
    return runHandlers(this.#source(options.signal), options)
  }

  /**
   * Replaces the topics to read. A member that has joined joins again.
   *
   * @throws InvalidArgumentError without a groupId, or after `assign`.
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
    engine.subscription.replace(topics)
    engine.session.rejoin('the subscription changed')
  }

  /**
   * Reads exactly these partitions, whatever other consumers do. With a `groupId` offsets are committed to that group.
   *
   * @throws InvalidArgumentError after `subscribe`.
   */
  assign(partitions: readonly AssignedFrom[]): void {
    const engine = this.#engine
    engine.delivery.assertOpen()
    if (!engine.subscription.isEmpty) {
      throw new InvalidArgumentError('assign() and subscribed topics exclude each other.')
    }
    engine.assign(partitions)
    for (const target of partitions) {
      if (target.offset !== undefined) this.#partition(target).moveTo(readOffset(target))
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
    for (const target of toList(targets)) this.#partition(target).seekTo(readOffset(target))
    this.#engine.committer?.touch()
    this.#engine.proceed()
  }

  /**
   * Goes on reading at the first record at or after a timestamp (milliseconds since 1970, or a Date), at the end where there is
   * none. Default: all assigned partitions.
   *
   * @throws InvalidArgumentError, BrokerError, TimeoutError, the signal's reason.
   */
  async seekToTimestamp(
    timestamp: number | Date,
    options: CallOptions & { readonly partitions?: readonly TopicPartition[] } = {},
  ): Promise<void> {
    const at = Number(timestamp)
    if (!Number.isSafeInteger(at) || at < 0) {
      throw new InvalidArgumentError(
        `seekToTimestamp() takes milliseconds since 1970 or a Date, not ${String(timestamp)}.`,
      )
    }
    const partitions = options.partitions ?? this.assignment
    for (const partition of partitions) this.#partition(partition)
    const found = await this.#listOffsets(partitions, at, options)
    const none = partitions.filter(({ topic, partition }) => {
      const offset = found.get(topic, partition)?.offset
      return offset === undefined || offset < 0
    })
    const ends = await this.#listOffsets(none, OffsetSpec.latest, options)
    for (const target of partitions) {
      const { topic, partition } = target
      const offset = ends.get(topic, partition)?.offset ?? found.get(topic, partition)?.offset
      // A rebalance may have taken it away meanwhile.
      if (offset !== undefined) this.#engine.assignment.get(target)?.seekTo(offset)
    }
    this.#engine.committer?.touch()
    this.#engine.proceed()
  }

  /** Hands out nothing more of these partitions (default: all assigned); records at hand can be finished. */
  pause(partitions: readonly TopicPartition[] = this.assignment): void {
    for (const target of partitions) {
      const partition = this.#partition(target)
      partition.isPaused = true
      partition.lease?.stop(false)
    }
  }

  /** Goes on where `pause` stopped; no record is skipped. Default: all assigned partitions. */
  resume(partitions: readonly TopicPartition[] = this.assignment): void {
    for (const target of partitions) {
      const partition = this.#partition(target)
      partition.isPaused = false
      this.#engine.delivery.offer(partition)
    }
    this.#engine.proceed()
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
   * @throws InvalidArgumentError without a groupId; BrokerError (the group went on without this member), TimeoutError, the
   * signal's reason.
   */
  async commit(
    what?: Committable | readonly Committable[],
    options: CallOptions = {},
  ): Promise<void> {
    this.#engine.delivery.assertOpen()
    const { committer, assignment } = this.#engine
    if (committer === undefined) throw needsGroup('commit')
    const limits = this.#limits(options)
    if (what === undefined) return committer.commitFinished(limits)
    const offsets = toStoredOffsets(what)
    await committer.commit(offsets, limits)
    for (const target of offsets) assignment.get(target)?.markFinished(target.offset)
  }

  /**
   * What the group has committed. Default: all assigned partitions.
   *
   * @throws InvalidArgumentError without a groupId; BrokerError, TimeoutError, the signal's reason.
   */
  async committed(
    partitions: readonly TopicPartition[] = this.assignment,
    options: CallOptions = {},
  ): Promise<CommittedOffset[]> {
    this.#engine.delivery.assertOpen()
    const stored = await this.#groupOffsets('committed').fetch(partitions, this.#limits(options))
    return partitions.map(({ topic, partition }) => {
      const found = stored.get(topic, partition)
      const offset = found === undefined ? undefined : BigInt(found.offset)
      return { topic, partition, offset, metadata: found?.metadata ?? null }
    })
  }

  /**
   * How far each assigned partition's position is behind its end, asked of the brokers now. Partitions whose position is not
   * known yet are left out.
   *
   * @throws BrokerError, TimeoutError, the signal's reason.
   */
  async lag(options: CallOptions = {}): Promise<PartitionLag[]> {
    const partitions = this.#engine.assignment.all
    const ends = await this.#listOffsets(namesOf(partitions), OffsetSpec.latest, options)
    return partitions.flatMap(({ topic, partition, readPosition }) => {
      const end = ends.get(topic, partition)?.offset
      if (end === undefined || readPosition === undefined) return []
      const [position, endOffset] = [BigInt(readPosition), BigInt(end)]
      const lag = endOffset > position ? endOffset - position : 0n
      return [{ topic, partition, lag, position, endOffset }]
    })
  }

  /**
   * The partitions of a topic, for `assign`.
   *
   * @throws BrokerError for a topic that does not exist, TimeoutError, the signal's reason.
   */
  async partitionsFor(topic: string, options: CallOptions = {}): Promise<TopicPartition[]> {
    this.#engine.delivery.assertOpen()
    const { allowAutoCreateTopics: allowAutoTopicCreation } = this.#engine.options
    await this.#cluster.ensureTopics([topic], { ...this.#limits(options), allowAutoTopicCreation })
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
   * Ends loops and runs, waits a moment for records at hand, commits what is finished, calls `onRevoked`, leaves the group and
   * closes connections. Takes `timeoutMs` at most; what could not be committed by then is read again by others. Idempotent,
   * never rejects. Do not await it inside a loop over the consumer: leave the loop instead.
   */
  close({ timeoutMs = defaultCloseTimeoutMs }: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(timeoutMs)
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(timeoutMs: number): Promise<void> {
    await this.#engine.close(timeoutMs)
    if (this.#ownsCluster) await this.#cluster.close()
  }

  #source(signal?: AbortSignal): LoopSource {
    const { delivery, clock, options } = this.#engine
    const { maxPollRecords } = options
    return { delivery, clock, maxPollRecords, signal, onRequest: () => this.#engine.request() }
  }

  #partition(target: TopicPartition): AssignedPartition {
    const partition = this.#engine.assignment.get(target)
    if (partition !== undefined) return partition
    throw new InvalidArgumentError(`${formatPartition(target)} is not assigned to this consumer.`, {
      topic: target.topic,
      partition: target.partition,
    })
  }

  #groupOffsets(method: string): GroupOffsets {
    const { groupOffsets } = this.#engine
    if (groupOffsets === undefined) throw needsGroup(method)
    return groupOffsets
  }

  #limits({ timeoutMs, signal }: CallOptions) {
    const { options, lifetime } = this.#engine
    const signals =
      signal === undefined ? lifetime.signal : AbortSignal.any([lifetime.signal, signal])
    return { timeoutMs: timeoutMs ?? options.defaultApiTimeoutMs, signal: signals }
  }

  #listOffsets(partitions: readonly TopicPartition[], timestamp: number, options: CallOptions) {
    this.#engine.delivery.assertOpen()
    const { timeoutMs, signal } = this.#limits(options)
    const queries = partitions.map(({ topic, partition }) => ({ topic, partition, timestamp }))
    return listOffsets(this.#engine.lookup(timeoutMs, signal), queries)
  }
}

const needsGroup = (method: string): InvalidArgumentError =>
  new InvalidArgumentError(`${method}() needs the option groupId: offsets are stored per group.`)

const toList = <T extends object>(value: T | readonly T[]): readonly T[] =>
  Array.isArray(value) ? value : [value as T]

const readOffset = (target: AssignedFrom): number => {
  const offset = Number(target.offset)
  if (Number.isSafeInteger(offset) && offset >= 0) return offset
  throw new InvalidArgumentError(
    `The offset of ${formatPartition(target)} must be 0 or more, not ${String(target.offset)}.`,
  )
}
