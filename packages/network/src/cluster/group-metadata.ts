/**
 * Who a consumer is in its group: what a transaction sends along with the offsets it commits, so that the coordinator can refuse
 * those of a member that the group went on without (KIP-447). Consumers give it, producers take it; neither knows the other.
 */
export interface GroupMetadata {
  readonly groupId: string
  readonly generationId: number
  readonly memberId: string
  readonly groupInstanceId: string | null
}
