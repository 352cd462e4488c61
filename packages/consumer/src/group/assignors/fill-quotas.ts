import { compareText } from './member-order.js'
import {
  rackFits,
  type StickyBoard,
  type StickyMember,
  type StickyPartition,
} from './sticky-board.js'

/** The state of `fillQuotas`. */
interface Filling {
  readonly board: StickyBoard
  readonly quota: number
  /** How many members may still get one partition more than the quota. */
  extras: number
  /** Members below the quota, by id. */
  readonly below: StickyMember[]
  /** Members at the quota that may get one more, first come first served. */
  readonly atQuota: StickyMember[]
}

/**
 * Sticky assignment among members with the same topics: everyone keeps what it has up to its quota, then what is left goes
 * round among those below it, at first (with racks) only where a replica is near.
 */
export const fillQuotas = (board: StickyBoard): void => {
  const { members } = board
  if (members.length === 0) return
  const wanted = board.topics.filter(({ subscribers }) => subscribers.length > 0)
  const all = wanted.flatMap(({ partitions }) => partitions)
  const filling: Filling = {
    board,
    quota: Math.floor(all.length / members.length),
    extras: all.length % members.length,
    below: [],
    atQuota: [],
  }
  keepOwned(filling)
  const left = all.filter(({ owner }) => owner === undefined)
  if (board.isRackAware) {
    const near = new Map(left.map((partition) => [partition, countNear(members, partition)]))
    left.sort((a, b) => (near.get(a) ?? 0) - (near.get(b) ?? 0))
  }
  const rest = board.isRackAware ? giveNear(filling, left) : left
  giveAround(filling, rest)
}

const keepOwned = (filling: Filling): void => {
  const { board, quota, below, atQuota } = filling
  for (const member of board.members) {
    const owned = [...member.partitions]
      .filter((partition) => member.topics.has(partition.topic))
      .filter((partition) => rackFits(board, member, partition))
      .sort((a, b) => a.partition - b.partition || compareText(a.topic, b.topic))
    const isOver = owned.length > quota && filling.extras > 0
    if (isOver) filling.extras--
    const kept = new Set(owned.slice(0, isOver ? quota + 1 : quota))
    for (const partition of member.partitions) {
      if (!kept.has(partition)) partition.owner = undefined
    }
    member.partitions.clear()
    for (const partition of kept) member.partitions.add(partition)
    if (kept.size < quota) below.push(member)
    else if (!isOver) atQuota.push(member)
  }
}

const countNear = (members: readonly StickyMember[], { racks }: StickyPartition): number =>
  members.filter(({ rackId }) => rackId !== null && racks.includes(rackId)).length

/** Gives partitions to members in a rack that holds a replica, in turn; returns those that find none. */
const giveNear = (filling: Filling, left: readonly StickyPartition[]): StickyPartition[] => {
  const { quota, below, atQuota } = filling
  let turn = 0
  return left.filter((partition) => {
    const at = findNear(below, partition, turn)
    const member = below[at]
    if (member !== undefined) {
      give(member, partition)
      turn = at + 1
      if (member.partitions.size >= quota) {
        below.splice(at, 1)
        atQuota.push(member)
        turn = at
      }
      turn = below.length === 0 ? 0 : turn % below.length
      return false
    }
    const extraAt = filling.extras > 0 ? findNear(atQuota, partition, 0) : -1
    const taker = atQuota[extraAt]
    if (taker === undefined) return true
    give(taker, partition)
    atQuota.splice(extraAt, 1)
    filling.extras--
    return false
  })
}

const findNear = (
  members: readonly StickyMember[],
  { racks }: StickyPartition,
  from: number,
): number => {
  for (let step = 0; step < members.length; step++) {
    const at = (from + step) % members.length
    const rackId = members[at]?.rackId ?? null
    if (rackId !== null && racks.includes(rackId)) return at
  }
  return -1
}

const giveAround = ({ quota, below, atQuota }: Filling, left: readonly StickyPartition[]): void => {
  let turn = 0
  for (const partition of left) {
    if (turn >= below.length) turn = 0
    const member = below[turn]
    if (member === undefined) {
      const taker = atQuota.shift()
      if (taker !== undefined) give(taker, partition)
      continue
    }
    give(member, partition)
    if (member.partitions.size < quota) {
      turn++
    } else {
      below.splice(turn, 1)
      atQuota.push(member)
    }
  }
}

const give = (member: StickyMember, partition: StickyPartition): void => {
  member.partitions.add(partition)
  partition.owner = member
}
