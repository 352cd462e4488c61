import { type Cluster, sleep } from '@ottla/network'
import {
  InvalidArgumentError,
  KafkaError,
  type RecordBytes,
  type RecordHeaderInput,
  TimeoutError,
} from '@ottla/protocol'
import type { Accumulator, TopicQueues } from './accumulator.js'
import { tellFailed, type Waiting } from './delivery.js'
import type { Dispatcher } from './dispatcher.js'
import type { ProducerRecord } from './record.js'
import type { Turn } from './turn.js'

/** A record whose topic must be looked up first. */
interface HeldRecord {
  readonly record: ProducerRecord
  readonly headers: readonly RecordHeaderInput[]
  readonly waiting: Waiting
  readonly place: number
  /** Counted against the buffer memory. */
  readonly bytes: number
  /** When it came: the time it is held counts. */
  readonly turn: Turn
  /** The record is not sent when this aborts before its topic is known. */
  readonly signal: AbortSignal | undefined
}

/** What a record costs that is held as objects instead of encoded in a batch, about. */
const heldOverheadBytes = 256

interface HeldTopic {
  /** In the order of the calls. */
  readonly records: Set<HeldRecord>
  /** Aborts when all of them were withdrawn: nobody waits for what is looked up. */
  abandoned: AbortController
}

/** Somebody who waits until these went on or failed. */
interface Settling {
  readonly records: Set<HeldRecord>
  readonly done: () => void
}

/**
 * Finds out where records go: straight on when the topic's partitions are known, else held, in order, until metadata
 * tells. What a topic's first record waits for, all that come meanwhile wait for behind it.
 */
export class Router {
  readonly #cluster: Cluster
  readonly #accumulator: Accumulator
  readonly #dispatcher: Dispatcher
  readonly #deliveryTimeoutMs: number
  readonly #onUndelivered: (topic: string, error: KafkaError, isEnqueued: boolean) => void
  readonly #held = new Map<string, HeldTopic>()
  /** What is held for calls with a signal, by signal: many calls may be called off, one by one. */
  readonly #withdrawable = new Map<AbortSignal, Set<HeldRecord>>()
  readonly #settling = new Set<Settling>()
  #lastTopic: TopicQueues | undefined
  /** The turn in which the partition count of `#lastTopic` was looked up. */
  #lastTurn: Turn | undefined

  constructor(
    cluster: Cluster,
    accumulator: Accumulator,
    dispatcher: Dispatcher,
    deliveryTimeoutMs: number,
    onUndelivered: (topic: string, error: KafkaError, isEnqueued: boolean) => void,
  ) {
    this.#cluster = cluster
    this.#accumulator = accumulator
    this.#dispatcher = dispatcher
    this.#deliveryTimeoutMs = deliveryTimeoutMs
    this.#onUndelivered = onUndelivered
  }

  /**
   * Takes a record, which has been checked and fits into memory.
   *
   * @param place see `Delivery`.
   * @param called the turn of the call, if it is not this one.
   */
  submit(
    record: ProducerRecord,
    headers: readonly RecordHeaderInput[],
    bytes: number,
    waiting: Waiting,
    place: number,
    signal?: AbortSignal,
    called?: Turn,
  ): void {
    this.#dispatcher.beginTurn()
    const topic = this.#topic(record.topic)
    const isHeld = this.#held.size > 0 && this.#held.has(record.topic)
    if (topic.partitionCount > 0 && !isHeld) {
      const partition = this.#accumulator.preferredPartition(topic, record)
      if (partition < topic.partitionCount) {
        const turn = called ?? this.#dispatcher.turn
        this.#accumulator.append(topic, partition, record, headers, waiting, place, turn)
        return
      }
      // The topic may have grown.
      this.#cluster.metadata.markStale(record.topic)
    }
    this.#hold(record, headers, bytes, waiting, place, signal, called ?? this.#dispatcher.turn)
  }

