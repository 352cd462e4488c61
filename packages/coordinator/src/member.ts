/** A protocol a member can do, such as an assignor, with the member's metadata for it. */
export interface MemberProtocol {
  readonly name: string
  readonly metadata: Uint8Array
}

/** A member of a classic group. */
export interface Member {
  readonly memberId: string
  /** Set for static members (KIP-345). */
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  rebalanceTimeoutMs: number
  sessionTimeoutMs: number
  readonly protocolType: string
  /** In the member's order of preference. */
  protocols: readonly MemberProtocol[]
  /** What the leader gave it in this generation; empty before. */
  assignment: Uint8Array
  /** It has not got its first JoinGroup response yet: it cannot send heartbeats. */
  isNew: boolean
}

/** No bytes: an assignment not given yet. */
export const noBytes: Uint8Array = new Uint8Array(0)

/** The member's metadata for a protocol; empty if it does not know it. */
export const metadataOf = (member: Member, protocolName: string | null): Uint8Array =>
  member.protocols.find(({ name }) => name === protocolName)?.metadata ?? noBytes

/** True if the member offers exactly these protocols with the same metadata in the same order. */
export function hasProtocols(member: Member, protocols: readonly MemberProtocol[]): boolean {
  return (
    member.protocols.length === protocols.length &&
    member.protocols.every(({ name, metadata }, index) => {
      const other = protocols[index]
      return other !== undefined && name === other.name && isEqual(metadata, other.metadata)
    })
  )
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index])
}
