import {
  AlterPartitionReassignments,
  type AlterPartitionReassignmentsResponseInput,
  ErrorCode,
} from '@ottla/protocol'
import { timedOut } from '../controller/deadline.js'
import { checkReplicas } from '../controller/replica-placement.js'
import { noError, refusal, toApiError } from '../errors.js'
import type { MetadataImage } from '../image/image.js'
import { handler } from '../server/handler.js'

/**
 * Moves partitions to other brokers (KIP-455). With one broker there is one place to be: a reassignment to it is done
 * when it is asked for, one to any other broker is refused, and none is ever under way that could be cancelled.
 */
export const alterPartitionReassignmentsHandler = handler(
  AlterPartitionReassignments,
  { min: 0, max: 1 },
  (
    { broker },
    { topics, allowReplicationFactorChange, timeoutMs },
  ): AlterPartitionReassignmentsResponseInput => {
    const late = topics.length > 0 ? timedOut(timeoutMs) : undefined
    return {
      throttleTimeMs: 0,
      allowReplicationFactorChange,
      ...(late ?? noError),
      responses: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, replicas }) => {
          const error = problemWith(broker.image, name, partitionIndex, replicas)
          const own = error === undefined ? noError : toApiError(error)
          return { partitionIndex, ...(late ?? own) }
        }),
      })),
    }
  },
)

const problemWith = (
  image: MetadataImage,
  name: string,
  index: number,
  replicas: readonly number[] | null,
): Error | undefined => {
  const unknown = (text: string): Error => refusal(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, text)
  const topic = image.topicsByName.get(name)
  if (topic === undefined) return unknown(`Unable to find a topic named ${name}.`)
  if (topic.partitions[index] === undefined) {
    return unknown(`Unable to find partition ${name}:${index}.`)
  }
  if (replicas === null) return refusal(ErrorCode.NO_REASSIGNMENT_IN_PROGRESS)
  try {
    checkReplicas(image, index, replicas, 0)
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
