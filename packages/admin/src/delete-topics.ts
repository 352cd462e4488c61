import type { Cluster } from '@ottla/network'
import {
  BrokerError,
  DeleteTopics,
  type DeleteTopicsRequestInput,
  type DeleteTopicsResponse,
  ErrorCode,
  InvalidArgumentError,
  type KafkaError,
  uuidFromBase64,
  ZERO_UUID,
} from '@ottla/protocol'
import type { OperationOptions } from './options.js'
import type { ItemResult } from './results.js'
import { resultsOf, retryItems } from './retry-items.js'
import { showTopicId } from './topic-id.js'

/** A topic by name, or by id in Kafka's 22-character form. */
export type TopicReference = string | { readonly topicId: string }

/** What became of a topic to delete. */
export interface DeletedTopic extends ItemResult {
  /** Undefined when it was named by an id that does not exist. */
  readonly name?: string | undefined
  readonly topicId?: string | undefined
}

/** Topics can be named by id, and names come in a list of their own, from this version on (KIP-516). */
const topicIdVersion = 6

/** See `Admin.deleteTopics`. */
export const deleteTopics = async (
  cluster: Cluster,
  topics: readonly TopicReference[],
  options: OperationOptions = {},
): Promise<DeletedTopic[]> => {
  const wanted = topics.map(resolve)
  const needsIds = wanted.some(({ name }) => name === null)
  const outcomes = await retryItems(
    cluster,
    'deleting topics',
    wanted,
    options,
    async (open, { timeoutMs, signal, mayBeDone }) => {
      const { response, version, node } = await cluster.request(
        DeleteTopics,
        (version) => request(open, version, Math.floor(timeoutMs)),
        { node: 'controller', minVersion: needsIds ? topicIdVersion : 0, timeoutMs, signal },
      )
      return open.map((topic) => {
        const result = response.responses.find((other) =>
          topic.name === null ? other.topicId === topic.topicId : other.name === topic.name,
        )
        return decode(topic, result, version, node, mayBeDone)
      })
    },
  )
  return resultsOf(wanted, outcomes, ({ name, topicId }, error) => ({
    name: name ?? undefined,
    topicId: topicId && showTopicId(topicId),
    error,
  }))
}

interface WantedTopic {
  readonly name: string | null
  readonly topicId?: string | undefined
}

const resolve = (topic: TopicReference): WantedTopic => {
  if (typeof topic === 'string' && topic !== '') return { name: topic }
  if (typeof topic === 'object' && typeof topic.topicId === 'string') {
    return { name: null, topicId: uuidFromBase64(topic.topicId) }
  }
  throw new InvalidArgumentError('a topic to delete must be a name or { topicId }')
}

const request = (
  topics: readonly WantedTopic[],
  version: number,
  timeoutMs: number,
): DeleteTopicsRequestInput =>
  version >= topicIdVersion
    ? {
        topics: topics.map(({ name, topicId = ZERO_UUID }) => ({ name, topicId })),
        topicNames: [],
        timeoutMs,
      }
    : { topics: [], topicNames: topics.map(({ name }) => name ?? ''), timeoutMs }

const decode = (
  topic: WantedTopic,
  result: DeleteTopicsResponse['responses'][number] | undefined,
  version: number,
  node: number,
  mayBeDone: boolean,
): DeletedTopic | KafkaError => {
  const errorCode = result?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
  // When the answer to an earlier attempt got lost, that attempt is who deleted it.
  const isDone =
    mayBeDone &&
    (errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION || errorCode === ErrorCode.UNKNOWN_TOPIC_ID)
  if (result === undefined || (errorCode !== ErrorCode.NONE && !isDone)) {
    // A topic that does not exist is no passing trouble here, as it is for a producer.
    const retriable = errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION ? false : undefined
    const text = result?.errorMessage
    const place = { api: DeleteTopics.name, version, node, topic: topic.name ?? undefined }
    return new BrokerError(errorCode, { ...place, text, retriable })
  }
  return {
    name: result.name ?? topic.name ?? undefined,
    topicId: showTopicId(topic.topicId ?? result.topicId),
  }
}
