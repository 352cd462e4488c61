import { type Cluster, show } from '@ottla/network'
import { BrokerError, ErrorCode, InvalidArgumentError, OffsetCommit } from '@ottla/protocol'
import { checkGroupId, checkTopicPartition, retryGroupItems } from './group-items.js'
import { byTopic, indexByPartition, type OfPartition } from './leader-items.js'
import type { OperationOptions } from './options.js'
import type { ItemResult } from './results.js'
import { resultsOf } from './retry-items.js'

/** An offset to commit for a group. */
export interface NewGroupOffset extends OfPartition {
  /** The next record to read. */
  readonly offset: bigint | number
  /** Epoch of the leader that wrote the record before. Default: unknown. */
  readonly leaderEpoch?: number | undefined
  /** Kept with the offset. */
  readonly metadata?: string | undefined
}

/** What became of an offset of a group that was to be committed or deleted. */
export interface GroupOffsetResult extends ItemResult {
  readonly topic: string
  readonly partition: number
}

/** Topics are named by id from the version after this one. */
const lastNamesVersion = 9

/** Brokers take a commit in nobody's name for one of a member that is gone. */
const hasMembers =
  'the group has members, which commit offsets themselves: stop them all, then alter its offsets'

/** See `Admin.alterGroupOffsets`. */
export const alterGroupOffsets = async (
  cluster: Cluster,
  groupId: string,
  offsets: readonly NewGroupOffset[],
  options: OperationOptions = {},
): Promise<GroupOffsetResult[]> => {
  checkGroupId(groupId)
  for (const offset of offsets) check(offset)
  const outcomes = await retryGroupItems<NewGroupOffset, GroupOffsetResult>(
    cluster,
    `altering offsets of group ${groupId}`,
    offsets,
    () => groupId,
    options,
    async (node, open, { timeoutMs, signal }) => {
      const { response, version } = await cluster.request(
        OffsetCommit,
        {
          groupId,
          // Nobody's generation: brokers take it for groups without members only.
          generationIdOrMemberEpoch: -1,
          memberId: '',
          topics: byTopic(open, encode).map(([name, partitions]) => ({ name, partitions })),
        },
        { node, minVersion: 2, maxVersion: lastNamesVersion, timeoutMs, signal },
      )
      const find = indexByPartition(
        response.topics.flatMap(({ name, partitions }) =>
          partitions.map((answer) => [name, answer.partitionIndex, answer] as const),
        ),
      )
      return open.map((item) => {
        const { topic, partition } = item
        const errorCode = find(item)?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
        if (errorCode === ErrorCode.NONE) return { topic, partition }
        // A topic that does not exist is an answer here, not a passing trouble.
        const retriable = errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION ? false : undefined
        const place = { api: OffsetCommit.name, version, node, group: groupId, topic, partition }
        const advice = errorCode === ErrorCode.UNKNOWN_MEMBER_ID ? hasMembers : undefined
        return new BrokerError(errorCode, { ...place, retriable, advice })
      })
    },
  )
  return resultsOf(offsets, outcomes, ({ topic, partition }, error) => ({
    topic,
    partition,
    error,
  }))
}

const encode = ({ partition, offset, leaderEpoch = -1, metadata = '' }: NewGroupOffset) => ({
  partitionIndex: partition,
  committedOffset: BigInt(offset),
  committedLeaderEpoch: leaderEpoch,
  committedMetadata: metadata,
})

const check = (item: NewGroupOffset): void => {
  checkTopicPartition(item)
  const { topic, partition, offset } = item
  const isOffset = typeof offset === 'bigint' || Number.isSafeInteger(offset)
  if (isOffset && offset >= 0) return
  throw new InvalidArgumentError(
    `the offset for ${topic}-${partition} must be a bigint or an integer from 0 on, not ${show(offset)}`,
  )
}
