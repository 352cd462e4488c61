import { Reader, Writer } from '@ottla/protocol'
import { groupByTopic, type TopicPartition } from '../../topic-partition.js'
import type { Assignor, UserDataContext } from './assignor.js'
import { assignSticky } from './sticky-assignment.js'
import type { StickyClaim } from './sticky-board.js'

/**
 * Kafka's `sticky` strategy (KIP-54, KIP-341), eager: as even as possible, and of all even assignments one that moves few
 * partitions. Since members give up everything before they join, they send along what they had.
 */
export const stickyAssignor: Assignor = {
  name: 'sticky',
  encodeUserData: (context) => encodeStickyUserData(context),
  assign: (members, topics) =>
    assignSticky(members, topics, ({ userData }) => decodeStickyUserData(userData)),
}

const noClaim: StickyClaim = { partitions: [], generationId: -1 }

/** Version 1 of the user data: topics with partition numbers, then the generation; nothing before the first assignment. */
export const encodeStickyUserData = ({
  lastPartitions,
  lastGenerationId,
}: UserDataContext): Uint8Array | null => {
  if (lastGenerationId < 0) return null
  const writer = new Writer()
  const topics = groupByTopic(lastPartitions)
  writer.int32(topics.size)
  for (const [topic, partitions] of topics) {
    writer.string(topic)
    writer.int32(partitions.length)
    for (const partition of partitions) writer.int32(partition)
  }
  writer.int32(lastGenerationId)
  return writer.finish()
}

/** Reads both versions: 0 lacks the generation. What cannot be read claims nothing; a foreign member must not stop the group. */
export const decodeStickyUserData = (userData: Uint8Array | null): StickyClaim => {
  if (userData === null || userData.length === 0) return noClaim
  try {
    const reader = new Reader(userData)
    const partitions: TopicPartition[] = []
    for (let topics = reader.int32(); topics > 0; topics--) {
      const topic = reader.string() ?? ''
      const count = reader.int32()
      for (const partition of reader.int32s(count)) partitions.push({ topic, partition })
    }
    return { partitions, generationId: reader.remaining >= 4 ? reader.int32() : -1 }
  } catch {
    return noClaim
  }
}
