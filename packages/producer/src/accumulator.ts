import type { CompressionName, KafkaError, RecordHeaderInput } from '@ottla/protocol'
import { ProducerBatch } from './batch.js'
import { BufferMemory } from './buffer-memory.js'
import { BufferPool } from './buffer-pool.js'
import type { Waiting } from './delivery.js'
import { PartitionQueue } from './partition-queue.js'
import { chooseSticky, type PartitionChoice } from './partitioner.js'
import type { ProducerRecord } from './record.js'
import type { BatchSource } from './sender-contract.js'
import type { Turn } from './turn.js'

/** What the accumulator needs of the options. */
export interface AccumulatorSettings {
  readonly batchSize: number
  readonly bufferMemory: number
  readonly compression: CompressionName
  readonly partitioner: PartitionChoice
  /** A number in [0, 1) on each call. */
  readonly random: () => number
  readonly isAvailable: (topic: string, partition: number) => boolean
  /** A batch was delivered or given up. */
  readonly onSettled: (batch: ProducerBatch) => void
  /** A batch goes out again, or in parts. */
  readonly onRetry: (batch: ProducerBatch, error: KafkaError) => void
}

/** Memory that a batch begins with when the pool has none: little, because a thousand partitions may have a batch each. */
const firstBatchBytes = 1024

/** A flush under way and what it waits for. */
interface Flush {
  readonly batches: Set<ProducerBatch>
  readonly done: () => void
}

/** The queues of one topic, and where its records without a key go. */
export class TopicQueues {
  readonly name: string
  /** Partitions known of the topic; 0 until metadata came. */
  partitionCount = 0
  /** The partition records without a preference stick to, -1 to choose anew. */
  sticky = -1
  /** Largest batch the topic takes, once a broker refused one. */
  maxBatchBytes = Infinity
  readonly #queues: (PartitionQueue | undefined)[] = []
  #longest = 0
  #longestIsGoodFor = 0

  constructor(name: string) {
    this.name = name
  }

