import { ErrorCode, type MetadataResponse, ZERO_UUID } from '@ottla/protocol'
import type { BrokerMetadata, PartitionMetadata, TopicMetadata } from './metadata.js'

/** The leader of a partition and the epoch of its leadership. */
export interface PartitionLeader {
  readonly node: number
  readonly leaderEpoch: number
}

interface Entry {
  metadata: TopicMetadata
  /** Whether somebody looked at the topic since `forgetUnused`. */
  isUsed: boolean
}

/**
 * What is known of the cluster, fed by Metadata responses. Topics are kept per name, merged answer by answer. A partition
 * never goes back to an older leader epoch (KIP-320): a broker that lags answers with one, and following it would lead to
 * the deposed leader. A topic whose id changed was created anew and starts over.
 */
export class MetadataCache {
  #brokers = new Map<number, BrokerMetadata>()
  #clusterId: string | null = null
  #controllerId = -1
  readonly #topics = new Map<string, Entry>()
  readonly #namesById = new Map<string, string>()
  readonly #stale = new Set<string>()

  brokers(): readonly BrokerMetadata[] {
    return [...this.#brokers.values()]
  }

  /** Null until the first answer, and from brokers before 0.10.1. */
  get clusterId(): string | null {
    return this.#clusterId
  }

  /** -1 when unknown. With KRaft any broker may be named: it forwards what the controller has to do. */
  get controllerId(): number {
    return this.#controllerId
  }

  /** The names of all topics that were asked for, are in use and exist as far as is known. */
  topicNames(): readonly string[] {
    const names: string[] = []
    for (const { metadata } of this.#topics.values()) {
      if (metadata.errorCode !== ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) names.push(metadata.name)
    }
    return names
  }

  broker(node: number): BrokerMetadata | undefined {
    return this.#brokers.get(node)
  }

  topic(name: string): TopicMetadata | undefined {
    const entry = this.#topics.get(name)
    if (entry === undefined) return undefined
    entry.isUsed = true
    return entry.metadata
  }

  topicById(topicId: string): TopicMetadata | undefined {
    const name = this.#namesById.get(topicId)
    return name === undefined ? undefined : this.topic(name)
  }

  /** Undefined when the topic, the partition or its leader is not known. */
  leaderOf(topic: string, partition: number): PartitionLeader | undefined {
    const found = this.topic(topic)?.partitions[partition]
    if (found === undefined || found.partition !== partition || found.leader < 0) return undefined
    return { node: found.leader, leaderEpoch: found.leaderEpoch }
  }

  /** Whether a topic is unknown, in error, or was marked since its last answer. */
  isStale(name: string): boolean {
    const topic = this.topic(name)
    return topic === undefined || topic.errorCode !== 0 || this.#stale.has(name)
  }

  markStale(name: string): void {
    if (this.#topics.has(name)) this.#stale.add(name)
  }

  /** Forgets the topics that nobody looked at since the last call. */
  forgetUnused(): void {
    for (const [name, entry] of this.#topics) {
      if (entry.isUsed) entry.isUsed = false
      else this.#forget(name)
    }
  }

  /** A broker learned of by other means than Metadata, such as a coordinator. */
  addBroker(broker: BrokerMetadata): void {
    const known = this.#brokers.get(broker.node)
    this.#brokers.set(broker.node, { ...broker, rack: broker.rack ?? known?.rack ?? null })
  }

  /** Forgets the brokers, so that the next request starts from the bootstrap addresses (KIP-1102). */
  forgetBrokers(): void {
    this.#brokers.clear()
    this.#controllerId = -1
  }

  /**
   * A newer leader named by an error answer (KIP-951). Ignored unless its epoch is higher than the known one.
   *
   * @returns whether it was taken over.
   */
  applyLeaderHint(topic: string, partition: number, leader: PartitionLeader): boolean {
    const known = this.#topics.get(topic)?.metadata
    const before = known?.partitions[partition]
    if (known === undefined || before === undefined) return false
    if (leader.leaderEpoch <= before.leaderEpoch) return false
    const partitions = [...known.partitions]
    partitions[partition] = { ...before, leader: leader.node, leaderEpoch: leader.leaderEpoch }
    this.#put({ ...known, partitions })
    return true
  }

  /**
   * Takes over a Metadata response.
   *
   * @param isComplete whether all topics were asked for: those not named no longer exist.
   */
  apply(response: MetadataResponse, isComplete: boolean): void {
    // A broker that has just started knows none yet; who was known is the better guess.
    if (response.brokers.length > 0) {
      this.#brokers = new Map(
        response.brokers.map(({ nodeId, host, port, rack }) => [
          nodeId,
          { node: nodeId, host, port, rack },
        ]),
      )
    }
    this.#clusterId = response.clusterId ?? this.#clusterId
    this.#controllerId = response.controllerId
    const named = new Set<string>()
    for (const topic of response.topics) {
      if (topic.name === null) continue
      named.add(topic.name)
      this.#applyTopic(topic.name, topic)
    }
    if (!isComplete) return
    for (const name of this.#topics.keys()) if (!named.has(name)) this.#forget(name)
  }

  #applyTopic(name: string, topic: MetadataResponse['topics'][number]): void {
    const before = this.#topics.get(name)?.metadata
    const isSame = before !== undefined && isSameTopic(before.topicId, topic.topicId)
    if (before !== undefined && !isSame) this.#namesById.delete(before.topicId)
    // A passing error carries no partitions; what was known stays useful meanwhile.
    const keeps =
      isSame &&
      topic.errorCode !== ErrorCode.NONE &&
      topic.errorCode !== ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    const partitions = keeps
      ? before.partitions
      : mergePartitions(isSame ? before.partitions : [], topic.partitions)
    const { topicId, isInternal, errorCode } = topic
    this.#put({ name, topicId, isInternal, errorCode, partitions })
    if (topicId !== ZERO_UUID) this.#namesById.set(topicId, name)
    this.#stale.delete(name)
  }

  #put(metadata: TopicMetadata): void {
    const entry = this.#topics.get(metadata.name)
    if (entry === undefined) this.#topics.set(metadata.name, { metadata, isUsed: true })
    else entry.metadata = metadata
  }

  #forget(name: string): void {
    const topic = this.#topics.get(name)?.metadata
    if (topic !== undefined) this.#namesById.delete(topic.topicId)
    this.#topics.delete(name)
    this.#stale.delete(name)
  }
}

const isSameTopic = (before: string, after: string): boolean =>
  before === after || before === ZERO_UUID || after === ZERO_UUID

const mergePartitions = (
  before: readonly PartitionMetadata[],
  after: MetadataResponse['topics'][number]['partitions'],
): PartitionMetadata[] => {
  const merged = after.map((partition) => {
    const known = before[partition.partitionIndex]
    const isOlder =
      known !== undefined && partition.leaderEpoch >= 0 && partition.leaderEpoch < known.leaderEpoch
    return isOlder ? known : partitionOf(partition)
  })
  return merged.sort((one, other) => one.partition - other.partition)
}

const partitionOf = (
  partition: MetadataResponse['topics'][number]['partitions'][number],
): PartitionMetadata => ({
  partition: partition.partitionIndex,
  leader: partition.leaderId,
  leaderEpoch: partition.leaderEpoch,
  replicas: partition.replicaNodes,
  isr: partition.isrNodes,
  offlineReplicas: partition.offlineReplicas,
  errorCode: partition.errorCode,
})
