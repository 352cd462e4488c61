import { comparePartitions, type TopicPartition } from '../../topic-partition.js'
import type { Assignor, AssignorMember, AssignorPartition, AssignorTopics } from './assignor.js'
import { compareMembers } from './member-order.js'
import { needsRacks } from './racks.js'

/**
 * Kafka's `range` strategy with the result of the Java client's RangeAssignor.
 *
 * Each topic by itself: its subscribers in order (static members by instance id, then the others by member id) get
 * consecutive runs of partitions, the first ones one more where the division leaves a rest. Topics with the same number of
 * partitions and the same subscribers are therefore co-partitioned: whoever reads partition 3 of one reads it of the other.
 *
 * With racks (KIP-881) partitions first go to members in a rack that holds a replica, co-partitioned topics together, and
 * only what remains is dealt out regardless. It needs members with a `clientRack`, and replicas that do not sit in all racks.
 */
export const rangeAssignor: Assignor = {
  name: 'range',
  assign(members, topics) {
    const assignment = new Map<string, TopicPartition[]>()
    for (const { memberId } of members) assignment.set(memberId, [])
    const shares = createShares(members, topics)
    const rackAware = shares.some((share) => share.needsRacks)
    if (rackAware) assignByRack(shares, assignment)
    for (const share of shares) assignRanges(share, assignment, () => true)
    if (rackAware) for (const partitions of assignment.values()) partitions.sort(comparePartitions)
    return assignment
  },
}

/** How far the division of one topic among its subscribers has come. */
interface TopicShare {
  readonly topic: string
  readonly members: readonly AssignorMember[]
  readonly partitionCount: number
  readonly unassigned: Map<number, AssignorPartition>
  readonly assignedCounts: Map<string, number>
  /** Every member's due, without the rest of the division. */
  readonly quota: number
  /** How many members may still get one more than the quota. */
  extras: number
  readonly needsRacks: boolean
}

const createShares = (members: readonly AssignorMember[], topics: AssignorTopics): TopicShare[] => {
  const shares: TopicShare[] = []
  const sorted = [...members].sort(compareMembers)
  for (const topic of [...topics.keys()].sort()) {
    const partitions = [...(topics.get(topic) ?? [])].sort((a, b) => a.partition - b.partition)
    const subscribers = sorted.filter((member) => member.topics.includes(topic))
    if (partitions.length === 0 || subscribers.length === 0) continue
    shares.push({
      topic,
      members: subscribers,
      partitionCount: partitions.length,
      unassigned: new Map(partitions.map((partition) => [partition.partition, partition])),
      assignedCounts: new Map(),
      quota: Math.floor(partitions.length / subscribers.length),
      extras: partitions.length % subscribers.length,
      needsRacks: needsRacks(subscribers, partitions),
    })
  }
  return shares
}

const assignByRack = (shares: TopicShare[], assignment: Map<string, TopicPartition[]>): void => {
  for (const group of groupCoPartitioned(shares)) {
    const [first] = group
    if (first === undefined) continue
    if (group.length > 1) assignCoPartitioned(group, first, assignment)
    else if (first.needsRacks) assignRanges(first, assignment, racksMatch)
  }
}

const groupCoPartitioned = (shares: TopicShare[]): TopicShare[][] => {
  const groups = new Map<string, TopicShare[]>()
  for (const share of shares) {
    const members = share.members.map((member) => member.memberId)
    const key = JSON.stringify([share.partitionCount, ...members])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [share])
    else group.push(share)
  }
  return [...groups.values()]
}

/** Gives each partition number, in all topics at once, to the first member whose rack fits in all of them. */
const assignCoPartitioned = (
  shares: TopicShare[],
  { members, partitionCount }: TopicShare,
  assignment: Map<string, TopicPartition[]>,
): void => {
  const remaining = new Set(members)
  for (let number = 0; number < partitionCount; number++) {
    const fits = (member: AssignorMember): boolean =>
      shares.every((share) => {
        const partition = share.unassigned.get(number)
        return partition !== undefined && racksMatch(member, partition) && due(share, member) > 0
      })
    const member = [...remaining].find(fits)
    if (member === undefined) continue
    for (const share of shares) give(share, member, [number], assignment)
    if (shares.every((share) => due(share, member) === 0)) remaining.delete(member)
  }
}

const racksMatch = (member: AssignorMember, partition: AssignorPartition): boolean =>
  member.rackId === null || partition.racks.includes(member.rackId)

const assignRanges = (
  share: TopicShare,
  assignment: Map<string, TopicPartition[]>,
  mayAssign: (member: AssignorMember, partition: AssignorPartition) => boolean,
): void => {
  for (const member of share.members) {
    const fitting = [...share.unassigned.values()].filter((item) => mayAssign(member, item))
    const numbers = fitting.slice(0, due(share, member)).map((item) => item.partition)
    if (numbers.length > 0) give(share, member, numbers, assignment)
  }
}

const due = (share: TopicShare, { memberId }: AssignorMember): number =>
  Math.max(0, share.quota + (share.extras > 0 ? 1 : 0) - (share.assignedCounts.get(memberId) ?? 0))

const give = (
  share: TopicShare,
  { memberId }: AssignorMember,
  numbers: readonly number[],
  assignment: Map<string, TopicPartition[]>,
): void => {
  const count = (share.assignedCounts.get(memberId) ?? 0) + numbers.length
  share.assignedCounts.set(memberId, count)
  if (count > share.quota) share.extras--
  const partitions = assignment.get(memberId)
  for (const partition of numbers) {
    share.unassigned.delete(partition)
    partitions?.push({ topic: share.topic, partition })
  }
}
