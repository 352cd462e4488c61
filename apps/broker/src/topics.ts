import { ErrorCode } from '@ottla/protocol'
import type { NewTopic } from './controller/create-topics.js'
import { toApiError } from './errors.js'
import { offsetsTopic } from './group/offsets-topic.js'
import type { BrokerServices } from './services.js'

/** A topic as a broker asks for it on behalf of a client that merely used its name. */
const withDefaults = (name: string, { config }: BrokerServices): NewTopic => {
  if (name !== offsetsTopic) {
    return { name, numPartitions: -1, replicationFactor: -1, assignments: [], configs: [] }
  }
  return {
    name,
    numPartitions: config.number('offsets.topic.num.partitions'),
    replicationFactor: config.number('offsets.topic.replication.factor'),
    assignments: [],
    configs: [
      { name: 'compression.type', value: 'producer' },
      { name: 'cleanup.policy', value: 'compact' },
      { name: 'segment.bytes', value: config.text('offsets.topic.segment.bytes') },
    ],
  }
}

/**
 * Creates topics with the broker's defaults. They have leaders when this resolves, so the client that waits for them
 * gets them in the very answer. One that cannot be created stays unknown to the client, as in Kafka; why is told to
 * subscribers of `problem`.
 */
export const autoCreateTopics = async (
  broker: BrokerServices,
  names: readonly string[],
): Promise<void> => {
  const { controller, events, image } = broker
  const missing = [...new Set(names)].filter((name) => !image.topicsByName.has(name))
  try {
    const results = await controller.createTopics(missing.map((name) => withDefaults(name, broker)))
    results.forEach((error, index) => {
      if (!(error instanceof Error)) return
      if (toApiError(error).errorCode === ErrorCode.TOPIC_ALREADY_EXISTS) return
      events.publish('problem', { what: `creating the topic ${missing[index]} by use`, error })
    })
  } catch (error) {
    events.publish('problem', { what: `creating ${missing.length} topics by use`, error })
  }
}
