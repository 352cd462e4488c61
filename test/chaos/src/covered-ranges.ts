/** Which offsets of a partition were read, as ranges that do not touch; and how often one was read again. */
export class CoveredRanges {
  readonly #ranges: { first: number; next: number }[] = []
  repeated = 0

  /** Enters the offsets from `first` up to, but not with, `next`. */
  add(first: number, next: number): void {
    let from = first
    let to = next
    let covered = 0
    for (let index = this.#ranges.length - 1; index >= 0; index--) {
      const range = this.#ranges[index] as { first: number; next: number }
      if (range.next < from || range.first > to) continue
      covered += Math.max(0, Math.min(range.next, next) - Math.max(range.first, first))
      from = Math.min(from, range.first)
      to = Math.max(to, range.next)
      this.#ranges.splice(index, 1)
    }
    this.#ranges.push({ first: from, next: to })
    this.repeated += covered
  }

  /** Whether every offset below `end` was read. */
  coversUpTo(end: number): boolean {
    return end === 0 || this.#ranges.some((range) => range.first === 0 && range.next >= end)
  }

  toString(): string {
    return this.#ranges.map(({ first, next }) => `${first}-${next}`).join(', ')
  }
}
