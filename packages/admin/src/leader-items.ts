import type { Cluster } from '@ottla/network'
import { BrokerError, ErrorCode, type KafkaError, Metadata } from '@ottla/protocol'
import { askParts, groupByNode } from './ask-parts.js'
import type { OperationOptions } from './options.js'
import { type AskNode, retryItems } from './retry-items.js'

/** An item that is about a partition. */
export interface OfPartition {
  readonly topic: string
  readonly partition: number
}

/**
 * Runs an operation on items that belong to partitions: each attempt makes sure of the metadata and asks every leader
 * once, about its items. A topic or partition that does not exist is an item's error once it was looked up twice (a broker
 * may not have heard of a new one yet); one without leader is waited for. Whatever a leader refuses makes the topic's metadata count as stale.
 *
 * @param ask gives an outcome for each of the items, in their order.
 */
export const retryLeaderItems = <Item extends OfPartition, Result>(
  cluster: Cluster,
  what: string,
  items: readonly Item[],
  options: OperationOptions,
  ask: AskNode<number, Item, Result>,
): Promise<(Result | KafkaError)[]> =>
  retryItems<Item, Result>(cluster, what, items, options, async (open, attempt) => {
    const { timeoutMs, signal } = attempt
    const topics = [...new Set(open.map(({ topic }) => topic))]
    const stale = topics.filter((topic) => cluster.metadata.isStale(topic))
    if (stale.length > 0) {
      await cluster.refreshMetadata({
        topics: stale,
        allowAutoTopicCreation: false,
        timeoutMs,
        signal,
      })
    }
    const leaders = new Map(open.map((item) => [item, leaderOf(cluster, item, attempt.number)]))
    const isLed = (item: Item) => typeof leaders.get(item) === 'number'
    const parts = groupByNode(open.filter(isLed), (item) => leaders.get(item) as number)
    const outcomes = await askParts<Item, (typeof parts)[number], Result>(
      parts,
      ({ node, items }) => ask(node, items, attempt),
    )
    for (const [{ topic }, outcome] of outcomes) {
      if (outcome instanceof Error) cluster.metadata.markStale(topic)
    }
    return open.map((item) => outcomes.get(item) ?? (leaders.get(item) as KafkaError))
  })

const leaderOf = (
  cluster: Cluster,
  { topic, partition }: OfPartition,
  attempt: number,
): number | BrokerError => {
  const leader = cluster.metadata.leaderOf(topic, partition)
  if (leader !== undefined) return leader.node
  const known = cluster.metadata.topic(topic)
  const place = { api: Metadata.name, topic, partition }
  cluster.metadata.markStale(topic)
  const errorCode = known?.errorCode ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  if (known === undefined || errorCode !== ErrorCode.NONE) {
    // For who asks about a topic by name that it does not exist is an answer, not a passing trouble.
    const isUnknown = errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    return new BrokerError(errorCode, { ...place, retriable: isUnknown ? attempt < 2 : undefined })
  }
  const count = known.partitions.length
  if (partition < count) return new BrokerError(ErrorCode.LEADER_NOT_AVAILABLE, place)
  const text = `the topic has ${count} partitions`
  return new BrokerError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, {
    ...place,
    text,
    retriable: attempt < 2,
  })
}

/** Partitions by topic, as most requests want them. */
export const byTopic = <Item extends OfPartition, Partition>(
  items: Iterable<Item>,
  partitionOf: (item: Item) => Partition,
): [string, Partition[]][] => {
  const topics = new Map<string, Partition[]>()
  for (const item of items) {
    const partitions = topics.get(item.topic)
    if (partitions === undefined) topics.set(item.topic, [partitionOf(item)])
    else partitions.push(partitionOf(item))
  }
  return [...topics]
}

/** Finds an answer by topic and partition. */
export const indexByPartition = <Answer>(
  answers: Iterable<readonly [topic: string, partition: number, answer: Answer]>,
): ((item: OfPartition) => Answer | undefined) => {
  const topics = new Map<string, Map<number, Answer>>()
  for (const [topic, partition, answer] of answers) {
    const partitions = topics.get(topic) ?? new Map<number, Answer>()
    topics.set(topic, partitions)
    partitions.set(partition, answer)
  }
  return ({ topic, partition }) => topics.get(topic)?.get(partition)
}

/** Answers of one broker to what it was asked about partitions, by topic. */
interface TopicAnswers<Answer> {
  readonly name: string
  readonly partitions: readonly Answer[]
}

/**
 * What became of items that a leader was asked about: what `read` makes of an answer without error.
 *
 * @param place where the answers came from, for errors.
 * @param explain what an error says beyond its code.
 */
export const readLeaderAnswers = <
  Item extends OfPartition,
  Answer extends { readonly partitionIndex: number; readonly errorCode: number },
  Result,
>(
  items: readonly Item[],
  topics: readonly TopicAnswers<Answer>[],
  place: { readonly api: string; readonly version: number; readonly node: number },
  read: (item: Item, answer: Answer) => Result,
  explain: (
    errorCode: number,
    answer: Answer | undefined,
  ) => { readonly text?: string | null | undefined; readonly advice?: string },
): (Result | BrokerError)[] => {
  const find = indexByPartition(
    topics.flatMap(({ name, partitions }) =>
      partitions.map((answer) => [name, answer.partitionIndex, answer] as const),
    ),
  )
  return items.map((item) => {
    const answer = find(item)
    const errorCode = answer?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
    if (answer !== undefined && errorCode === ErrorCode.NONE) return read(item, answer)
    const { topic, partition } = item
    return new BrokerError(errorCode, { ...place, topic, partition, ...explain(errorCode, answer) })
  })
}
