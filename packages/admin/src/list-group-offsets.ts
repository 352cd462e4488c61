import type { Cluster } from '@ottla/network'
import {
  BrokerError,
  ErrorCode,
  KafkaError,
  OffsetFetch,
  type OffsetFetchResponse,
} from '@ottla/protocol'
import { checkGroupId, checkTopicPartition, retryGroupItems } from './group-items.js'
import { byTopic, indexByPartition, type OfPartition } from './leader-items.js'
import type { OperationOptions } from './options.js'
import type { ItemResult } from './results.js'
import type { ItemsAttempt } from './retry-items.js'

/** Whose committed offsets to list. */
export interface GroupOffsetsQuery {
  readonly groupId: string
  /** Default: every partition that the group has committed an offset of. */
  readonly partitions?: readonly OfPartition[] | undefined
}

/** A committed offset. */
export interface GroupOffset extends ItemResult {
  readonly topic: string
  readonly partition: number
  /** The next record to read; -1 when none is committed. */
  readonly offset: bigint
  /** Epoch of the leader that wrote the record before; -1 when unknown. */
  readonly leaderEpoch: number
  /** What the committer left with it; often empty. */
  readonly metadata: string
}

/** The committed offsets of a group. */
export interface GroupOffsets extends ItemResult {
  readonly groupId: string
  /** Empty when there is an error, and for a group that committed nothing or does not exist. */
  readonly offsets: readonly GroupOffset[]
}

/** How to look. */
export interface ListGroupOffsetsOptions extends OperationOptions {
  /** Wait for transactions that are about to commit offsets (KIP-447). Default false. */
  readonly requireStable?: boolean | undefined
}

/** Several groups in a request from this version on (KIP-709). */
const batchedVersion = 8
/** Topics are named by id from the version after this one. */
const lastNamesVersion = 9
/** Asking for stable offsets, and for every partition, exists from these versions on. */
const requireStableVersion = 7
const everyPartitionVersion = 2

/** See `Admin.listGroupOffsets`. */
export const listGroupOffsets = async (
  cluster: Cluster,
  queries: readonly (string | GroupOffsetsQuery)[],
  options: ListGroupOffsetsOptions = {},
): Promise<GroupOffsets[]> => {
  const wanted = queries.map((query) => (typeof query === 'string' ? { groupId: query } : query))
  for (const { groupId, partitions = [] } of wanted) {
    checkGroupId(groupId)
    for (const partition of partitions) checkTopicPartition(partition)
  }
  const { requireStable = false } = options
  const outcomes = await retryGroupItems<GroupOffsetsQuery, GroupOffsets>(
    cluster,
    'listing offsets of groups',
    wanted,
    ({ groupId }) => groupId,
    options,
    async (node, open, attempt) => {
      const versions = await cluster.versionsOf(OffsetFetch, { node, ...attempt })
      const isBatched = (versions?.max ?? 0) >= batchedVersion
      const batches = isBatched ? distinct(open) : open.map((query) => [query])
      const answers = await Promise.all(
        batches.map((batch) => ask(cluster, node, batch, requireStable, attempt)),
      )
      const all = new Map(answers.flat())
      return open.map((query) => all.get(query) as GroupOffsets | KafkaError)
    },
  )
  return outcomes.map((outcome, index) =>
    outcome instanceof KafkaError
      ? { groupId: (wanted[index] as GroupOffsetsQuery).groupId, offsets: [], error: outcome }
      : outcome,
  )
}

/** A request may name a group once. */
const distinct = (queries: readonly GroupOffsetsQuery[]): GroupOffsetsQuery[][] => {
  const batches: Map<string, GroupOffsetsQuery>[] = []
  for (const query of queries) {
    let batch = batches.find((other) => !other.has(query.groupId))
    if (batch === undefined) {
      batch = new Map()
      batches.push(batch)
    }
    batch.set(query.groupId, query)
  }
  return batches.map((batch) => [...batch.values()])
}

const ask = async (
  cluster: Cluster,
  node: number,
  queries: readonly GroupOffsetsQuery[],
  requireStable: boolean,
  { timeoutMs, signal }: ItemsAttempt,
): Promise<[GroupOffsetsQuery, GroupOffsets | KafkaError][]> => {
  const needsEvery = queries.some(({ partitions }) => partitions === undefined)
  const minVersion = requireStable ? requireStableVersion : needsEvery ? everyPartitionVersion : 1
  const { response, version } = await cluster.request(
    OffsetFetch,
    (version) => {
      const stable = version >= requireStableVersion ? { requireStable } : {}
      const groups = queries.map(({ groupId, partitions }) => ({
        groupId,
        topics:
          partitions === undefined
            ? null
            : byTopic(partitions, ({ partition }) => partition).map(([name, partitionIndexes]) => ({
                name,
                partitionIndexes,
              })),
      }))
      return version >= batchedVersion ? { groups, ...stable } : { ...groups[0], ...stable }
    },
    { node, minVersion, maxVersion: lastNamesVersion, timeoutMs, signal },
  )
  const place = { api: OffsetFetch.name, version, node }
  return queries.map((query) => {
    const answer =
      version >= batchedVersion
        ? response.groups.find(({ groupId }) => groupId === query.groupId)
        : response
    return [query, decode(query, answer, place)]
  })
}

type Answer = Pick<
  OffsetFetchResponse | OffsetFetchResponse['groups'][number],
  'errorCode' | 'topics'
>

const decode = (
  { groupId, partitions }: GroupOffsetsQuery,
  answer: Answer | undefined,
  place: object,
): GroupOffsets | KafkaError => {
  const errorCode = answer?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
  if (answer === undefined || errorCode !== ErrorCode.NONE) {
    return new BrokerError(errorCode, { ...place, group: groupId })
  }
  const offsets: GroupOffset[] = []
  let passing: KafkaError | undefined
  for (const { name: topic, partitions } of answer.topics) {
    for (const found of partitions) {
      const { partitionIndex: partition, committedOffset: offset } = found
      const { committedLeaderEpoch: leaderEpoch, metadata, errorCode } = found
      const error =
        errorCode === ErrorCode.NONE
          ? undefined
          : new BrokerError(errorCode, { ...place, group: groupId, topic, partition })
      if (error?.retriable) passing = error
      offsets.push({ topic, partition, offset, leaderEpoch, metadata: metadata ?? '', error })
    }
  }
  // An offset that is about to change, or is being loaded: the whole group is asked about again.
  if (passing !== undefined) return passing
  if (partitions === undefined) return { groupId, offsets: offsets.sort(byPlace) }
  const find = indexByPartition(
    offsets.map((found) => [found.topic, found.partition, found] as const),
  )
  return {
    groupId,
    offsets: partitions.map((wanted) => find(wanted) ?? noOffset(wanted)),
  }
}

const noOffset = ({ topic, partition }: OfPartition): GroupOffset => ({
  topic,
  partition,
  offset: -1n,
  leaderEpoch: -1,
  metadata: '',
})

const byPlace = (one: GroupOffset, other: GroupOffset): number =>
  one.topic === other.topic ? one.partition - other.partition : one.topic < other.topic ? -1 : 1
