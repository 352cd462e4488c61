import type { TopicPartition } from '../../topic-partition.js'
import type { Assignor } from './assignor.js'
import { compareMembers } from './member-order.js'

/**
 * Kafka's `roundrobin` strategy with the result of the Java client's RoundRobinAssignor: all partitions of all topics are dealt
 * out one by one to the members in turn (static ones first), passing over those that do not subscribe to the topic.
 */
export const roundRobinAssignor: Assignor = {
  name: 'roundrobin',
  assign(members, topics) {
    const sorted = [...members].sort(compareMembers)
    const seats = sorted.map(({ memberId, topics: wanted }) => ({
      wanted: new Set(wanted),
      partitions: [] as TopicPartition[],
      memberId,
    }))
    let turn = 0
    for (const topic of [...topics.keys()].sort()) {
      if (!seats.some(({ wanted }) => wanted.has(topic))) continue
      const numbers = (topics.get(topic) ?? []).map(({ partition }) => partition)
      for (const partition of numbers.sort((a, b) => a - b)) {
        while (!seats[turn % seats.length]?.wanted.has(topic)) turn++
        seats[turn++ % seats.length]?.partitions.push({ topic, partition })
      }
    }
    return new Map(seats.map(({ memberId, partitions }) => [memberId, partitions]))
  },
}
