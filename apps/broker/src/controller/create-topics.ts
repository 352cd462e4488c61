import { ErrorCode, uuidToBase64, ZERO_UUID } from '@ottla/protocol'
import type { BrokerConfig } from '../config/broker-config.js'
import { checkTopicConfigs, type TopicOverrides } from '../config/topic-config.js'
import { refusal } from '../errors.js'
import { configResources, type MetadataImage } from '../image/image.js'
import type { MetadataRecordInput } from '../image/metadata-record.js'
import {
  checkManualAssignment,
  isActive,
  type ManualAssignment,
  type PlannedPartition,
  placeReplicas,
} from './replica-placement.js'
import { checkTopicName, collidingTopic } from './topic-name.js'

/** A topic as a client asks for it, in CreateTopics' own terms: -1 takes the broker's default. */
export interface NewTopic {
  readonly name: string
  readonly numPartitions: number
  readonly replicationFactor: number
  readonly assignments: readonly ManualAssignment[]
  readonly configs: readonly { readonly name: string; readonly value: string | null }[]
}

/** A topic that may be created, and the records that do it. */
export interface TopicPlan {
  readonly topicId: string
  readonly numPartitions: number
  readonly replicationFactor: number
  readonly overrides: TopicOverrides
  readonly records: readonly MetadataRecordInput[]
}

/** What planning needs besides the image. */
export interface PlanningContext {
  readonly config: BrokerConfig
  readonly random: { next(): number; uuid(): string }
  /** The log directory each broker keeps its replicas in, by uuid. */
  directoryOf(brokerId: number): string
}

/** Most partitions that one request may create. */
export const maxPartitionsPerRequest = 10_000

/**
 * Checks a new topic in the order Kafka does and plans its records; changes nothing.
 * @throws BrokerError with the code and the words of Kafka's controller.
 */
export const planTopic = (
  image: MetadataImage,
  topic: NewTopic,
  context: PlanningContext,
): TopicPlan => {
  const { name } = topic
  checkTopicName(name)
  const other = collidingTopic(name, image.topicsByName.keys())
  if (other !== undefined) {
    const text = `Topic '${name}' collides with existing topic: ${other}`
    throw refusal(ErrorCode.INVALID_TOPIC_EXCEPTION, text)
  }
  if (image.topicsByName.has(name)) {
    throw refusal(ErrorCode.TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`)
  }
  const overrides = checkedOverrides(topic)
  const partitions = planPartitions(image, topic, context)
  const topicId = newTopicId(image, context.random)
  const records: MetadataRecordInput[] = [
    { type: 'TopicRecord', value: { name, topicId } },
    ...configRecords(name, overrides),
    ...partitions.map((partition) => partitionRecord(image, topicId, partition, context)),
  ]
  const replicationFactor = partitions[0]?.replicas.length ?? 0
  return { topicId, numPartitions: partitions.length, replicationFactor, overrides, records }
}

const checkedOverrides = (topic: NewTopic): TopicOverrides => {
  const overrides = new Map<string, string>()
  const missing: string[] = []
  for (const { name, value } of topic.configs) {
    if (value === null) missing.push(name)
    else overrides.set(name, value)
  }
  if (missing.length > 0) {
    const text = `Null value not supported for topic configs: ${missing.join(',')}`
    throw refusal(ErrorCode.INVALID_CONFIG, text)
  }
  checkTopicConfigs(overrides)
  return overrides
}

const planPartitions = (
  image: MetadataImage,
  topic: NewTopic,
  { config, random }: PlanningContext,
): PlannedPartition[] => {
  const { assignments, numPartitions, replicationFactor } = topic
  if (assignments.length > 0) {
    const conflict = (what: string): Error =>
      refusal(
        ErrorCode.INVALID_REQUEST,
        `A manual partition assignment was specified, but ${what} was not set to -1.`,
      )
    if (replicationFactor !== -1) throw conflict('replication factor')
    if (numPartitions !== -1) throw conflict('numPartitions')
    return checkManualAssignment(image, assignments)
  }
  if (replicationFactor < -1 || replicationFactor === 0) {
    const text = 'Replication factor must be larger than 0, or -1 to use the default value.'
    throw refusal(ErrorCode.INVALID_REPLICATION_FACTOR, text)
  }
  if (numPartitions < -1 || numPartitions === 0) {
    const text = 'Number of partitions was set to an invalid non-positive value.'
    throw refusal(ErrorCode.INVALID_PARTITIONS, text)
  }
  return placeReplicas(
    image,
    numPartitions === -1 ? config.number('num.partitions') : numPartitions,
    replicationFactor === -1 ? config.number('default.replication.factor') : replicationFactor,
    () => random.next(),
  )
}

/** A fresh id; Kafka avoids those whose text form begins with a dash, which command lines take for an option. */
const newTopicId = (image: MetadataImage, random: { uuid(): string }): string => {
  for (;;) {
    const id = random.uuid()
    const taken = id === ZERO_UUID || image.topicsById.has(id)
    if (!taken && !uuidToBase64(id).startsWith('-')) return id
  }
}

const configRecords = (topic: string, overrides: TopicOverrides): MetadataRecordInput[] =>
  [...overrides].map(([name, value]) => ({
    type: 'ConfigRecord',
    value: { resourceType: configResources.topic, resourceName: topic, name, value },
  }))

/** The record of a new partition, led by the first of its replicas that is up. */
export const partitionRecord = (
  image: MetadataImage,
  topicId: string,
  { partition, replicas }: PlannedPartition,
  { directoryOf }: PlanningContext,
): MetadataRecordInput => {
  const isr = replicas.filter((id) => isActive(image.brokers.get(id)))
  return {
    type: 'PartitionRecord',
    value: {
      partitionId: partition,
      topicId,
      replicas,
      isr,
      removingReplicas: [],
      addingReplicas: [],
      leader: isr[0] ?? -1,
      leaderEpoch: 0,
      partitionEpoch: 0,
      directories: replicas.map((id) => directoryOf(id)),
    },
  }
}
