import { type Cluster, show } from '@ottla/network'
import {
  BrokerError,
  ErrorCode,
  InvalidArgumentError,
  KafkaError,
  ListOffsets,
  type ListOffsetsResponse,
  Metadata,
} from '@ottla/protocol'
import type { OperationOptions } from './options.js'
import type { ItemResult } from './results.js'
import { type ItemsAttempt, retryItems } from './retry-items.js'

/** The places that have a name, with the timestamps that stand for them and the lowest version that knows them. */
const places = {
  latest: { timestamp: -1n, minVersion: 1 },
  earliest: { timestamp: -2n, minVersion: 1 },
  'max-timestamp': { timestamp: -3n, minVersion: 7 },
  'earliest-local': { timestamp: -4n, minVersion: 8 },
  'latest-tiered': { timestamp: -5n, minVersion: 9 },
  'earliest-pending-upload': { timestamp: -6n, minVersion: 11 },
} as const

/**
 * Which offset: `earliest`, `latest` (the end), `max-timestamp` (the record with the largest), the boundaries of tiered
 * storage, or a timestamp in milliseconds: the first record with that or a later one.
 */
export type OffsetSpec = keyof typeof places | number

/** An offset to look up. */
export interface OffsetQuery {
  readonly topic: string
  /** Default: all partitions of the topic. */
  readonly partition?: number | undefined
  /** Default `latest`. */
  readonly at?: OffsetSpec | undefined
}

/** An offset found. */
export interface ListedOffset extends ItemResult {
  readonly topic: string
  /** -1 for all partitions of a topic that cannot be had. */
  readonly partition: number
  readonly at: OffsetSpec
  /** -1 when there is none, such as no record that late. */
  readonly offset: bigint
  /** The record's, where a record was looked for; -1 otherwise. */
  readonly timestamp: number
  /** Epoch of the leader that wrote the record; -1 when the broker does not tell. */
  readonly leaderEpoch: number
}

/** How to look. */
export interface ListOffsetsOptions extends OperationOptions {
  /** `read_committed`: `latest` is the end of what is decided, before open transactions. Default `read_uncommitted`. */
  readonly isolationLevel?: 'read_uncommitted' | 'read_committed' | undefined
}

interface Wanted {
  readonly topic: string
  readonly partition: number
  readonly at: OffsetSpec
}

/** See `Admin.listOffsets`. */
export const listOffsets = async (
  cluster: Cluster,
  queries: readonly OffsetQuery[],
  options: ListOffsetsOptions = {},
): Promise<ListedOffset[]> => {
  for (const query of queries) check(query)
  const { clock } = cluster.platform
  const { timeoutMs = cluster.options.defaultApiTimeoutMs, signal } = options
  const deadlineMs = clock.monotonic() + timeoutMs
  const failures = await lookUpTopics(cluster, topicsOf(queries), options)
  const wanted = queries.flatMap((query) => expand(cluster, query, failures))
  const found = wanted.filter(({ topic }) => !failures.has(topic))
  const outcomes = await retryItems(
    cluster,
    'listing offsets',
    found,
    { timeoutMs: Math.max(deadlineMs - clock.monotonic(), 1), signal },
    async (open, attempt) => {
      await refreshStale(cluster, topicsOf(open), attempt)
      const { noLeader, byLeader } = groupByLeader(cluster, open)
      const parts = byLeader.map(({ node, minVersion, part }) =>
        ask(cluster, node, minVersion, part, options, attempt),
      )
      const all = new Map([...noLeader, ...(await Promise.all(parts)).flat()])
      return open.map((item) => all.get(item) as ListedOffset | KafkaError)
    },
  )
  const outcomeOf = new Map(found.map((item, index) => [item, outcomes[index]]))
  return wanted.map((item) => {
    const outcome = outcomeOf.get(item) ?? failures.get(item.topic)
    return outcome instanceof KafkaError || outcome === undefined
      ? { ...item, offset: -1n, timestamp: -1, leaderEpoch: -1, error: outcome }
      : outcome
  })
}

const topicsOf = (items: readonly { readonly topic: string }[]): string[] => [
  ...new Set(items.map(({ topic }) => topic)),
]

const refreshStale = async (
  cluster: Cluster,
  names: readonly string[],
  { timeoutMs, signal }: ItemsAttempt,
): Promise<void> => {
  const topics = names.filter((name) => cluster.metadata.isStale(name))
  if (topics.length > 0) await cluster.refreshMetadata({ topics, timeoutMs, signal })
}

/**
 * Looks up topics whose partitions must be known.
 *
 * @returns the errors of those that cannot be had. One that does not exist is looked up twice, as a broker may not have
 * heard of a new one yet.
 */
const lookUpTopics = async (
  cluster: Cluster,
  topics: readonly string[],
  options: OperationOptions,
): Promise<Map<string, KafkaError>> => {
  const outcomes = await retryItems<string, undefined>(
    cluster,
    'looking up topics',
    topics,
    options,
    async (open, attempt) => {
      await refreshStale(cluster, open, attempt)
      return open.map((topic) => {
        const known = cluster.metadata.topic(topic)
        const errorCode = known?.errorCode ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        if (errorCode === ErrorCode.NONE) return undefined
        const isUnknown = errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        const retriable = isUnknown ? attempt.number < 2 : undefined
        return new BrokerError(errorCode, { api: Metadata.name, topic, retriable })
      })
    },
  )
  return new Map(
    topics.flatMap((topic, index) => {
      const error = outcomes[index]
      return error === undefined ? [] : [[topic, error] as const]
    }),
  )
}

