import {
  ErrorCode,
  OffsetDelete,
  type OffsetDeleteRequest,
  type OffsetDeleteResponseInput,
} from '@ottla/protocol'
import { toApiError } from '../errors.js'
import { handler } from '../server/handler.js'
import type { BrokerServices } from '../services.js'

type Topic = OffsetDeleteRequest['topics'][number]
type TopicAnswer = OffsetDeleteResponseInput['topics'][number]

/** Deletes committed offsets of a group (KIP-496). What does not exist is refused here, where the metadata is. */
export const offsetDeleteHandler = handler(
  OffsetDelete,
  { min: 0, max: 0 },
  async (context, request): Promise<OffsetDeleteResponseInput> => {
    const { groupId, topics } = request
    const known = topics.map((topic) => select(context.broker, topic, true))
    try {
      const accepted = { groupId, topics: known.filter(({ partitions }) => partitions.length > 0) }
      const { groups } = context.broker
      const response = await groups.request('offsetDelete', context, groupId, accepted)
      if (response.errorCode !== ErrorCode.NONE) return response
      const unknown = topics.map((topic) => select(context.broker, topic, false))
      return { ...response, topics: merge(response.topics, unknown) }
    } catch (error) {
      return { throttleTimeMs: 0, errorCode: toApiError(error).errorCode, topics: [] }
    }
  },
)

/** The partitions of a topic that exist, or those that do not. */
const select = ({ image }: BrokerServices, topic: Topic, exists: boolean): Topic => {
  const count = image.topicsByName.get(topic.name)?.partitions.length ?? 0
  const partitions = topic.partitions.filter(
    ({ partitionIndex }) => (partitionIndex >= 0 && partitionIndex < count) === exists,
  )
  return { name: topic.name, partitions }
}

/** Each topic once, with the partitions that were refused beside those that were not. */
const merge = (answers: readonly TopicAnswer[], unknown: readonly Topic[]): TopicAnswer[] => {
  const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  const byName = new Map(answers.map((answer) => [answer.name, answer]))
  for (const { name, partitions } of unknown) {
    if (partitions.length === 0) continue
    const refused = partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode }))
    byName.set(name, { name, partitions: [...(byName.get(name)?.partitions ?? []), ...refused] })
  }
  return [...byName.values()]
}
