import {
  ErrorCode,
  Metadata,
  type MetadataRequest,
  type MetadataResponseInput,
  ZERO_UUID,
} from '@ottla/protocol'
import { clusterOperations, operationsNotAsked, topicOperations } from '../authorized-operations.js'
import { topicNameProblem } from '../controller/topic-name.js'
import {
  internalTopics,
  type MetadataImage,
  nodesOn,
  type TopicImage,
  unfencedBrokers,
} from '../image/image.js'
import { partitionAnswer } from '../partition-answer.js'
import { handler, type RequestContext } from '../server/handler.js'
import type { BrokerServices } from '../services.js'
import { autoCreateTopics } from '../topics.js'

type TopicAnswer = MetadataResponseInput['topics'][number]

/** Tells which brokers there are and who leads which partition; creates missing topics if both sides allow it. */
export const metadataHandler = handler(Metadata, { min: 0, max: 13 }, (context, request) => {
  const { broker, apiVersion } = context
  if (apiVersion < 12 && request.topics?.some(isById)) return refuseIds(request)
  const missing = missingTopics(broker, apiVersion, request)
  if (missing.length === 0) return answer(context, request)
  return autoCreateTopics(broker, missing).then(() => answer(context, request))
})

/** Version 0 cannot say null: there an empty list asks for all topics. */
const asksForAll = (apiVersion: number, { topics }: MetadataRequest): boolean =>
  topics === null || (apiVersion === 0 && topics.length === 0)

type AskedTopic = NonNullable<MetadataRequest['topics']>[number]

const isById = ({ name, topicId }: AskedTopic): boolean => name === null || topicId !== ZERO_UUID

/** Versions 10 and 11 have a field for ids that no broker ever took. */
const refuseIds = ({ topics }: MetadataRequest): MetadataResponseInput => ({
  brokers: [],
  topics: (topics ?? []).map(({ name, topicId }) =>
    unknown(ErrorCode.INVALID_REQUEST, name ?? '', topicId),
  ),
})

const missingTopics = (
  { config, image }: BrokerServices,
  apiVersion: number,
  request: MetadataRequest,
): string[] => {
  const isAllowed = request.allowAutoTopicCreation && config.boolean('auto.create.topics.enable')
  if (!isAllowed || asksForAll(apiVersion, request)) return []
  const missing: string[] = []
  for (const { name } of request.topics ?? []) {
    if (name !== null && !image.topicsByName.has(name) && topicNameProblem(name) === undefined) {
      missing.push(name)
    }
  }
  return missing
}

const answer = (
  { broker, apiVersion, listener }: RequestContext,
  request: MetadataRequest,
): MetadataResponseInput => {
  const { image, clusterId, nodeId } = broker
  const operations = request.includeTopicAuthorizedOperations ? topicOperations : operationsNotAsked
  const topics = asksForAll(apiVersion, request)
    ? [...image.topicsByName.values()].map((topic) => describe(image, topic, operations))
    : distinct(request.topics ?? []).map((asked) => find(image, asked, operations))
  const asksForCluster = request.includeClusterAuthorizedOperations
  return {
    brokers: nodesOn(listener, unfencedBrokers(image)),
    clusterId,
    controllerId: nodeId,
    topics,
    clusterAuthorizedOperations: asksForCluster ? clusterOperations : operationsNotAsked,
    throttleTimeMs: 0,
    errorCode: ErrorCode.NONE,
  }
}

/** A topic that is named twice is answered once. */
const distinct = (topics: readonly AskedTopic[]): readonly AskedTopic[] => [
  ...new Map(topics.map((topic) => [topic.name ?? topic.topicId, topic])).values(),
]

const find = (
  image: MetadataImage,
  asked: { readonly name: string | null; readonly topicId: string },
  operations: number,
): TopicAnswer => {
  const { name, topicId } = asked
  if (name === null || topicId !== ZERO_UUID) {
    const topic = image.topicsById.get(topicId)
    if (topic === undefined) return unknown(ErrorCode.UNKNOWN_TOPIC_ID, null, topicId)
    return describe(image, topic, operations)
  }
  const topic = image.topicsByName.get(name)
  if (topic !== undefined) return describe(image, topic, operations)
  const errorCode =
    topicNameProblem(name) === undefined
      ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      : ErrorCode.INVALID_TOPIC_EXCEPTION
  return { ...unknown(errorCode, name), topicAuthorizedOperations: operations }
}

const unknown = (errorCode: number, name: string | null, topicId = ZERO_UUID): TopicAnswer => ({
  errorCode,
  name,
  topicId,
  isInternal: name !== null && internalTopics.has(name),
  partitions: [],
})

const describe = (image: MetadataImage, topic: TopicImage, operations: number): TopicAnswer => ({
  errorCode: ErrorCode.NONE,
  name: topic.name,
  topicId: topic.topicId,
  isInternal: internalTopics.has(topic.name),
  partitions: topic.partitions.map((partition) => partitionAnswer(image, partition)),
  topicAuthorizedOperations: operations,
})
