import { type Cluster, retry } from '@ottla/network'
import { BrokerError, ErrorCode, ListPartitionReassignments } from '@ottla/protocol'
import { byTopic, type OfPartition } from './leader-items.js'
import type { OperationOptions } from './options.js'

/** A partition whose replicas are being moved. */
export interface PartitionReassignment extends OfPartition {
  /** Old and new together, while the move goes on. */
  readonly replicas: readonly number[]
  readonly addingReplicas: readonly number[]
  readonly removingReplicas: readonly number[]
}

/** Which moves to list. */
export interface ListPartitionReassignmentsOptions extends OperationOptions {
  /** Default: all of the cluster. */
  readonly partitions?: readonly OfPartition[] | undefined
}

/** See `Admin.listPartitionReassignments`. */
export const listPartitionReassignments = (
  cluster: Cluster,
  options: ListPartitionReassignmentsOptions = {},
): Promise<PartitionReassignment[]> => {
  const { timeoutMs = cluster.options.defaultApiTimeoutMs, signal, partitions } = options
  const { clock, random } = cluster.platform
  const topics =
    partitions === undefined
      ? null
      : byTopic(partitions, ({ partition }) => partition).map(([name, partitionIndexes]) => ({
          name,
          partitionIndexes,
        }))
  const limits = { clock, random, what: 'listing reassignments', timeoutMs, signal }
  return retry(limits, async (attempt) => {
    const attemptMs = Math.min(attempt.timeoutMs, cluster.options.requestTimeoutMs)
    const { response, version, node } = await cluster.request(
      ListPartitionReassignments,
      { timeoutMs: Math.floor(attemptMs), topics },
      { node: 'controller', timeoutMs: attemptMs, signal: attempt.signal },
    )
    const { errorCode, errorMessage: text } = response
    if (errorCode !== ErrorCode.NONE) {
      throw new BrokerError(errorCode, {
        api: ListPartitionReassignments.name,
        version,
        node,
        text,
      })
    }
    return response.topics.flatMap(({ name: topic, partitions }) =>
      partitions.map(({ partitionIndex, replicas, addingReplicas, removingReplicas }) => ({
        topic,
        partition: partitionIndex,
        replicas,
        addingReplicas,
        removingReplicas,
      })),
    )
  })
}
