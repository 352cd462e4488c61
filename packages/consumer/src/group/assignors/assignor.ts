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
 * Decides, on the group leader, which member reads which partition. All members of a group must know an assignor of the
 * same `name`; the group picks one that everybody listed.
 */
export interface Assignor {
  /** Kafka's name of the strategy, such as `range`. */
  readonly name: string
  /** `eager`: members give up everything before they join; `cooperative`: they keep what the new assignment leaves them. */
  readonly rebalanceProtocol: 'eager' | 'cooperative'
  /** The partitions of every member, by member id. A member without any may be left out. */
  assign(members: readonly AssignorMember[], topics: AssignorTopics): Map<string, TopicPartition[]>
}
