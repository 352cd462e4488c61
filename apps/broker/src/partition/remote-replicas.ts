/** How far a follower has come. */
interface FollowerState {
  readonly logEndOffset: number
  readonly lastFetchMs: number
}

/** The followers of one partition, as its leader sees them through their fetches. */
export class RemoteReplicas {
  /** Made for the first fetch of a follower: thousands of partitions have none. */
  #followers: Map<number, FollowerState> | undefined

  /** A follower that fetches from an offset has everything below it. */
  update(replicaId: number, fetchOffset: number, nowMs: number): void {
    this.#followers ??= new Map()
    this.#followers.set(replicaId, { logEndOffset: fetchOffset, lastFetchMs: nowMs })
  }

  /** A new leader epoch: what followers said to the old leader does not count. */
  clear(): void {
    this.#followers = undefined
  }

  /** The lowest log end offset of the in-sync replicas; one that never fetched counts as 0. */
  lowestEnd(isr: readonly number[], nodeId: number, ownEndOffset: number): number {
    let low = ownEndOffset
    for (const id of isr) {
      if (id === nodeId) continue
      low = Math.min(low, this.#followers?.get(id)?.logEndOffset ?? 0)
    }
    return low
  }
}
