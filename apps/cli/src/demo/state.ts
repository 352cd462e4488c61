/** One member of the group, as the view shows it. */
export interface MemberState {
  name: string
  phase: 'joining' | 'member' | 'left'
  partitions: number[]
  records: number
}

/** Everything the view shows; counts are totals, the view makes rates of them. */
export interface DemoState {
  address: string
  rows: number
  produced: { records: number; bytes: number; done: boolean }
  consumed: { records: number; bytes: number }
  members: MemberState[]
  /** How often partitions were handed out: the group's generation. */
  rebalances: number
  startedMs: number
}
