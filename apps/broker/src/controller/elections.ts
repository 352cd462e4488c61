import { ErrorCode } from '@ottla/protocol'
import { refusal } from '../errors.js'
import type { MetadataImage } from '../image/image.js'
import type { MetadataRecordInput } from '../image/metadata-record.js'
import { isActive } from './replica-placement.js'

/** Kinds of election that a client may ask for (KIP-460), by Kafka's number. */
export const electionTypes = { preferred: 0, unclean: 1 } as const

/**
 * Elections when a broker comes (back) up: it leads again whatever it led or what has no leader and has it in the ISR.
 * Each election raises the leader epoch, so that requests of the broker's former life are told apart.
 */
export const electAfterStart = (image: MetadataImage, brokerId: number): MetadataRecordInput[] => {
  const records: MetadataRecordInput[] = []
  for (const topic of image.topicsById.values()) {
    for (const { partition, leader, isr } of topic.partitions) {
      if ((leader !== -1 && leader !== brokerId) || !isr.includes(brokerId)) continue
      records.push({
        type: 'PartitionChangeRecord',
        value: { partitionId: partition, topicId: topic.topicId, leader: brokerId },
      })
    }
  }
  return records
}

/**
 * Plans an election that a client asks for: of the preferred replica, or of any replica for a partition without a leader.
 * @throws BrokerError ELECTION_NOT_NEEDED, PREFERRED_LEADER_NOT_AVAILABLE, ELIGIBLE_LEADERS_NOT_AVAILABLE, or
 * UNKNOWN_TOPIC_OR_PARTITION, with Kafka's words.
 */
export const planElection = (
  image: MetadataImage,
  electionType: number,
  name: string,
  index: number,
): MetadataRecordInput => {
  const topic = image.topicsByName.get(name)
  if (topic === undefined) {
    throw refusal(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `No such topic as ${name}`)
  }
  const partition = topic.partitions[index]
  if (partition === undefined) {
    const text = `No such partition as ${name}-${index}`
    throw refusal(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, text)
  }
  const { replicas, isr, leader } = partition
  const isPreferred = electionType === electionTypes.preferred
  if (isPreferred ? leader === replicas[0] : leader !== -1) {
    const text = 'Leader election not needed for topic partition.'
    throw refusal(ErrorCode.ELECTION_NOT_NEEDED, text)
  }
  const candidates = isPreferred ? isr.filter((id) => id === replicas[0]) : replicas
  const elected = candidates.find((id) => isActive(image.brokers.get(id)))
  if (elected === undefined) {
    throw isPreferred
      ? refusal(ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE, 'The preferred leader was not available.')
      : refusal(
          ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE,
          'Eligible topic partition leaders are not available.',
        )
  }
  // A leader from outside the ISR is the whole ISR: what the others have beyond it is lost.
  const newIsr = isr.includes(elected) ? null : [elected]
  return {
    type: 'PartitionChangeRecord',
    value: { topicId: topic.topicId, partitionId: index, leader: elected, isr: newIsr },
  }
}
