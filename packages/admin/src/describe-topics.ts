import type { Cluster } from '@ottla/network'
import {
  BrokerError,
  DescribeTopicPartitions,
  type DescribeTopicPartitionsRequestInput,
  type DescribeTopicPartitionsResponse,
  ErrorCode,
  KafkaError,
  Metadata,
  type MetadataResponse,
} from '@ottla/protocol'
import type { OperationOptions } from './options.js'
import type { ItemResult } from './results.js'
import { type ItemsAttempt, retryItems } from './retry-items.js'
import { showTopicId } from './topic-id.js'

/** A partition and who has it. */
export interface PartitionDescription {
  readonly partition: number
  /** -1 when there is none at the moment. */
  readonly leader: number
  /** -1 when the broker does not tell (before Kafka 2.4). */
  readonly leaderEpoch: number
  readonly replicas: readonly number[]
  /** In-sync replicas. */
  readonly isr: readonly number[]
  readonly offlineReplicas: readonly number[]
  /** Replicas that may be elected although not in sync (KIP-966); undefined where brokers do not tell. */
  readonly eligibleLeaderReplicas?: readonly number[] | undefined
}

/** A topic and its partitions. */
export interface TopicDescription extends ItemResult {
  readonly name: string
  /** In Kafka's 22-character form; undefined from brokers before Kafka 2.8. */
  readonly topicId?: string | undefined
  /** One of Kafka's own, such as `__consumer_offsets`. */
  readonly isInternal: boolean
  /** By number; empty when there is an error. */
  readonly partitions: readonly PartitionDescription[]
}

/** See `Admin.describeTopics`. */
export const describeTopics = async (
  cluster: Cluster,
  names: readonly string[],
  options: OperationOptions = {},
): Promise<TopicDescription[]> => {
  if (names.length === 0) return []
  const hasApi = (await cluster.versionsOf(DescribeTopicPartitions, options)) !== undefined
  const describe = hasApi ? byDescribeTopicPartitions : byMetadata
  const outcomes = await retryItems(cluster, 'describing topics', names, options, (open, attempt) =>
    describe(cluster, open, attempt),
  )
  return outcomes.map((outcome, index) =>
    outcome instanceof KafkaError
      ? { name: names[index] as string, isInternal: false, partitions: [], error: outcome }
      : outcome,
  )
}

type Outcomes = readonly (TopicDescription | KafkaError)[]
type DescribedTopic = DescribeTopicPartitionsResponse['topics'][number]

/** Asks page by page: a page ends in the middle of a topic where the cursor says so (KIP-966). */
const byDescribeTopicPartitions = async (
  cluster: Cluster,
  names: readonly string[],
  { timeoutMs, signal }: ItemsAttempt,
): Promise<Outcomes> => {
  const found = new Map<string, DescribedTopic[]>()
  let cursor: DescribeTopicPartitionsRequestInput['cursor'] = null
  let place = {}
  // The API wants its topics in the order of their names, and a cursor skips those before it.
  const topics = [...names].sort().map((name) => ({ name }))
  do {
    const from = cursor?.topicName ?? ''
    const input: DescribeTopicPartitionsRequestInput = {
      topics: topics.filter(({ name }) => name >= from),
      cursor,
    }
    const result = await cluster.request(DescribeTopicPartitions, input, { timeoutMs, signal })
    const { response, version, node } = result
    place = { api: DescribeTopicPartitions.name, version, node }
    for (const topic of response.topics) {
      const name = topic.name ?? ''
      found.set(name, [...(found.get(name) ?? []), topic])
    }
    cursor = response.nextCursor
  } while (cursor !== null)
  return names.map((name) => {
    const pages = found.get(name) ?? []
    const [first] = pages
    const errorCode = first?.errorCode ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    if (first === undefined || errorCode !== ErrorCode.NONE)
      return topicError(errorCode, name, place)
    return {
      name,
      topicId: showTopicId(first.topicId),
      isInternal: first.isInternal,
      partitions: pages.flatMap(({ partitions }) => partitions.map(describePartition)),
    }
  })
}

const describePartition = (
  partition: DescribedTopic['partitions'][number],
): PartitionDescription => ({
  partition: partition.partitionIndex,
  leader: partition.leaderId,
  leaderEpoch: partition.leaderEpoch,
  replicas: partition.replicaNodes,
  isr: partition.isrNodes,
  offlineReplicas: partition.offlineReplicas,
  eligibleLeaderReplicas: partition.eligibleLeaderReplicas ?? undefined,
})

/** What brokers before Kafka 3.8 understand. */
const byMetadata = async (
  cluster: Cluster,
  names: readonly string[],
  { timeoutMs, signal }: ItemsAttempt,
): Promise<Outcomes> => {
  const { response, version, node } = await cluster.request(
    Metadata,
    (version) => ({
      topics: names.map((name) => ({ name })),
      // Looking must not create.
      ...(version >= 4 ? { allowAutoTopicCreation: false } : {}),
    }),
    { timeoutMs, signal },
  )
  const topics = new Map(response.topics.map((topic) => [topic.name, topic]))
  const place = { api: Metadata.name, version, node }
  return names.map((name) => {
    const topic = topics.get(name)
    const errorCode = topic?.errorCode ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    if (topic === undefined || errorCode !== ErrorCode.NONE)
      return topicError(errorCode, name, place)
    return fromMetadata(name, topic)
  })
}

const fromMetadata = (
  name: string,
  topic: MetadataResponse['topics'][number],
): TopicDescription => ({
  name,
  topicId: showTopicId(topic.topicId),
  isInternal: topic.isInternal,
  partitions: topic.partitions
    .map(({ partitionIndex, leaderId, leaderEpoch, replicaNodes, isrNodes, offlineReplicas }) => ({
      partition: partitionIndex,
      leader: leaderId,
      leaderEpoch,
      replicas: replicaNodes,
      isr: isrNodes,
      offlineReplicas,
    }))
    .sort((one, other) => one.partition - other.partition),
})

/** A topic that does not exist is an answer here, not a passing trouble as for a producer. */
const topicError = (errorCode: number, topic: string, place: object): BrokerError => {
  const retriable = errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION ? false : undefined
  return new BrokerError(errorCode, { ...place, topic, retriable })
}
