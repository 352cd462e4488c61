import type { TopicPartition } from '../../topic-partition.js'

/** A group member as the leader's assignor sees it, from the member's subscription. */
export interface AssignorMember {
  readonly memberId: string
  /** Set for static members (KIP-345). */
  readonly groupInstanceId: string | null
  readonly topics: readonly string[]
  /** What the member owned when it joined; empty for eager members and first joins. */
  readonly ownedPartitions: readonly TopicPartition[]
  /** Generation in which it owned them, -1 if unknown. */
  readonly generationId: number
  /** The member's `clientRack`. */
  readonly rackId: string | null
  /** Bytes of the member's assignor of the same name, opaque to everyone else. */
  readonly userData: Uint8Array | null
}

/** A partition as the assignor sees it. */
export interface AssignorPartition {
  readonly partition: number
  /** Racks of the brokers that hold a replica, as far as brokers have racks. */
  readonly racks: readonly string[]
}

/** Partitions per topic, for every topic that some member subscribes to and that exists. */
export type AssignorTopics = ReadonlyMap<string, readonly AssignorPartition[]>

/**
 * `eager`: members give up everything before they join. `cooperative` (KIP-429): they keep what they own, go on reading, give up
 * only what the new assignment lacks, and then join once more.
 */
export type RebalanceProtocol = 'eager' | 'cooperative'

/** What a member may tell the leader's assignor about itself, beyond what every subscription says. */
export interface UserDataContext {
  /** The topics it joins with. */
  readonly topics: readonly string[]
  /** The last assignment this member received, also when it has given it up since; empty before the first. */
  readonly lastPartitions: readonly TopicPartition[]
  /** Generation of that assignment, -1 before the first. */
  readonly lastGenerationId: number
}

/**
 * Decides, on the group leader, which member reads which partition. All members of a group must know an assignor of the
 * same `name`; the group picks one that everybody listed. A pure function: the leader may be any member.
 *
 * ```ts
 * const first: Assignor = {
 *   name: 'all-to-the-first',
 *   assign: ([member], topics) => {
 *     const all = [...topics].flatMap(([topic, list]) => list.map(({ partition }) => ({ topic, partition })))
 *     return new Map(member === undefined ? [] : [[member.memberId, all]])
 *   },
 * }
 * ```
 */
export interface Assignor {
  /** Kafka's name of the strategy, such as `range`. */
  readonly name: string
  /**
   * Protocols it can work with, default `['eager']`. A consumer uses the most advanced one that all its assignors support.
   * Under `cooperative` a partition that moves is withheld from its new owner until the old one has given it up, whatever
   * `assign` says.
   */
  readonly protocols?: readonly RebalanceProtocol[]
  /** Bytes for the assignor on the leader: `AssignorMember.userData`. Without it, none are sent. */
  encodeUserData?(context: UserDataContext): Uint8Array | null
  /** The partitions of every member, by member id. A member without any may be left out. */
  assign(members: readonly AssignorMember[], topics: AssignorTopics): Map<string, TopicPartition[]>
}
