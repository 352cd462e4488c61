import type { TopicPartition } from '../../topic-partition.js'
import type { AssignorMember, AssignorTopics } from './assignor.js'
import { balanceLoads } from './balance-loads.js'
import { fillQuotas } from './fill-quotas.js'
import { createBoard, type StickyBoard, type StickyClaim } from './sticky-board.js'

/**
 * Divides partitions evenly while moving as few as possible, the common part of Kafka's `sticky` and `cooperative-sticky`
 * (KIP-54, KIP-341, KIP-429, KIP-792, KIP-881). Where all members want the same topics, quotas give the answer directly; else
 * loads are balanced move by move.
 */
export const assignSticky = (
  members: readonly AssignorMember[],
  topics: AssignorTopics,
  readClaim: (member: AssignorMember) => StickyClaim,
): Map<string, TopicPartition[]> => {
  const board = createBoard(members, topics, readClaim)
  if (wantTheSame(board)) fillQuotas(board)
  else balanceLoads(board)
  return new Map(
    board.members.map(({ memberId, partitions }) => [
      memberId,
      [...partitions].map(({ topic, partition }) => ({ topic, partition })),
    ]),
  )
}

const wantTheSame = ({ members }: StickyBoard): boolean => {
  const first = members[0]?.topics ?? new Set<string>()
  return members.every(
    ({ topics }) => topics.size === first.size && [...topics].every((topic) => first.has(topic)),
  )
}
