import type { FetchRequestInput } from '@ottla/protocol'
import { ZERO_UUID } from '@ottla/protocol'
import { PartitionMap } from '../topic-partition.js'
import type { AssignedPartition } from './assigned-partition.js'

/** What metadata tells about a partition to fetch. */
export interface FetchTarget {
  readonly topicId: string
  readonly leaderEpoch: number
}

/** What a broker was told of a partition. */
export interface AskedPartition extends FetchTarget {
  readonly fetchOffset: number
  /** The partition's epoch at the time: an answer to an earlier one is void. */
  readonly epoch: number
}

/** The part of a request that names partitions. */
export type FetchBody = Pick<
  FetchRequestInput,
  'sessionId' | 'sessionEpoch' | 'topics' | 'forgottenTopicsData'
>

/** Epochs with a meaning: open a session (closing the one named), have none. */
const initialEpoch = 0
const finalEpoch = -1
const maxEpoch = 2 ** 31 - 1

/** From here on requests may belong to a session, and topics go by id. */
const firstVersionWithSessions = 7
const firstVersionWithTopicIds = 13

/**
 * A connection's side of an incremental fetch session (KIP-227): the broker remembers which partitions are asked for, and requests
 * name only what changed. A request with session epoch 0 names all and opens a session; the broker answers with its id, or with 0
 * when it has no room, and then all requests name all. Whatever may have put the two sides out of step (a lost connection, errors
 * 70, 71 and 106, other topic ids) makes the next request open a new session in place of the old one.
 */
export class FetchSession {
  #id = 0
  #epoch = initialEpoch
  #usesTopicIds = false
  /** What the broker was told, as of the last request. */
  readonly #asked = new Map<AssignedPartition, AskedPartition>()
  /** Wanted, and to be looked at for the next request: new, or somehow changed. */
  readonly #added = new Set<AssignedPartition>()
  readonly #removed = new Set<AssignedPartition>()

  /** What the broker was told of a partition by the request under way. */
  asked(partition: AssignedPartition): AskedPartition | undefined {
    return this.#asked.get(partition)
  }

  /** The partition is wanted by the next request. */
  add(partition: AssignedPartition): void {
    this.#removed.delete(partition)
    this.#added.add(partition)
  }

