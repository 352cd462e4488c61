import { type Backoff, type Clock, type Cluster, type Random, retry } from '@ottla/network'
import {
  BrokerError,
  ErrorCode,
  errorInfo,
  type KafkaError,
  ListOffsets,
  type ListOffsetsResponse,
} from '@ottla/protocol'
import { groupByTopic, PartitionMap, type TopicPartition } from '../topic-partition.js'
import { OffsetSpec } from './offset-spec.js'

/** What to look up: the first record at or after a timestamp, or an `OffsetSpec`. */
export interface OffsetQuery extends TopicPartition {
  readonly timestamp: number
}

/** What was found; offset -1 when no record is that young. */
export interface FoundOffset extends TopicPartition {
  readonly offset: number
  readonly timestamp: number
  readonly leaderEpoch: number
}

/** How and how long to ask. */
export interface LookupContext {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly random: Random
  readonly backoff: Backoff
  readonly isReadCommitted: boolean
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/**
 * Looks offsets up with each partition's leader; all leaders at once, again after a change of leader.
 *
 * @throws BrokerError when a broker refuses for good, TimeoutError, the signal's reason.
 */
export const listOffsets = async (
  context: LookupContext,
  queries: readonly OffsetQuery[],
): Promise<PartitionMap<FoundOffset>> => {
  const found = new PartitionMap<FoundOffset>()
  await retry(context, async ({ signal, timeoutMs }) => {
    const open = queries.filter(({ topic, partition }) => found.get(topic, partition) === undefined)
    const topics = [...new Set(open.map(({ topic }) => topic))]
    await context.cluster.ensureTopics(topics, { signal, timeoutMs })
    const { byNode, leaderless } = groupByLeader(context.cluster, open)
    const asked = [...byNode].map(([node, group]) => askNode(context, node, group, found, signal))
    const failures = (await Promise.all(asked)).filter((error) => error !== undefined)
    const failure = failures.find((error) => !error.retriable) ?? failures[0]
    if (failure !== undefined) throw failure
    if (leaderless === undefined) return
    context.cluster.metadata.markStale(leaderless.topic)
    const { topic, partition } = leaderless
    throw new BrokerError(ErrorCode.LEADER_NOT_AVAILABLE, { api: 'ListOffsets', topic, partition })
  })
  return found
}

const groupByLeader = (
  cluster: Cluster,
  queries: readonly OffsetQuery[],
): { byNode: Map<number, OffsetQuery[]>; leaderless: OffsetQuery | undefined } => {
  const byNode = new Map<number, OffsetQuery[]>()
  let leaderless: OffsetQuery | undefined
  for (const query of queries) {
    const leader = cluster.metadata.leaderOf(query.topic, query.partition)
    if (leader === undefined) {
      leaderless ??= query
      continue
    }
    const group = byNode.get(leader.node)
    if (group === undefined) byNode.set(leader.node, [query])
    else group.push(query)
  }
  return { byNode, leaderless }
}

/** Asks one leader; what it knows goes into `found`, what it refuses comes back. */
const askNode = async (
  { cluster, isReadCommitted, timeoutMs }: LookupContext,
  node: number,
  queries: readonly OffsetQuery[],
  found: PartitionMap<FoundOffset>,
  signal: AbortSignal | undefined,
): Promise<KafkaError | undefined> => {
  const timestamps = new PartitionMap<number>()
  for (const { topic, partition, timestamp } of queries) timestamps.set(topic, partition, timestamp)
  const topics = [...groupByTopic(queries)].map(([name, partitions]) => ({
    name,
    partitions: partitions.map((partitionIndex) => ({
      partitionIndex,
      currentLeaderEpoch: cluster.metadata.leaderOf(name, partitionIndex)?.leaderEpoch ?? -1,
      timestamp: BigInt(timestamps.get(name, partitionIndex) ?? OffsetSpec.latest),
    })),
  }))
  const { response } = await cluster.request(
    ListOffsets,
    { replicaId: -1, isolationLevel: isReadCommitted ? 1 : 0, topics, timeoutMs },
    { node, minVersion: 1, signal },
  )
  return readAnswers(cluster, node, response, found)
}

const readAnswers = (
  { metadata }: Cluster,
  node: number,
  response: ListOffsetsResponse,
  found: PartitionMap<FoundOffset>,
): KafkaError | undefined => {
  let failure: KafkaError | undefined
  for (const { name: topic, partitions } of response.topics) {
    for (const {
      partitionIndex: partition,
      errorCode,
      offset,
      timestamp,
      leaderEpoch,
    } of partitions) {
      if (errorCode === ErrorCode.NONE) {
        const answer = { topic, partition, offset: Number(offset), leaderEpoch }
        found.set(topic, partition, { ...answer, timestamp: Number(timestamp) })
        continue
      }
      if (errorInfo(errorCode).refresh === 'metadata') metadata.markStale(topic)
      const error = new BrokerError(errorCode, { api: 'ListOffsets', node, topic, partition })
      if (failure === undefined || !error.retriable) failure = error
    }
  }
  return failure
}

/**
 * The first offset of each partition at or after a timestamp (or an `OffsetSpec`), the end where no record is that young.
 *
 * @throws as `listOffsets`.
 */
export const findOffsets = async (
  context: LookupContext,
  partitions: readonly TopicPartition[],
  timestamp: number,
): Promise<PartitionMap<FoundOffset>> => {
  const queriesOf = (names: readonly TopicPartition[], at: number): OffsetQuery[] =>
    names.map(({ topic, partition }) => ({ topic, partition, timestamp: at }))
  const found = await listOffsets(context, queriesOf(partitions, timestamp))
  const none = partitions.filter(({ topic, partition }) => {
    return (found.get(topic, partition)?.offset ?? -1) < 0
  })
  if (none.length === 0) return found
  const ends = await listOffsets(context, queriesOf(none, OffsetSpec.latest))
  for (const end of ends.values()) found.set(end.topic, end.partition, end)
  return found
}
