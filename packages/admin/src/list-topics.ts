import type { Cluster } from '@ottla/network'
import type { OperationOptions } from './options.js'
import { showTopicId } from './topic-id.js'

/** A topic of the cluster. */
export interface TopicListing {
  readonly name: string
  /** In Kafka's 22-character form; undefined from brokers before Kafka 2.8. */
  readonly topicId?: string | undefined
  /** One of Kafka's own, such as `__consumer_offsets`. */
  readonly isInternal: boolean
  readonly partitions: number
}

/** Which topics to list. */
export interface ListTopicsOptions extends OperationOptions {
  /** Kafka's own topics too. Default false. */
  readonly includeInternal?: boolean | undefined
}

/** See `Admin.listTopics`. */
export const listTopics = async (
  cluster: Cluster,
  { includeInternal = false, ...limits }: ListTopicsOptions = {},
): Promise<TopicListing[]> => {
  await cluster.refreshMetadata({ topics: 'all', ...limits })
  return cluster.metadata
    .topicNames()
    .flatMap((name) => cluster.metadata.topic(name) ?? [])
    .filter(({ isInternal }) => includeInternal || !isInternal)
    .map(({ name, topicId, isInternal, partitions }) => ({
      name,
      topicId: showTopicId(topicId),
      isInternal,
      partitions: partitions.length,
    }))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
}
