import { PartitionMap, type TopicPartition } from '../../topic-partition.js'
import type { AssignorMember, AssignorPartition, AssignorTopics } from './assignor.js'
import { compareText } from './member-order.js'
import { needsRacks } from './racks.js'

/** What a member says it owns, and since which generation (-1: unknown). */
export interface StickyClaim {
  readonly partitions: readonly TopicPartition[]
  readonly generationId: number
}

/** A member while partitions are dealt out. */
export interface StickyMember {
  readonly memberId: string
  readonly rackId: string | null
  readonly topics: ReadonlySet<string>
  /** What it has so far: at first what it owned before. */
  readonly partitions: Set<StickyPartition>
}

/** A partition while it is dealt out. */
export interface StickyPartition {
  readonly topic: string
  readonly partition: number
  readonly racks: readonly string[]
  owner: StickyMember | undefined
  /** Who owned it in an older generation: where it goes back to if that helps the balance. */
  formerOwner: StickyMember | undefined
}

/** A topic with the members that may read it. */
export interface StickyTopic {
  readonly name: string
  readonly partitions: readonly StickyPartition[]
  readonly subscribers: readonly StickyMember[]
}

/** All that a sticky assignment moves about. */
export interface StickyBoard {
  /** By member id. */
  readonly members: readonly StickyMember[]
  /** By name. */
  readonly topics: readonly StickyTopic[]
  /** Whether racks are to be looked at. */
  readonly isRackAware: boolean
}

/** Sets up members and partitions, with each partition at the member that owned it last. */
export const createBoard = (
  members: readonly AssignorMember[],
  topics: AssignorTopics,
  readClaim: (member: AssignorMember) => StickyClaim,
): StickyBoard => {
  const sorted = [...members].sort((a, b) => compareText(a.memberId, b.memberId))
  const seats = sorted.map((member) => ({ ...createMember(member), claim: readClaim(member) }))
  const all = new PartitionMap<StickyPartition>()
  const placed = [...topics.keys()].sort().map((name): StickyTopic => {
    const partitions = [...(topics.get(name) ?? [])]
      .sort((a, b) => a.partition - b.partition)
      .map((partition) => createPartition(name, partition))
    for (const partition of partitions) all.set(name, partition.partition, partition)
    return { name, partitions, subscribers: seats.filter((seat) => seat.topics.has(name)) }
  })
  settleClaims(seats, all)
  const isRackAware = needsRacks(members, [...topics.values()].flat())
  return { members: seats, topics: placed, isRackAware }
}

/** Whether the member's rack does not speak against it. */
export const rackFits = (
  { isRackAware }: StickyBoard,
  { rackId }: StickyMember,
  { racks }: StickyPartition,
): boolean => !isRackAware || rackId === null || racks.includes(rackId)

const createMember = ({ memberId, rackId, topics }: AssignorMember): StickyMember => ({
  memberId,
  rackId,
  topics: new Set(topics),
  partitions: new Set(),
})

const createPartition = (topic: string, { partition, racks }: AssignorPartition) => ({
  topic,
  partition,
  racks,
  owner: undefined,
  formerOwner: undefined,
})

/** The newest claim of a partition counts; if two are equally new, none does, because one of the two is wrong. */
const settleClaims = (
  seats: readonly (StickyMember & { readonly claim: StickyClaim })[],
  all: PartitionMap<StickyPartition>,
): void => {
  const newest = Math.max(-1, ...seats.map(({ claim }) => claim.generationId))
  const claimed = new Map<StickyPartition, number>()
  const formerly = new Map<StickyPartition, number>()
  for (const seat of seats) {
    const { partitions, generationId } = seat.claim
    const mine = new Set(partitions.map(({ topic, partition }) => all.get(topic, partition)))
    for (const partition of mine) {
      if (partition === undefined) continue
      const best = claimed.get(partition)
      if (best === undefined || generationId >= best) {
        partition.owner = generationId === best ? undefined : seat
        claimed.set(partition, generationId)
      }
      if (generationId < newest && generationId > (formerly.get(partition) ?? -2)) {
        partition.formerOwner = seat
        formerly.set(partition, generationId)
      }
    }
  }
  for (const partition of claimed.keys()) partition.owner?.partitions.add(partition)
}
