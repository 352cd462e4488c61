import { ErrorCode } from '@ottla/protocol'
import type { NewTopic } from './controller/create-topics.js'
import { toApiError } from './errors.js'
import type { BrokerServices } from './services.js'

/** Name of the topic that holds groups and committed offsets. */
export const offsetsTopic = '__consumer_offsets'

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
 * gets them in the very answer.
 * @returns the error codes of those that could not be created, by name.
 */
export const autoCreateTopics = async (
  broker: BrokerServices,
  names: readonly string[],
): Promise<Map<string, number>> => {
  const missing = [...new Set(names)].filter((name) => !broker.image.topicsByName.has(name))
  const results = await broker.controller.createTopics(
    missing.map((name) => withDefaults(name, broker)),
  )
  const failed = new Map<string, number>()
  results.forEach((result, index) => {
    if (!(result instanceof Error)) return
    const { errorCode } = toApiError(result)
    if (errorCode !== ErrorCode.TOPIC_ALREADY_EXISTS)
      failed.set(missing[index] as string, errorCode)
  })
  return failed
}
