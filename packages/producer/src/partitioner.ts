import { InvalidArgumentError, partitionForKey, type RecordBytes } from '@ottla/protocol'
import { crc32 } from './crc32.js'
import type { ProducerRecord } from './record.js'

/** What a partitioner may look at besides the record and the number of partitions; nothing is made unless asked for. */
export interface PartitionerContext {
  /** The key in bytes; null when there is none. */
  keyBytes(): Uint8Array | null
  /** Partitions that have a leader now. */
  availablePartitions(): readonly number[]
}

/**
 * Chooses the partition of a record that names none: a number below `partitionCount`, or undefined to leave it to the
 * producer (sticky). The record is as it goes out, serialized. Called once a record, on the hot path: it must be fast. What
 * it throws fails the record.
 */
export type Partitioner = (
  record: ProducerRecord,
  partitionCount: number,
  context: PartitionerContext,
) => number | undefined

/**
 * The partitioners by name: `murmur2` puts a key where the Java client puts it and leaves null keys to the producer,
 * `consistent_random` puts a key where librdkafka puts it by default (CRC-32; empty keys count as none), `sticky` leaves
 * everything to the producer (Kafka's `partitioner.ignore.keys`), `round-robin` takes turns per topic.
 */
export type PartitionerName = 'murmur2' | 'consistent_random' | 'sticky' | 'round-robin'

/** A producer's own partitioner. Named ones get no context, as they need none: that would be paid for with every record. */
export type PartitionChoice = (record: ProducerRecord, partitionCount: number) => number | undefined

/** Kafka's rule: `toPositive(murmur2(key)) % partitionCount`, over all partitions, available or not. */
const murmur2Partitioner: PartitionChoice = (record, partitionCount) => {
  const key: RecordBytes | undefined = record.key
  return key === null || key === undefined ? undefined : partitionForKey(key, partitionCount)
}

/** librdkafka's rule: `crc32(key) % partitionCount`; null and empty keys anywhere. */
const crc32Partitioner: PartitionChoice = ({ key }, partitionCount) =>
  key === null || key === undefined || key.length === 0 ? undefined : crc32(key) % partitionCount

const stickyPartitioner: PartitionChoice = () => undefined

const createRoundRobinPartitioner = (): PartitionChoice => {
  const turns = new Map<string, number>()
  return (record, partitionCount) => {
    const turn = turns.get(record.topic) ?? 0
    turns.set(record.topic, turn + 1)
    return turn % partitionCount
  }
}

/**
 * Gives a producer its own partitioner of a name, or the application's.
 *
 * @param isAvailable whether a partition has a leader now: for the context of the application's.
 */
export const createPartitioner = (
  partitioner: PartitionerName | Partitioner,
  isAvailable: (topic: string, partition: number) => boolean,
): PartitionChoice => {
  if (typeof partitioner === 'function') return checked(partitioner, new LazyContext(isAvailable))
  if (partitioner === 'murmur2') return murmur2Partitioner
  if (partitioner === 'consistent_random') return crc32Partitioner
  return partitioner === 'sticky' ? stickyPartitioner : createRoundRobinPartitioner()
}

const checked =
  (partitioner: Partitioner, context: LazyContext): PartitionChoice =>
  (record, partitionCount) => {
    context.begin(partitionCount, record)
    const partition = partitioner(record, partitionCount, context)
    if (partition === undefined || (Number.isInteger(partition) && partition >= 0)) return partition
    throw new InvalidArgumentError(
      `the partitioner gave ${partition} for topic ${record.topic}; it must give an integer from 0 on, or undefined`,
      { topic: record.topic },
    )
  }

const names: readonly PartitionerName[] = ['murmur2', 'consistent_random', 'sticky', 'round-robin']

/** Reads the option; undefined when it is neither a name nor a function. */
export const readPartitioner = (input: unknown): PartitionerName | Partitioner | undefined => {
  if (typeof input === 'function') return input as Partitioner
  return names.find((name) => name === input)
}