  /** Forgets what is held for calls with this signal, which has aborted. */
  withdraw(signal: AbortSignal): void {
    const touched = new Set<HeldTopic>()
    let bytes = 0
    for (const held of this.#withdrawable.get(signal) ?? []) {
      const topic = this.#held.get(held.record.topic)
      if (topic?.records.delete(held) !== true) continue
      this.#settled(held)
      touched.add(topic)
      bytes += held.bytes
    }
    this.#withdrawable.delete(signal)
    if (touched.size === 0) return
    // Lets in who waits for memory, to be held behind those that stay.
    this.#accumulator.memory.give(bytes)
    for (const { records, abandoned } of touched) if (records.size === 0) abandoned.abort()
  }

  /** Resolves when everything held now went on or failed; what comes meanwhile is not waited for. */
  settled(): Promise<void> {
    const records = new Set<HeldRecord>()
    for (const topic of this.#held.values()) for (const held of topic.records) records.add(held)
    if (records.size === 0) return Promise.resolve()
    return new Promise((done) => void this.#settling.add({ records, done }))
  }

  #settled(held: HeldRecord): void {
    for (const settling of this.#settling) {
      if (!settling.records.delete(held) || settling.records.size > 0) continue
      this.#settling.delete(settling)
      settling.done()
    }
  }

  /** The topic's queues, its partition count as of this turn. */
  #topic(name: string): TopicQueues {
    const { turn } = this.#dispatcher
    let topic = this.#lastTopic
    if (topic !== undefined && topic.name === name && this.#lastTurn === turn) return topic
    topic = this.#accumulator.topic(name)
    this.#updateCount(topic)
    this.#lastTopic = topic
    this.#lastTurn = turn
    return topic
  }

  #updateCount(topic: TopicQueues): void {
    const metadata = this.#cluster.metadata.topic(topic.name)
    if (metadata !== undefined && metadata.partitions.length > 0) {
      topic.partitionCount = metadata.partitions.length
    }
  }

