import type { Cluster } from '@ottla/network'
import { BrokerError, ElectLeaders, ErrorCode, KafkaError } from '@ottla/protocol'
import { checkTopicPartition } from './group-items.js'
import { byTopic, indexByPartition, type OfPartition } from './leader-items.js'
import type { OperationOptions } from './options.js'
import type { ItemResult } from './results.js'
import { retryItems } from './retry-items.js'

/** What became of an election. */
export interface ElectedLeader extends ItemResult, OfPartition {}

/** How to elect. */
export interface ElectLeadersOptions extends OperationOptions {
  /**
   * `preferred` makes the first replica the leader if it is in sync; `unclean` takes any live replica where none in sync is
   * left, and loses what that one lacks. Default `preferred`.
   */
  readonly type?: 'preferred' | 'unclean' | undefined
}

/** See `Admin.electLeaders`. */
export const electLeaders = async (
  cluster: Cluster,
  partitions: readonly OfPartition[],
  options: ElectLeadersOptions = {},
): Promise<ElectedLeader[]> => {
  for (const partition of partitions) checkTopicPartition(partition)
  const isUnclean = options.type === 'unclean'
  const outcomes = await retryItems<OfPartition, ElectedLeader>(
    cluster,
    'electing leaders',
    partitions,
    options,
    async (open, { timeoutMs, signal }) => {
      const topics = byTopic(open, ({ partition }) => partition)
      const { response, version, node } = await cluster.request(
        ElectLeaders,
        (version) => ({
          ...(version >= 1 ? { electionType: isUnclean ? 1 : 0 } : {}),
          topicPartitions: topics.map(([topic, partitions]) => ({ topic, partitions })),
          timeoutMs: Math.floor(timeoutMs),
        }),
        { node: 'controller', minVersion: isUnclean ? 1 : 0, timeoutMs, signal },
      )
      const find = indexByPartition(
        response.replicaElectionResults.flatMap(({ topic, partitionResult }) =>
          partitionResult.map((answer) => [topic, answer.partitionId, answer] as const),
        ),
      )
      return open.map((item) => {
        const { topic, partition } = item
        const answer = find(item)
        const errorCode =
          response.errorCode === ErrorCode.NONE
            ? (answer?.errorCode ?? ErrorCode.NONE)
            : response.errorCode
        // The right one leads already: that is what was asked for.
        const isDone = errorCode === ErrorCode.ELECTION_NOT_NEEDED
        if (errorCode === ErrorCode.NONE || isDone) return { topic, partition }
        const place = { api: ElectLeaders.name, version, node, topic, partition }
        const retriable = errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION ? false : undefined
        return new BrokerError(errorCode, { ...place, text: answer?.errorMessage, retriable })
      })
    },
  )
  return outcomes.map((outcome, index) => {
    if (!(outcome instanceof KafkaError)) return outcome
    const { topic, partition } = partitions[index] as OfPartition
    return { topic, partition, error: outcome }
  })
}
