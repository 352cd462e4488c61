import { PartitionMap, type TopicPartition } from '../../topic-partition.js'
import type { AssignorMember } from './assignor.js'

/**
 * The first of the two rounds of a cooperative rebalance (KIP-429): leaves out every partition that someone else says to own, and
 * says so no less recently than the member that is to have it. Its owner sees that it is gone, gives it up and joins again;
 * then nobody claims it, and it is assigned.
 */
export const withholdMoving = (
  members: readonly AssignorMember[],
  assignment: ReadonlyMap<string, readonly TopicPartition[]>,
  generationOf: (member: AssignorMember) => number = ({ generationId }) => generationId,
): Map<string, TopicPartition[]> => {
  const claims = new PartitionMap<Map<string, number>>()
  for (const member of members) {
    for (const { topic, partition } of member.ownedPartitions) {
      const claimants = claims.get(topic, partition) ?? new Map<string, number>()
      claims.set(topic, partition, claimants.set(member.memberId, generationOf(member)))
    }
  }
  const isWithheld = (memberId: string, { topic, partition }: TopicPartition): boolean => {
    const claimants = claims.get(topic, partition)
    if (claimants === undefined) return false
    const own = claimants.get(memberId) ?? -Infinity
    return [...claimants].some(([other, generation]) => other !== memberId && generation >= own)
  }
  return new Map(
    [...assignment].map(([memberId, partitions]) => [
      memberId,
      partitions.filter((partition) => !isWithheld(memberId, partition)),
    ]),
  )
}