/** One context for all calls, so that a partitioner that does not look at it costs little. Valid during a call. */
class LazyContext implements PartitionerContext {
  readonly #isAvailable: (topic: string, partition: number) => boolean
  #partitionCount = 0
  #record: ProducerRecord = { topic: '', value: null }

  constructor(isAvailable: (topic: string, partition: number) => boolean) {
    this.#isAvailable = isAvailable
  }

  /** The next call is about this record. */
  begin(partitionCount: number, record: ProducerRecord): void {
    this.#partitionCount = partitionCount
    this.#record = record
  }

  keyBytes(): Uint8Array | null {
    const { key = null } = this.#record
    return typeof key === 'string' ? Buffer.from(key) : key
  }

  availablePartitions(): readonly number[] {
    const { topic } = this.#record
    const all = Array.from({ length: this.#partitionCount }, (_, partition) => partition)
    return all.filter((partition) => this.#isAvailable(topic, partition))
  }
}

/** What the sticky choice looks at. */
export interface StickyCandidates {
  readonly partitionCount: number
  /** Whether the partition has a leader now. */
  isAvailable(partition: number): boolean
  /** Batches of the partition that wait or are in flight. */
  queuedBatches(partition: number): number
  /** The most that `queuedBatches` gives for any partition, or gave a moment ago. */
  longestQueue(): number
}

/** How often an unavailable partition is passed over before all are looked at. */
const drawsBeforeScan = 3

/** How often a partition is drawn and refused for its queue before all are weighed. */
const drawsBeforeWeighing = 8

/**
 * Chooses where records without a key go until their batch is closed (KIP-480), adapting to the brokers as KIP-794 does: each
 * partition's chance is how much shorter than the longest queue its own is, plus one. So a slow broker gets less, and queues of equal
 * length share evenly. Partitions without a leader are passed over unless none has one.
 *
 * KIP-794 draws from a table of all partitions. Drawing any partition and refusing it with the chance it lacks gives the same
 * distribution, and mostly looks at one; only when many are refused, all are weighed.
 *
 * @param random a number in [0, 1) on each call.
 */
export const chooseSticky = (candidates: StickyCandidates, random: () => number): number => {
  const mostWeight = candidates.longestQueue() + 1
  for (let draw = 0; draw < drawsBeforeWeighing; draw++) {
    const partition = drawAvailable(candidates, random)
    if (mostWeight === 1) return partition
    if (random() * mostWeight < weightOf(candidates, partition, mostWeight)) return partition
  }
  return weighAll(candidates, mostWeight, random)
}

/** At least 1, also of a queue that has become longer than the longest known. */
const weightOf = (candidates: StickyCandidates, partition: number, mostWeight: number): number =>
  Math.max(1, mostWeight - candidates.queuedBatches(partition))

const weighAll = (
  candidates: StickyCandidates,
  mostWeight: number,
  random: () => number,
): number => {
  const { partitionCount } = candidates
  const ends = new Array<number>(partitionCount)
  let total = 0
  for (let partition = 0; partition < partitionCount; partition++) {
    if (candidates.isAvailable(partition)) total += weightOf(candidates, partition, mostWeight)
    ends[partition] = total
  }
  const drawn = random() * total
  const partition = ends.findIndex((end) => drawn < end)
  return partition < 0 ? drawAvailable(candidates, random) : partition
}

const drawAvailable = (candidates: StickyCandidates, random: () => number): number => {
  const { partitionCount } = candidates
  let partition = 0
  for (let draw = 0; draw < drawsBeforeScan; draw++) {
    partition = Math.floor(random() * partitionCount)
    if (candidates.isAvailable(partition)) return partition
  }
  for (let step = 1; step < partitionCount; step++) {
    const next = (partition + step) % partitionCount
    if (candidates.isAvailable(next)) return next
  }
  return partition
}