  /** The partition is not wanted any more. */
  remove(partition: AssignedPartition): void {
    this.#added.delete(partition)
    if (this.#asked.has(partition)) this.#removed.add(partition)
  }

  /** Whether the next request must name topics, because one has no id. Otherwise it may use their ids. */
  needsNames(
    wanted: ReadonlySet<AssignedPartition>,
    targetOf: (partition: AssignedPartition) => FetchTarget,
  ): boolean {
    const hasNoId = (partition: AssignedPartition): boolean =>
      targetOf(partition).topicId === ZERO_UUID
    if (this.#epoch !== initialEpoch && this.#usesTopicIds) return [...this.#added].some(hasNoId)
    return [...wanted].some(hasNoId)
  }

  /** The next request opens a new session; the broker closes this one. */
  renew(): void {
    this.#epoch = initialEpoch
  }

  /** The broker does not know this session. */
  forget(): void {
    this.#id = 0
    this.#epoch = initialEpoch
  }

  /**
   * Names partitions for the next request, which asks for all of `wanted`.
   *
   * @param version of the request, as agreed on with the broker.
   * @param targetOf what metadata says; all topics must have ids from version 13 on.
   */
  build(
    version: number,
    wanted: ReadonlySet<AssignedPartition>,
    partitionMaxBytes: number,
    targetOf: (partition: AssignedPartition) => FetchTarget,
  ): FetchBody {
    const usesTopicIds = version >= firstVersionWithTopicIds
    if (version < firstVersionWithSessions) this.forget()
    if (usesTopicIds !== this.#usesTopicIds) this.renew()
    this.#usesTopicIds = usesTopicIds
    const isFull = this.#epoch === initialEpoch || !this.#take(targetOf)
    if (isFull) this.#takeAll(wanted, targetOf)
    const topics = groupAsked(isFull ? wanted : this.#added, this.#asked, partitionMaxBytes)
    const forgotten = isFull ? [] : groupForgotten(gone(this.#removed, wanted), this.#asked)
    for (const partition of this.#removed) this.#asked.delete(partition)
    this.#added.clear()
    this.#removed.clear()
    return {
      sessionId: this.#id,
      sessionEpoch: version < firstVersionWithSessions ? finalEpoch : this.#epoch,
      topics,
      forgottenTopicsData: forgotten,
    }
  }

  /** The answer to the last request came without an error at its top. */
  accept(sessionId: number): void {
    if (sessionId === 0) this.forget()
    else {
      this.#id = sessionId
      this.#epoch = this.#epoch === maxEpoch ? 1 : this.#epoch + 1
    }
  }

  /** Keeps of `#added` what is news for the broker. False when a topic was created anew: then all has to be told. */
  #take(targetOf: (partition: AssignedPartition) => FetchTarget): boolean {
    for (const partition of this.#added) {
      const before = this.#asked.get(partition)
      const now = askOf(partition, targetOf)
      if (before !== undefined && before.topicId !== now.topicId) {
        this.renew()
        return false
      }
      this.#asked.set(partition, now)
      if (before?.fetchOffset === now.fetchOffset && before.leaderEpoch === now.leaderEpoch) {
        this.#added.delete(partition)
      }
    }
    return true
  }

  #takeAll(
    wanted: ReadonlySet<AssignedPartition>,
    targetOf: (partition: AssignedPartition) => FetchTarget,
  ): void {
    this.#asked.clear()
    this.#removed.clear()
    for (const partition of wanted) this.#asked.set(partition, askOf(partition, targetOf))
  }
}

const askOf = (
  partition: AssignedPartition,
  targetOf: (partition: AssignedPartition) => FetchTarget,
): AskedPartition => {
  const { topicId, leaderEpoch } = targetOf(partition)
  return { topicId, leaderEpoch, fetchOffset: partition.fetchOffset ?? 0, epoch: partition.epoch }
}

type Topics = NonNullable<FetchRequestInput['topics']>
type ForgottenTopics = NonNullable<FetchRequestInput['forgottenTopicsData']>

const groupAsked = (
  partitions: Iterable<AssignedPartition>,
  asked: ReadonlyMap<AssignedPartition, AskedPartition>,
  partitionMaxBytes: number,
): Topics =>
  group(partitions, asked, ({ partition }, { leaderEpoch, fetchOffset }) => ({
    partition,
    currentLeaderEpoch: leaderEpoch,
    fetchOffset: BigInt(fetchOffset),
    partitionMaxBytes,
  }))

/** Without those that were given up and came back since: brokers forget after they add, so they would lose them for good. */
const gone = (
  removed: ReadonlySet<AssignedPartition>,
  wanted: ReadonlySet<AssignedPartition>,
): Iterable<AssignedPartition> => {
  if (removed.size === 0) return removed
  const back = new PartitionMap<true>()
  for (const { topic, partition } of wanted) back.set(topic, partition, true)
  return [...removed].filter(({ topic, partition }) => back.get(topic, partition) === undefined)
}

const groupForgotten = (
  partitions: Iterable<AssignedPartition>,
  asked: ReadonlyMap<AssignedPartition, AskedPartition>,
): ForgottenTopics => group(partitions, asked, ({ partition }) => partition)

const group = <Item>(
  partitions: Iterable<AssignedPartition>,
  asked: ReadonlyMap<AssignedPartition, AskedPartition>,
  itemOf: (partition: AssignedPartition, asked: AskedPartition) => Item,
): { topic: string; topicId: string; partitions: Item[] }[] => {
  const topics = new Map<string, { topic: string; topicId: string; partitions: Item[] }>()
  for (const partition of partitions) {
    const told = asked.get(partition)
    if (told === undefined) continue
    const { topicId } = told
    const key = topicId === ZERO_UUID ? partition.topic : topicId
    let topic = topics.get(key)
    if (topic === undefined) {
      topic = { topic: partition.topic, topicId, partitions: [] }
      topics.set(key, topic)
    }
    topic.partitions.push(itemOf(partition, told))
  }
  return [...topics.values()]
}
