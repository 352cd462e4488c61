import { compareText } from './member-order.js'
import type { StickyMember } from './sticky-board.js'

const compareLoads = (a: StickyMember, b: StickyMember): number =>
  a.partitions.size - b.partitions.size || compareText(a.memberId, b.memberId)

/** Members by number of partitions, then by id, kept in order while partitions move. */
export class LoadOrder {
  readonly #members: StickyMember[]

  constructor(members: readonly StickyMember[]) {
    this.#members = [...members].sort(compareLoads)
  }

  /** The member with the least that fits. */
  least(fits: (member: StickyMember) => boolean): StickyMember | undefined {
    return this.#members.find(fits)
  }

  /** Lets `change` give or take a partition and puts the member in its new place. */
  change(member: StickyMember, change: () => void): void {
    this.#members.splice(this.#place(member), 1)
    change()
    this.#members.splice(this.#place(member), 0, member)
  }

  /** Sum of the differences of all pairs: 0 is perfectly even. */
  score(): number {
    let [score, sum] = [0, 0]
    for (const [index, { partitions }] of this.#members.entries()) {
      score += index * partitions.size - sum
      sum += partitions.size
    }
    return score
  }

  #place(member: StickyMember): number {
    let [low, high] = [0, this.#members.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (compareLoads(this.#members[middle] as StickyMember, member) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