const check = ({ topic, partition, at = 'latest' }: OffsetQuery): void => {
  if (typeof topic !== 'string' || topic === '') {
    throw new InvalidArgumentError('an offset query needs a topic')
  }
  if (partition !== undefined && !(Number.isInteger(partition) && partition >= 0)) {
    throw new InvalidArgumentError(`a partition is an integer from 0 on, not ${show(partition)}`)
  }
  const isPlace = typeof at === 'string' && Object.hasOwn(places, at)
  if (!isPlace && !(Number.isSafeInteger(at) && (at as number) >= 0)) {
    const known = Object.keys(places).join(', ')
    throw new InvalidArgumentError(`at is one of ${known}, or a timestamp in ms, not ${show(at)}`)
  }
}

const expand = (
  cluster: Cluster,
  { topic, partition, at = 'latest' }: OffsetQuery,
  failures: ReadonlyMap<string, KafkaError>,
): Wanted[] => {
  if (partition !== undefined) return [{ topic, partition, at }]
  if (failures.has(topic)) return [{ topic, partition: -1, at }]
  const partitions = cluster.metadata.topic(topic)?.partitions ?? []
  return partitions.map(({ partition }) => ({ topic, partition, at }))
}

const timestampOf = (at: OffsetSpec): bigint =>
  typeof at === 'number' ? BigInt(at) : places[at].timestamp

const minVersionOf = (at: OffsetSpec): number =>
  typeof at === 'number' ? 1 : places[at].minVersion

interface LeaderPart {
  readonly node: number
  readonly minVersion: number
  readonly part: Wanted[]
}

/** One request per leader, needed version and place: the protocol allows a partition once in a request. */
const groupByLeader = (
  cluster: Cluster,
  items: readonly Wanted[],
): { noLeader: [Wanted, KafkaError][]; byLeader: LeaderPart[] } => {
  const noLeader: [Wanted, KafkaError][] = []
  const groups = new Map<string, LeaderPart>()
  for (const item of items) {
    const { topic, partition, at } = item
    const leader = cluster.metadata.leaderOf(topic, partition)
    if (leader === undefined) {
      cluster.metadata.markStale(topic)
      noLeader.push([item, missingLeader(cluster, topic, partition)])
      continue
    }
    const id = `${leader.node} ${at}`
    const group = groups.get(id)
    if (group !== undefined) group.part.push(item)
    else groups.set(id, { node: leader.node, minVersion: minVersionOf(at), part: [item] })
  }
  return { noLeader, byLeader: [...groups.values()] }
}

/** A partition beyond the topic's last is no passing trouble; one without leader is. */
const missingLeader = (cluster: Cluster, topic: string, partition: number): BrokerError => {
  const count = cluster.metadata.topic(topic)?.partitions.length ?? 0
  return partition < count
    ? new BrokerError(ErrorCode.LEADER_NOT_AVAILABLE, { topic, partition })
    : new BrokerError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, {
        topic,
        partition,
        text: `the topic has ${count} partitions`,
        retriable: false,
      })
}

const ask = async (
  cluster: Cluster,
  node: number,
  minVersion: number,
  items: readonly Wanted[],
  { isolationLevel = 'read_uncommitted' }: ListOffsetsOptions,
  { timeoutMs, signal }: ItemsAttempt,
): Promise<[Wanted, ListedOffset | KafkaError][]> => {
  const topics = new Map<string, { partitionIndex: number; timestamp: bigint }[]>()
  for (const { topic, partition, at } of items) {
    const partitions = topics.get(topic) ?? []
    topics.set(topic, partitions)
    if (partitions.some(({ partitionIndex }) => partitionIndex === partition)) continue
    partitions.push({ partitionIndex: partition, timestamp: timestampOf(at) })
  }
  const isCommitted = isolationLevel === 'read_committed'
  const { response, version } = await cluster.request(
    ListOffsets,
    {
      replicaId: -1,
      isolationLevel: isCommitted ? 1 : 0,
      topics: Array.from(topics, ([name, partitions]) => ({ name, partitions })),
      timeoutMs: Math.floor(timeoutMs),
    },
    { node, minVersion: Math.max(minVersion, isCommitted ? 2 : 1), timeoutMs, signal },
  )
  return items.map((item) => [item, decode(cluster, item, response, version, node)])
}

const decode = (
  cluster: Cluster,
  item: Wanted,
  response: ListOffsetsResponse,
  version: number,
  node: number,
): ListedOffset | KafkaError => {
  const { topic, partition } = item
  const found = response.topics
    .find(({ name }) => name === topic)
    ?.partitions.find(({ partitionIndex }) => partitionIndex === partition)
  const errorCode = found?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
  if (found === undefined || errorCode !== ErrorCode.NONE) {
    cluster.metadata.markStale(topic)
    return new BrokerError(errorCode, { api: ListOffsets.name, version, node, topic, partition })
  }
  const { offset, leaderEpoch } = found
  return { ...item, offset, timestamp: Number(found.timestamp), leaderEpoch }
}