  queue(partition: number): PartitionQueue {
    const existing = this.#queues[partition]
    if (existing !== undefined) return existing
    // Filled up to the partition, so that the array never gets holes, which would make it slow.
    for (let next = this.#queues.length; next < partition; next++) this.#queues[next] = undefined
    const queue = new PartitionQueue(this.name, partition)
    this.#queues[partition] = queue
    return queue
  }

  /** Batches of a partition that wait or are in flight. */
  queuedBatches(partition: number): number {
    return this.#queues[partition]?.length ?? 0
  }

  /**
   * The most batches that a partition has waiting or in flight. Looked up again only every so many calls, so that a topic of a
   * thousand partitions costs a batch no more than one of ten; a queue that has grown beyond it meanwhile counts as as long.
   */
  longestQueue(): number {
    if (this.#longestIsGoodFor-- > 0) return this.#longest
    this.#longestIsGoodFor = this.#queues.length >> 3
    this.#longest = 0
    for (const queue of this.#queues) {
      if (queue !== undefined && queue.length > this.#longest) this.#longest = queue.length
    }
    return this.#longest
  }
}

/**
 * Holds records from the call until their delivery, as batches per partition: by `batchSize`, within `bufferMemory`.
 * Records are encoded as they come; nothing of the caller's is kept.
 */
export class Accumulator implements BatchSource {
  readonly active = new Set<PartitionQueue>()
  /** Batches not yet delivered or failed, in the order in which they were opened. */
  readonly incomplete = new Set<ProducerBatch>()
  /** No batch of `incomplete` was created before this; it may be too early, never too late. */
  #oldestMs = Infinity
  readonly memory: BufferMemory
  readonly #settings: AccumulatorSettings
  readonly #pool: BufferPool
  readonly #topics = new Map<string, TopicQueues>()
  readonly #flushes = new Set<Flush>()
  readonly #settled = (batch: ProducerBatch): void => {
    this.incomplete.delete(batch)
    if (this.incomplete.size === 0) this.#oldestMs = Infinity
    if (!batch.isDissolved) this.#settings.onSettled(batch)
    for (const flush of this.#flushes) this.#advance(flush, batch)
    this.memory.give(batch.byteLength)
  }

  constructor(settings: AccumulatorSettings) {
    this.#settings = settings
    this.memory = new BufferMemory(settings.bufferMemory)
    this.#pool = new BufferPool(settings.bufferMemory / 4)
  }

  get isFlushing(): boolean {
    return this.#flushes.size > 0 || this.memory.isExhausted
  }

  /** No incomplete batch was created before this; Infinity when there is none. May be too early. */
  get oldestMs(): number {
    return this.#oldestMs
  }

  /**
   * Incomplete batches created at `timeMs` or before. Not just the first ones: records that were held until their topic was
   * known bring the time of their call along, and parts that of their whole. Looks at all batches only if one may be that old.
   */
  createdBy(timeMs: number): readonly ProducerBatch[] {
    if (this.#oldestMs > timeMs) return []
    const old: ProducerBatch[] = []
    this.#oldestMs = Infinity
    for (const batch of this.incomplete) {
      if (batch.createdAtMs <= timeMs) old.push(batch)
      else if (batch.createdAtMs < this.#oldestMs) this.#oldestMs = batch.createdAtMs
    }
    return old
  }

  topic(name: string): TopicQueues {
    let topic = this.#topics.get(name)
    if (topic === undefined) {
      topic = new TopicQueues(name)
      this.#topics.set(name, topic)
    }
    return topic
  }

  /** The partition that the record names, or its key asks for, or -1 for any. May be none that exists. */
  preferredPartition(topic: TopicQueues, record: ProducerRecord): number {
    if (record.partition !== undefined) return record.partition
    return this.#settings.partitioner(record, topic.partitionCount) ?? -1
  }

  /**
   * Appends a record to the open batch of its partition, or of the sticky one for -1.
   *
   * @param place see `Delivery`.
   * @param turn when the record came; its timestamp is for a record without one.
   */
  append(
    topic: TopicQueues,
    partition: number,
    record: ProducerRecord,
    headers: readonly RecordHeaderInput[],
    waiting: Waiting,
    place: number,
    turn: Turn,
  ): void {
    const key = record.key ?? null
    const { value } = record
    const timestamp = record.timestamp ?? turn.timestamp
    let queue = topic.queue(partition < 0 ? this.#stickyPartition(topic) : partition)
    let batch = queue.open
    while (batch !== undefined) {
      const before = batch.byteLength
      if (batch.tryAppend(key, value, headers, timestamp, waiting, place)) {
        this.memory.take(batch.byteLength - before)
        return
      }
      queue.close()
      if (topic.sticky === queue.partition) topic.sticky = -1
      // The partition chosen now may have a batch open too; each turn of this loop closes one.
      if (partition < 0) queue = topic.queue(this.#stickyPartition(topic))
      batch = queue.open
    }
    const maxBytes = Math.min(this.#settings.batchSize, topic.maxBatchBytes)
    batch = this.#openBatch(queue, turn.nowMs, maxBytes)
    batch.tryAppend(key, value, headers, timestamp, waiting, place)
    // Known to others only now: a record that cannot be written must not leave an empty batch behind.
    this.#include(batch)
    queue.open = batch
    this.active.add(queue)
    this.memory.take(batch.byteLength)
    // Nothing fits beside such a record: there is nothing to linger for.
    if (batch.byteLength >= maxBytes) {
      queue.close()
      this.taken(queue)
    }
  }

  /** Sends what is there without lingering, and calls `done` when all of it is delivered or given up. */
  flush(done: () => void): void {
    if (this.incomplete.size === 0) {
      done()
      return
    }
    for (const queue of this.active) {
      queue.close()
      this.taken(queue)
    }
    this.#flushes.add({ batches: new Set(this.incomplete), done })
  }

  #advance(flush: Flush, batch: ProducerBatch): void {
    flush.batches.delete(batch)
    if (flush.batches.size > 0) return
    this.#flushes.delete(flush)
    flush.done()
  }

  #stickyPartition(topic: TopicQueues): number {
    const { sticky } = topic
    return sticky >= 0 && sticky < topic.partitionCount ? sticky : this.#chooseSticky(topic)
  }

  #chooseSticky(topic: TopicQueues): number {
    const { isAvailable, random } = this.#settings
    topic.sticky = chooseSticky(
      {
        partitionCount: topic.partitionCount,
        isAvailable: (partition) => isAvailable(topic.name, partition),
        queuedBatches: (partition) => topic.queuedBatches(partition),
        longestQueue: () => topic.longestQueue(),
      },
      random,
    )
    return topic.sticky
  }

  #openBatch(queue: PartitionQueue, createdAtMs: number, maxBytes: number): ProducerBatch {
    return new ProducerBatch({
      topic: queue.topic,
      partition: queue.partition,
      createdAtMs,
      maxBytes,
      compression: this.#settings.compression,
      buffer: this.#pool.take() ?? Buffer.allocUnsafeSlow(firstBatchBytes),
      onSettled: this.#settled,
    })
  }

  #include(batch: ProducerBatch): void {
    this.incomplete.add(batch)
    if (batch.createdAtMs < this.#oldestMs) this.#oldestMs = batch.createdAtMs
  }

  // The sender's side.

  queueOf(batch: ProducerBatch): PartitionQueue {
    return this.topic(batch.topic).queue(batch.partition)
  }

  taken(queue: PartitionQueue): void {
    const topic = this.topic(queue.topic)
    if (topic.sticky === queue.partition && queue.open === undefined) topic.sticky = -1
  }

  openPart(whole: ProducerBatch): ProducerBatch {
    const topic = this.topic(whole.topic)
    const half = Math.ceil(whole.byteLength / 2)
    // Learned for good: the next batches of the topic are not refused for the same reason.
    topic.maxBatchBytes = Math.min(topic.maxBatchBytes, half)
    return this.#openBatch(topic.queue(whole.partition), whole.createdAtMs, half)
  }

  replace(whole: ProducerBatch, parts: readonly ProducerBatch[]): void {
    for (const part of parts) {
      this.#include(part)
      this.memory.take(part.byteLength)
      for (const { batches } of this.#flushes) if (batches.has(whole)) batches.add(part)
    }
    whole.dissolve()
  }

  retried(batch: ProducerBatch, error: KafkaError): void {
    this.#settings.onRetry(batch, error)
  }

  reuse(batch: ProducerBatch): void {
    this.#pool.give(batch.buffer)
  }
}
