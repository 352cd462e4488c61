import { uuidToBase64, ZERO_UUID } from '@ottla/protocol'

/** Kafka's 22-character form of a topic id; undefined when the broker does not tell one (before Kafka 2.8). */
export const showTopicId = (topicId: string): string | undefined =>
  topicId === ZERO_UUID ? undefined : uuidToBase64(topicId)
