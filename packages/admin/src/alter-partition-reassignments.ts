import type { Cluster } from '@ottla/network'
import {
  AlterPartitionReassignments,
  BrokerError,
  ErrorCode,
  InvalidArgumentError,
} from '@ottla/protocol'
import { checkTopicPartition } from './group-items.js'
import { byTopic, indexByPartition, type OfPartition } from './leader-items.js'
import type { OperationOptions } from './options.js'
import type { ItemResult } from './results.js'
import { resultsOf, retryItems } from './retry-items.js'

/** Where a partition's replicas shall be. */
export interface NewReassignment extends OfPartition {
  /** Brokers, the preferred leader first; null calls off a move under way. */
  readonly replicas: readonly number[] | null
}

/** Whether a move has begun; `listPartitionReassignments` tells when it is over. */
export interface AlteredReassignment extends ItemResult, OfPartition {}

/** See `Admin.alterPartitionReassignments`. */
export const alterPartitionReassignments = async (
  cluster: Cluster,
  reassignments: readonly NewReassignment[],
  options: OperationOptions = {},
): Promise<AlteredReassignment[]> => {
  for (const item of reassignments) check(item)
  const outcomes = await retryItems<NewReassignment, AlteredReassignment>(
    cluster,
    'reassigning partitions',
    reassignments,
    options,
    async (open, { timeoutMs, signal }) => {
      const topics = byTopic(open, ({ partition, replicas }) => ({
        partitionIndex: partition,
        replicas,
      }))
      const { response, version, node } = await cluster.request(
        AlterPartitionReassignments,
        {
          timeoutMs: Math.floor(timeoutMs),
          topics: topics.map(([name, partitions]) => ({ name, partitions })),
        },
        { node: 'controller', timeoutMs, signal },
      )
      const find = indexByPartition(
        response.responses.flatMap(({ name, partitions }) =>
          partitions.map((answer) => [name, answer.partitionIndex, answer] as const),
        ),
      )
      return open.map((item) => {
        const { topic, partition } = item
        const failed = response.errorCode !== ErrorCode.NONE ? response : find(item)
        const errorCode = failed?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
        if (errorCode === ErrorCode.NONE) return { topic, partition }
        const place = { api: AlterPartitionReassignments.name, version, node, topic, partition }
        const retriable = errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION ? false : undefined
        return new BrokerError(errorCode, { ...place, text: failed?.errorMessage, retriable })
      })
    },
  )
  return resultsOf(reassignments, outcomes, ({ topic, partition }, error) => ({
    topic,
    partition,
    error,
  }))
}

const check = (item: NewReassignment): void => {
  checkTopicPartition(item)
  const { topic, partition, replicas } = item
  if (replicas === null || (Array.isArray(replicas) && replicas.length > 0)) return
  throw new InvalidArgumentError(
    `the replicas of ${topic}-${partition} must be a list of node ids, or null to call off a move`,
  )
}
