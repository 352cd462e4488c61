import { ErrorCode } from '@ottla/protocol'
import { CloseConnection, noResponse } from '../server/handler.js'
import type { HeldRequest } from '../server/request-gate.js'
import type { ArrivedRequest } from './arrived-request.js'
import { type ErrorAnswer, errorResponse, hasRoomAtTop } from './error-response.js'
import { mergeResponses } from './merge-responses.js'
import { type Fields, isFields, partitionOf, topicOf } from './message-walk.js'
import { isMeant, type PartFilter, splitRequest } from './request-parts.js'

/**
 * Answers a request with an error where the filter means it, and truthfully elsewhere: what is refused is not done, the
 * rest of the request is.
 * @throws CloseConnection where the client expects no answer (acks=0): Kafka ends the connection then.
 */
export const answerError = async (
  held: HeldRequest,
  arrived: ArrivedRequest,
  errorCode: number,
  filter: PartFilter,
): Promise<unknown> => {
  const { api } = held.request.served
  const body = arrived.body as Fields
  const answer: ErrorAnswer = { api, version: arrived.apiVersion, errorCode, filter }
  if (api.name === 'ApiVersions') return { ...((await held.serve()) as Fields), errorCode }
  if (api.name === 'Metadata') return refuseMetadata(held, arrived, answer)
  if (api.name === 'Fetch') return refuseFetch(held, arrived, answer)
  if (api.name === 'Produce' && body.acks === 0) {
    throw new CloseConnection(`fault: error ${errorCode} for a Produce request with acks=0`)
  }
  const { meant, rest } = splitRequest(body, filter, arrived.topicNames)
  const refused = errorResponse(answer, meant ?? {})
  if (rest === undefined) return refused
  const response = await held.serve(rest)
  return response === noResponse ? response : mergeResponses(response as Fields, refused)
}

/** Brokers are told in any case: a client without them is not what anyone wants to test. */
const refuseMetadata = async (
  held: HeldRequest,
  { topicNames }: ArrivedRequest,
  answer: ErrorAnswer,
): Promise<unknown> => {
  const { errorCode, filter } = answer
  const response = (await held.serve()) as Fields
  if (answer.version >= 13 && isTopLevel(answer)) return { ...response, errorCode, topics: [] }
  const topics = (response.topics as Fields[]).map((topic) => {
    const name = topicOf('topics', topic, topicNames)
    if (filter.topic !== undefined && filter.topic !== name) return topic
    if (filter.partition === undefined) return { ...topic, errorCode, partitions: [] }
    const partitions = (topic.partitions as Fields[]).map((partition) =>
      partitionOf(partition) === filter.partition
        ? { ...partition, errorCode, leaderId: -1 }
        : partition,
    )
    return { ...topic, partitions }
  })
  return { ...response, topics }
}

const isTopLevel = (answer: ErrorAnswer): boolean => hasRoomAtTop(answer)

/** A session's requests do not name their partitions, so those that are refused are looked up and put into the answer. */
const refuseFetch = async (
  held: HeldRequest,
  arrived: ArrivedRequest,
  answer: ErrorAnswer,
): Promise<unknown> => {
  const { errorCode, filter, version } = answer
  if (isTopLevel(answer) && version >= 7) {
    return { throttleTimeMs: 0, errorCode, sessionId: 0, responses: [] }
  }
  const { topicNames } = arrived
  const targets = arrived.fetchTargets
  const asked = targets.filter((target) =>
    isMeant(
      { topic: target.topic || (topicNames(target.topicId) ?? ''), partition: target.partition },
      filter,
    ),
  )
  const topics = asked.map(({ topic, topicId, partition }) => ({
    topic,
    topicId,
    partitions: [{ partition }],
  }))
  // Nobody waits for an error.
  const response = (await held.serve({ ...(arrived.body as Fields), maxWaitMs: 0 })) as Fields
  if (response.errorCode !== undefined && response.errorCode !== ErrorCode.NONE) return response
  const key = (topic: Fields, partition: unknown): string =>
    `${version >= 13 ? String(topic.topicId) : String(topic.topic)}:${String(partition)}`
  const refusedKeys = new Set(asked.map((target) => key({ ...target }, target.partition)))
  const kept = ((response.responses ?? []) as Fields[]).map((topic) => ({
    ...topic,
    partitions: (topic.partitions as Fields[]).filter(
      (partition) => isFields(partition) && !refusedKeys.has(key(topic, partition.partitionIndex)),
    ),
  }))
  return topics.reduce<Fields>(
    (merged, topic) =>
      mergeResponses(
        merged,
        errorResponse(
          { ...answer, filter: { ...filter, partition: filter.partition ?? 0 } },
          { topics: [topic] },
        ),
      ),
    { ...response, responses: kept },
  )
}
