/** A request that is answered later. */
export interface Waiting {
  readonly requestId: number
  readonly version: number
}

/**
 * Where a classic group is. What can wait waits inside the state in which it can: a JoinGroup only while the group prepares
 * a rebalance, a SyncGroup only while it completes one.
 */
export type GroupState =
  /** No members; offsets may be there. */
  | { readonly kind: 'Empty' }
  /** Members are joining. */
  | {
      readonly kind: 'PreparingRebalance'
      /** The group had no members: its first rebalance waits for more of them (`group.initial.rebalance.delay.ms`). */
      readonly isInitial: boolean
      /** A member joined since the delay was last set: it may be prolonged. */
      hasNewMember: boolean
      /** JoinGroup requests by member id. */
      readonly joins: Map<string, Waiting>
    }
  /** Members know the generation and wait for the leader's assignment. */
  | {
      readonly kind: 'CompletingRebalance'
      /** SyncGroup requests by member id. */
      readonly syncs: Map<string, Waiting>
      /** Members that have not sent SyncGroup in this generation. */
      readonly unsynced: Set<string>
    }
  /** Every member can fetch its assignment. */
  | { readonly kind: 'Stable'; readonly unsynced: Set<string> }
  /** Removed. */
  | { readonly kind: 'Dead' }
