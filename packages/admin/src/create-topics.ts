import { type Cluster, show } from '@ottla/network'
import {
  BrokerError,
  CreateTopics,
  type CreateTopicsRequestInput,
  type CreateTopicsResponse,
  ErrorCode,
  InvalidArgumentError,
  type KafkaError,
} from '@ottla/protocol'
import { checkFields } from './check-arguments.js'
import type { OperationOptions } from './options.js'
import type { ItemResult } from './results.js'
import { resultsOf, retryItems } from './retry-items.js'
import { showTopicId } from './topic-id.js'

/** A topic to create. */
export interface NewTopic {
  readonly name: string
  /** Number of partitions. Default: the broker's `num.partitions`. */
  readonly partitions?: number | undefined
  /** Copies of each partition. Default: the broker's `default.replication.factor`. */
  readonly replicationFactor?: number | undefined
  /** Instead of both: the brokers of each partition, the preferred leader first. */
  readonly assignments?: readonly (readonly number[])[] | undefined
  /** Topic configuration by Kafka's names, such as `{ 'retention.ms': '3600000' }`. */
  readonly configs?: { readonly [name: string]: string | null } | undefined
}

/** What became of a topic to create. */
export interface CreatedTopic extends ItemResult {
  readonly name: string
  /** In Kafka's 22-character form; undefined from brokers before Kafka 2.8. */
  readonly topicId?: string | undefined
  /** Undefined with an error, or when the broker does not tell (before Kafka 2.4, no right to describe configurations). */
  readonly partitions?: number | undefined
  readonly replicationFactor?: number | undefined
}

/** How to create topics. */
export interface CreateTopicsOptions extends OperationOptions {
  /** Only checks whether the topics could be created. */
  readonly validateOnly?: boolean | undefined
}

/** From this version on brokers fill in their own number of partitions and replication factor (KIP-464). */
const brokerDefaultsVersion = 4

/** See `Admin.createTopics`. */
export const createTopics = async (
  cluster: Cluster,
  topics: readonly NewTopic[],
  options: CreateTopicsOptions = {},
): Promise<CreatedTopic[]> => {
  for (const topic of topics) check(topic)
  const { validateOnly = false } = options
  const needsDefaults = topics.some(
    ({ partitions, replicationFactor, assignments }) =>
      assignments === undefined && (partitions === undefined || replicationFactor === undefined),
  )
  const outcomes = await retryItems(
    cluster,
    'creating topics',
    topics,
    options,
    async (open, { timeoutMs, signal, mayBeDone }) => {
      const { response, version, node } = await cluster.request(
        CreateTopics,
        { topics: open.map(encode), timeoutMs: Math.floor(timeoutMs), validateOnly },
        {
          node: 'controller',
          minVersion: needsDefaults ? brokerDefaultsVersion : validateOnly ? 1 : 0,
          timeoutMs,
          signal,
        },
      )
      const results = new Map(response.topics.map((topic) => [topic.name, topic]))
      return open.map(({ name }) => decode(name, results.get(name), version, node, mayBeDone))
    },
  )
  return resultsOf(topics, outcomes, ({ name }, error) => ({ name, error }))
}

const encode = (topic: NewTopic): CreateTopicsRequestInput['topics'][number] => ({
  name: topic.name,
  numPartitions: topic.assignments === undefined ? (topic.partitions ?? -1) : -1,
  replicationFactor: topic.assignments === undefined ? (topic.replicationFactor ?? -1) : -1,
  assignments: (topic.assignments ?? []).map((brokerIds, partitionIndex) => ({
    partitionIndex,
    brokerIds,
  })),
  configs: Object.entries(topic.configs ?? {}).map(([name, value]) => ({ name, value })),
})

/** Brokers that do not tell a number answer -1. */
const known = (count: number): number | undefined => (count < 0 ? undefined : count)

const decode = (
  name: string,
  result: CreateTopicsResponse['topics'][number] | undefined,
  version: number,
  node: number,
  mayBeDone: boolean,
): CreatedTopic | KafkaError => {
  const errorCode = result?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
  // When the answer to an earlier attempt got lost, that attempt is who created it.
  const isOurs = mayBeDone && errorCode === ErrorCode.TOPIC_ALREADY_EXISTS
  if (result === undefined || (errorCode !== ErrorCode.NONE && !isOurs)) {
    const text = result?.errorMessage ?? (result === undefined ? 'nothing about this topic' : null)
    return new BrokerError(errorCode, { api: CreateTopics.name, version, node, topic: name, text })
  }
  return {
    name,
    topicId: showTopicId(result.topicId),
    partitions: known(result.numPartitions),
    replicationFactor: known(result.replicationFactor),
  }
}

/** What a topic to create says, with what other clients call it. */
const topicFields = {
  name: ['topic'],
  partitions: ['numPartitions', 'partitionCount'],
  replicationFactor: [],
  assignments: ['replicaAssignment', 'replicasAssignments'],
  configs: ['configEntries', 'config'],
}

const check = (topic: NewTopic): void => {
  checkFields('a topic to create has no field', topic, topicFields)
  const { name, partitions, replicationFactor, assignments, configs } = topic
  const refuse = (what: string): never => {
    throw new InvalidArgumentError(`topic ${JSON.stringify(name)} cannot be created: ${what}`)
  }
  if (typeof name !== 'string' || name === '') refuse('its name must be a non-empty string')
  if (partitions !== undefined && !(Number.isInteger(partitions) && partitions > 0)) {
    refuse(`partitions must be 1 or more, not ${show(partitions)}`)
  }
  if (
    replicationFactor !== undefined &&
    !(Number.isInteger(replicationFactor) && replicationFactor > 0 && replicationFactor < 32_768)
  ) {
    refuse(`replicationFactor must be from 1 to 32767, not ${show(replicationFactor)}`)
  }
  if (assignments !== undefined && (partitions ?? replicationFactor) !== undefined) {
    refuse('assignments already say the number of partitions and their replicas')
  }
  for (const [config, value] of Object.entries(configs ?? {})) {
    if (value !== null && typeof value !== 'string') {
      refuse(`the value of ${config} must be a string, as Kafka's configurations are`)
    }
  }
}
