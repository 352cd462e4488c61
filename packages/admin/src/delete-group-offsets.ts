import type { Cluster } from '@ottla/network'
import { BrokerError, ErrorCode, OffsetDelete } from '@ottla/protocol'
import type { GroupOffsetResult } from './alter-group-offsets.js'
import { checkGroupId, checkTopicPartition, retryGroupItems } from './group-items.js'
import { byTopic, indexByPartition, type OfPartition } from './leader-items.js'
import type { OperationOptions } from './options.js'
import { resultsOf } from './retry-items.js'

/** See `Admin.deleteGroupOffsets`. */
export const deleteGroupOffsets = async (
  cluster: Cluster,
  groupId: string,
  partitions: readonly OfPartition[],
  options: OperationOptions = {},
): Promise<GroupOffsetResult[]> => {
  checkGroupId(groupId)
  for (const partition of partitions) checkTopicPartition(partition)
  const outcomes = await retryGroupItems<OfPartition, GroupOffsetResult>(
    cluster,
    `deleting offsets of group ${groupId}`,
    partitions,
    () => groupId,
    options,
    async (node, open, { timeoutMs, signal }) => {
      const topics = byTopic(open, ({ partition }) => ({ partitionIndex: partition }))
      const { response, version } = await cluster.request(
        OffsetDelete,
        { groupId, topics: topics.map(([name, partitions]) => ({ name, partitions })) },
        { node, timeoutMs, signal },
      )
      const find = indexByPartition(
        response.topics.flatMap(({ name, partitions }) =>
          partitions.map((answer) => [name, answer.partitionIndex, answer] as const),
        ),
      )
      return open.map((item) => {
        const { topic, partition } = item
        // An error of the group holds for all its partitions, which are then not named.
        const errorCode =
          response.errorCode === ErrorCode.NONE
            ? (find(item)?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR)
            : response.errorCode
        if (errorCode === ErrorCode.NONE) return { topic, partition }
        const retriable = errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION ? false : undefined
        const place = { api: OffsetDelete.name, version, node, group: groupId, topic, partition }
        return new BrokerError(errorCode, { ...place, retriable })
      })
    },
  )
  return resultsOf(partitions, outcomes, ({ topic, partition }, error) => ({
    topic,
    partition,
    error,
  }))
}
