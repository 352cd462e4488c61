import {
  ErrorCode,
  OffsetCommit,
  type OffsetCommitRequest,
  type OffsetCommitResponseInput,
  ZERO_UUID,
} from '@ottla/protocol'
import { toApiError } from '../errors.js'
import { handler, type RequestContext } from '../server/handler.js'

type Topic = OffsetCommitRequest['topics'][number]
type TopicAnswer = OffsetCommitResponseInput['topics'][number]

/**
 * Stores the offsets that a group has consumed to. Topics and partitions that do not exist are refused here, where the
 * metadata is; the group's state machine sees the others.
 */
export const offsetCommitHandler = handler(
  OffsetCommit,
  { min: 2, max: 10 },
  async (context, request): Promise<OffsetCommitResponseInput> => {
    const checked = request.topics.map((topic) => check(context, topic))
    const known = checked
      .map(({ known }) => known)
      .filter(({ partitions }) => partitions.length > 0)
    const refused = checked
      .map(({ refused }) => refused)
      .filter(({ partitions }) => partitions.length > 0)
    if (known.length === 0 && refused.length > 0) return { throttleTimeMs: 0, topics: refused }
    const accepted = { ...request, topics: known }
    try {
      const { groups } = context.broker
      const response = await groups.request('offsetCommit', context, request.groupId, accepted)
      return refused.length === 0 ? response : merge(response, refused)
    } catch (error) {
      const { errorCode } = toApiError(error)
      return { throttleTimeMs: 0, topics: request.topics.map((topic) => failure(topic, errorCode)) }
    }
  },
)

const failure = ({ name, topicId, partitions }: Topic, errorCode: number): TopicAnswer => ({
  name,
  topicId,
  partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
})

const check = (
  { broker, apiVersion }: RequestContext,
  topic: Topic,
): { known: Topic; refused: TopicAnswer } => {
  const byId = apiVersion >= 10
  const image = byId
    ? broker.image.topicsById.get(topic.topicId)
    : broker.image.topicsByName.get(topic.name)
  const count = image?.partitions.length ?? 0
  const isKnown = ({ partitionIndex }: Topic['partitions'][number]): boolean =>
    partitionIndex >= 0 && partitionIndex < count
  const code =
    byId && image === undefined ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  const unknown = topic.partitions.filter((partition) => !isKnown(partition))
  return {
    known: { ...topic, partitions: topic.partitions.filter(isKnown) },
    refused: failure({ ...topic, partitions: unknown }, code),
  }
}

/** From version 10 on the request has ids alone, and the group's answer the names too; before, ids are zero. */
const isSameTopic = (one: TopicAnswer, other: TopicAnswer): boolean =>
  one.topicId === other.topicId && (one.topicId !== ZERO_UUID || one.name === other.name)

/** Puts the refused partitions beside the accepted ones of their topic. */
const merge = (
  response: OffsetCommitResponseInput,
  refused: readonly TopicAnswer[],
): OffsetCommitResponseInput => {
  const topics = response.topics.map((topic) => {
    const more = refused.find((each) => isSameTopic(each, topic))
    return more === undefined
      ? topic
      : { ...topic, partitions: [...topic.partitions, ...more.partitions] }
  })
  const isPlaced = (each: TopicAnswer): boolean => topics.some((topic) => isSameTopic(each, topic))
  return { ...response, topics: [...topics, ...refused.filter((each) => !isPlaced(each))] }
}