  #hold(
    record: ProducerRecord,
    headers: readonly RecordHeaderInput[],
    bytes: number,
    waiting: Waiting,
    place: number,
    signal: AbortSignal | undefined,
    turn: Turn,
  ): void {
    const heldBytes = bytes + heldOverheadBytes
    this.#accumulator.memory.take(heldBytes)
    const held: HeldRecord = {
      record: detach(record),
      headers: headers.map(([name, value]) => [name, copy(value)]),
      waiting,
      place,
      bytes: heldBytes,
      turn,
      signal,
    }
    if (signal !== undefined) this.#withdrawableBy(signal).add(held)
    const topic = this.#held.get(record.topic)
    if (topic !== undefined) {
      topic.records.add(held)
      return
    }
    const fresh: HeldTopic = {
      records: new Set([held]),
      abandoned: new AbortController(),
    }
    this.#held.set(record.topic, fresh)
    void this.#lookUp(record.topic, fresh)
  }

  #withdrawableBy(signal: AbortSignal): Set<HeldRecord> {
    let those = this.#withdrawable.get(signal)
    if (those === undefined) {
      those = new Set()
      this.#withdrawable.set(signal, those)
    }
    return those
  }

  /** The record is not held any more: it went on or failed. */
  #letGo(held: HeldRecord): void {
    const { signal, bytes } = held
    if (signal !== undefined) {
      const those = this.#withdrawable.get(signal)
      those?.delete(held)
      if (those?.size === 0) this.#withdrawable.delete(signal)
    }
    this.#accumulator.memory.give(bytes)
    this.#settled(held)
  }

  /** Looks the topic up until its records went on, their time is over, or nobody waits for them. */
  async #lookUp(name: string, topic: HeldTopic): Promise<void> {
    const { clock } = this.#cluster.platform
    const { retryBackoffMs } = this.#cluster.options
    const { signal: stopped } = this.#dispatcher
    const { records } = topic
    let trouble: KafkaError | undefined
    for (let first = firstOf(records); first !== undefined; first = firstOf(records)) {
      const leftMs = Math.ceil(first.turn.nowMs + this.#deliveryTimeoutMs - clock.monotonic())
      if (leftMs <= 0) {
        records.delete(first)
        this.#fail(name, first, this.#timeout(name, trouble ?? this.#cluster.unreachable()))
        continue
      }
      // Others may have come after all were withdrawn.
      if (topic.abandoned.signal.aborted) topic.abandoned = new AbortController()
      const signal = AbortSignal.any([stopped, topic.abandoned.signal])
      try {
        const limits = { timeoutMs: leftMs, signal, allowAutoTopicCreation: true }
        await this.#cluster.ensureTopics([name], limits)
        stopped.throwIfAborted()
        this.#release(name, records)
      } catch (error) {
        if (topic.abandoned.signal.aborted && !stopped.aborted) continue
        trouble = KafkaError.from(error)
        if (stopped.aborted || !trouble.retriable) this.#failAll(name, records, trouble)
        else await sleep(clock, Math.min(leftMs, retryBackoffMs), signal).catch(() => {})
      }
    }
    this.#held.delete(name)
  }

  /** Lets the records go on, in their order. */
  #release(name: string, records: Set<HeldRecord>): void {
    this.#dispatcher.beginTurn()
    const topic = this.#accumulator.topic(name)
    this.#updateCount(topic)
    for (const held of takeAll(records)) {
      try {
        this.#append(topic, held)
        this.#letGo(held)
      } catch (error) {
        this.#fail(name, held, KafkaError.from(error))
      }
    }
  }

  /** @throws InvalidArgumentError for a partition that does not exist; what the application's partitioner throws. */
  #append(topic: TopicQueues, held: HeldRecord): void {
    const { record, headers, waiting, place, turn } = held
    const partition = this.#accumulator.preferredPartition(topic, record)
    if (partition >= topic.partitionCount) {
      const isChosen = record.partition === undefined
      throw noSuchPartition(topic.name, partition, topic.partitionCount, isChosen)
    }
    this.#accumulator.append(topic, partition, record, headers, waiting, place, turn)
  }

  #failAll(name: string, records: Set<HeldRecord>, error: KafkaError): void {
    for (const held of takeAll(records)) this.#fail(name, held, error)
  }

  #fail(name: string, held: HeldRecord, error: KafkaError): void {
    const { waiting, place } = held
    this.#onUndelivered(name, error, typeof waiting !== 'object')
    if (waiting !== undefined) tellFailed(waiting, error, place)
    this.#letGo(held)
  }

  #timeout(topic: string, cause: KafkaError | undefined): TimeoutError {
    const why = cause === undefined ? '' : `: ${cause.message}`
    return new TimeoutError(
      `a record for topic ${topic} was not delivered within deliveryTimeoutMs (${this.#deliveryTimeoutMs} ms): ` +
        `the topic's partitions are not known${why}`,
      { code: 'OTTLA_DELIVERY_TIMEOUT', topic, cause },
    )
  }
}

const firstOf = (records: Set<HeldRecord>): HeldRecord | undefined => {
  const [first] = records
  return first
}

/** Those who come meanwhile are not among them. */
const takeAll = (records: Set<HeldRecord>): readonly HeldRecord[] => {
  const all = [...records]
  records.clear()
  return all
}

/** @param isChosen by the application's partitioner; otherwise the record named it. */
const noSuchPartition = (
  topic: string,
  partition: number,
  count: number,
  isChosen: boolean,
): InvalidArgumentError =>
  new InvalidArgumentError(
    `topic ${topic} has no partition ${partition}${isChosen ? ', which the partitioner chose' : ''}: ` +
      `it has ${count}, numbered from 0`,
    { topic, partition },
  )

/**
 * The record with bytes of its own: the caller may use its memory again as soon as the call returns. It keeps the fields it
 * came with and their order, so that what is compiled for the records that follow is compiled for it too.
 */
const detach = (record: ProducerRecord): ProducerRecord => {
  const value = copy(record.value)
  const { key } = record
  return key instanceof Uint8Array ? { ...record, key: copy(key), value } : { ...record, value }
}

/** Short bytes lie in Node's pool: a piece of memory for each would take three to six times as long. */
const copy = (bytes: RecordBytes): RecordBytes =>
  bytes instanceof Uint8Array ? Buffer.from(bytes) : bytes
