import type { AssignedPartition } from '../fetch/assigned-partition.js'

/** A partition read by itself: its records go to nobody else. */
export class Claim {
  readonly partition: AssignedPartition
  /** Wakes who waits for the partition's records; undefined while nobody does. */
  wake: (() => void) | undefined
  #isLeft = false

  constructor(partition: AssignedPartition) {
    this.partition = partition
    partition.claim = this
  }

  /** Whether the partition was revoked, or its stream was left. */
  get isOver(): boolean {
    const { isRevoking, isRevoked } = this.partition
    return this.#isLeft || isRevoking || isRevoked
  }

  /** Gives the partition back. */
  leave(): void {
    this.#isLeft = true
    if (this.partition.claim === this) this.partition.claim = undefined
    this.wake?.()
  }
}
