import type { MetadataImage } from '../image/image.js'
import type { MetadataRecordInput } from '../image/metadata-record.js'

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
