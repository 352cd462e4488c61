import { LoadOrder } from './load-order.js'
import { compareText } from './member-order.js'
import {
  rackFits,
  type StickyBoard,
  type StickyMember,
  type StickyPartition,
  type StickyTopic,
} from './sticky-board.js'

/** The state of `balanceLoads`. */
interface Balancing {
  /** Members that can give or take, by load. */
  readonly order: LoadOrder
  /** Who gave a partition away in this round, by topic: a later move back between the same two members takes the same one. */
  readonly moved: Map<string, Map<StickyPartition, StickyMember>>
}

/**
 * Sticky assignment among members with different topics: everyone keeps what it may keep, each free partition goes to the member
 * with the least, and then partitions move one by one, always to a member that will still have less than the giver had. If in
 * the end that has not made the loads more even, all moves are taken back.
 */
export const balanceLoads = (board: StickyBoard): void => {
  const scarce = (a: StickyTopic, b: StickyTopic): number =>
    a.subscribers.length - b.subscribers.length || compareText(a.name, b.name)
  const topics = board.topics.filter(({ subscribers }) => subscribers.length > 0).sort(scarce)
  const mustRevoke = dropUnfit(board)
  const all = topics.flatMap(({ partitions }) => partitions)
  const free = all.filter(({ owner }) => owner === undefined)
  const isFirst = board.members.every(({ partitions }) => partitions.size === 0)
  const giving = new LoadOrder(board.members)
  if (board.isRackAware) giveToLeast(board, giving, free, true)
  giveToLeast(board, giving, free, false)

  const contested = new Set(
    topics.filter(({ subscribers }) => subscribers.length > 1).map(({ name }) => name),
  )
  const order = new LoadOrder(board.members.filter((member) => canMove(topics, contested, member)))
  const balancing: Balancing = { order, moved: new Map() }
  const movable = all.filter(({ topic }) => contested.has(topic))
  const before = new Map(movable.map((partition) => [partition, partition.owner]))
  const scoreBefore = order.score()
  const isNew = new Set(free)
  // What nobody had moves first: moving it costs nothing.
  const newOnes = movable.filter((partition) => isNew.has(partition))
  if (!mustRevoke) moveAll(balancing, newOnes)
  const performed = moveAll(balancing, movable)
  if (isFirst || !performed || order.score() < scoreBefore) return
  for (const [partition, owner] of before) {
    if (owner !== undefined) transfer(order, partition, owner)
  }
}

/** Whether the member could get more, or has something that others could get. */
const canMove = (
  topics: readonly StickyTopic[],
  contested: ReadonlySet<string>,
  member: StickyMember,
): boolean => {
  const mine = topics.filter(({ name }) => member.topics.has(name))
  const most = mine.reduce((sum, { partitions }) => sum + partitions.length, 0)
  if (member.partitions.size < most) return true
  return [...member.partitions].some(({ topic }) => contested.has(topic))
}

/** Takes away what a member no longer subscribes to or its rack speaks against; returns whether there was any. */
const dropUnfit = (board: StickyBoard): boolean => {
  let isAny = false
  for (const member of board.members) {
    for (const partition of member.partitions) {
      if (member.topics.has(partition.topic) && rackFits(board, member, partition)) continue
      member.partitions.delete(partition)
      partition.owner = undefined
      isAny = true
    }
  }
  return isAny
}

const giveToLeast = (
  board: StickyBoard,
  order: LoadOrder,
  free: readonly StickyPartition[],
  onlyNear: boolean,
): void => {
  for (const partition of free) {
    if (partition.owner !== undefined) continue
    const member = order.least(
      (one) => one.topics.has(partition.topic) && (!onlyNear || rackFits(board, one, partition)),
    )
    if (member !== undefined) transfer(order, partition, member)
  }
}

/** Goes over the partitions until none can be moved to a better place; returns whether any was. */
const moveAll = (balancing: Balancing, partitions: readonly StickyPartition[]): boolean => {
  let performed = false
  for (;;) {
    let modified = false
    for (const partition of partitions) if (moveOne(balancing, partition)) modified = true
    if (!modified) return performed
    performed = true
  }
}

const moveOne = (balancing: Balancing, partition: StickyPartition): boolean => {
  const { owner, formerOwner } = partition
  if (owner === undefined) return false
  const isBetter = (member: StickyMember): boolean =>
    owner.partitions.size > member.partitions.size + 1 && member.topics.has(partition.topic)
  if (formerOwner !== undefined && isBetter(formerOwner)) {
    move(balancing, partition, formerOwner)
    return true
  }
  const least = balancing.order.least((member) => member.topics.has(partition.topic))
  if (least === undefined || !isBetter(least)) return false
  move(balancing, partition, least)
  return true
}

/** Moves a partition, or in its place one of the same topic that came the other way: that one just goes back. */
const move = (balancing: Balancing, partition: StickyPartition, receiver: StickyMember): void => {
  const { topic, owner } = partition
  const moved = balancing.moved.get(topic) ?? new Map<StickyPartition, StickyMember>()
  balancing.moved.set(topic, moved)
  const giver = moved.get(partition) ?? owner
  const returning = [...moved].find(
    ([other, from]) =>
      from === receiver &&
      other.owner === giver &&
      other.owner !== undefined &&
      other.owner.partitions.size > receiver.partitions.size + 1,
  )
  const chosen = returning?.[0] ?? partition
  const origin = moved.get(chosen) ?? chosen.owner
  if (origin === receiver) moved.delete(chosen)
  else if (origin !== undefined) moved.set(chosen, origin)
  transfer(balancing.order, chosen, receiver)
}

const transfer = (order: LoadOrder, partition: StickyPartition, receiver: StickyMember): void => {
  const { owner } = partition
  if (owner === receiver) return
  if (owner !== undefined) order.change(owner, () => owner.partitions.delete(partition))
  order.change(receiver, () => receiver.partitions.add(partition))
  partition.owner = receiver
}
