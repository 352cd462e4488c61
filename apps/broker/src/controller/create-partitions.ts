import { ErrorCode } from '@ottla/protocol'
import { refusal } from '../errors.js'
import type { MetadataImage, TopicImage } from '../image/image.js'
import type { MetadataRecordInput } from '../image/metadata-record.js'
import { maxPartitionsPerRequest, type PlanningContext, partitionRecord } from './create-topics.js'
import { checkManualAssignment, type PlannedPartition, placeReplicas } from './replica-placement.js'

/** A topic that is to have more partitions. */
export interface MorePartitions {
  readonly name: string
  /** How many it is to have in all. */
  readonly count: number
  /** Replicas of the new ones, in order; null leaves them to the controller. */
  readonly assignments: readonly { readonly brokerIds: readonly number[] }[] | null
}

/**
 * Checks the wish for more partitions of a topic in the order Kafka does and plans their records; changes nothing.
 * @throws BrokerError with the code and the words of Kafka's controller.
 */
export const planMorePartitions = (
  image: MetadataImage,
  { name, count, assignments }: MorePartitions,
  context: PlanningContext,
): MetadataRecordInput[] => {
  const topic = image.topicsByName.get(name)
  if (topic === undefined) throw refusal(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  const present = topic.partitions.length
  if (count === present) {
    const text = `Topic already has ${present} partition(s).`
    throw refusal(ErrorCode.INVALID_PARTITIONS, text)
  }
  if (count < present) {
    const text = `The topic ${name} currently has ${present} partition(s); ${count} would not be an increase.`
    throw refusal(ErrorCode.INVALID_PARTITIONS, text)
  }
  const additional = count - present
  if (assignments !== null && assignments.length !== additional) {
    const text = `Attempted to add ${additional} additional partition(s), but only ${assignments.length} assignment(s) were specified.`
    throw refusal(ErrorCode.INVALID_REPLICA_ASSIGNMENT, text)
  }
  const planned =
    assignments === null
      ? place(image, topic, additional, context)
      : assigned(image, topic, assignments)
  return planned.map((each, index) =>
    partitionRecord(image, topic.topicId, { ...each, partition: present + index }, context),
  )
}

/** @throws BrokerError POLICY_VIOLATION for more than 10,000 new partitions at once. */
export const checkAdditionalPartitions = (
  image: MetadataImage,
  topics: readonly MorePartitions[],
): void => {
  const total = topics.reduce((sum, { name, count }) => {
    const present = image.topicsByName.get(name)?.partitions.length
    return present === undefined ? sum : sum + Math.max(count - present, 0)
  }, 0)
  if (total > maxPartitionsPerRequest) {
    const text = 'Excessively large number of additional partitions per request.'
    throw refusal(ErrorCode.POLICY_VIOLATION, text)
  }
}

const replicationFactorOf = ({ partitions }: TopicImage): number =>
  partitions[0]?.replicas.length ?? 1

const place = (
  image: MetadataImage,
  topic: TopicImage,
  additional: number,
  { random }: PlanningContext,
): PlannedPartition[] =>
  placeReplicas(image, additional, replicationFactorOf(topic), () => random.next())

const assigned = (
  image: MetadataImage,
  topic: TopicImage,
  assignments: NonNullable<MorePartitions['assignments']>,
): PlannedPartition[] =>
  checkManualAssignment(
    image,
    assignments.map(({ brokerIds }, partitionIndex) => ({ partitionIndex, brokerIds })),
    replicationFactorOf(topic),
  )
