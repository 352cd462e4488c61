import { ConsumerProtocolSubscription, KafkaError, Reader } from '@ottla/protocol'
import type { GroupState } from './group-state.js'
import { type Member, type MemberProtocol, metadataOf } from './member.js'
import { OffsetStore } from './offset-store.js'

/** A classic group: its members, its generation and its committed offsets. Rules live in the files named after the requests. */
export class Group {
  readonly groupId: string
  readonly offsets = new OffsetStore()
  readonly members = new Map<string, Member>()
  /** Member ids of static members by their instance id. */
  readonly staticMembers = new Map<string, string>()
  /** Member ids that were handed out and have not joined yet (KIP-394). */
  readonly pendingMembers = new Set<string>()
  state: GroupState = { kind: 'Empty' }
  /** When the group came into its state; -1 if it is not known (old records). */
  stateSinceMs: number
  generationId = 0
  /** Of the members, such as `consumer`; stays when they leave. */
  protocolType: string | null = null
  protocolName: string | null = null
  leaderId: string | null = null
  /** Offset commits that are on their way into the log: the group must not be removed meanwhile. */
  commitsInFlight = 0

  constructor(groupId: string, nowMs: number) {
    this.groupId = groupId
    this.stateSinceMs = nowMs
  }

  /** The longest of the members' rebalance timeouts. */
  get rebalanceTimeoutMs(): number {
    let longest = 0
    for (const member of this.members.values()) {
      longest = Math.max(longest, member.rebalanceTimeoutMs)
    }
    return longest
  }

  /** True if there is nothing to remember: nobody ever joined it or committed to it. */
  get isUnused(): boolean {
    return (
      this.state.kind === 'Empty' &&
      this.generationId === 0 &&
      this.pendingMembers.size === 0 &&
      this.offsets.isEmpty &&
      this.commitsInFlight === 0
    )
  }

  add(member: Member): void {
    if (this.members.size === 0) this.protocolType = member.protocolType
    this.leaderId ??= member.memberId
    this.members.set(member.memberId, member)
    this.pendingMembers.delete(member.memberId)
    if (member.groupInstanceId !== null) {
      this.staticMembers.set(member.groupInstanceId, member.memberId)
    }
  }

  /** Takes a member out; another one becomes leader if it led. Requests that wait in the state are the caller's care. */
  remove(memberId: string): void {
    const instanceId = this.members.get(memberId)?.groupInstanceId
    this.members.delete(memberId)
    this.pendingMembers.delete(memberId)
    if (instanceId != null && this.staticMembers.get(instanceId) === memberId) {
      this.staticMembers.delete(instanceId)
    }
    if (this.leaderId === memberId) {
      const [next] = this.members.keys()
      this.leaderId = next ?? null
    }
    const { state } = this
    if (state.kind === 'CompletingRebalance' || state.kind === 'Stable')
      state.unsynced.delete(memberId)
  }

  /** Gives a static member a new member id: all else stays, its place as leader too. */
  replaceStatic(oldId: string, newId: string, fields: Partial<Member>): Member | undefined {
    const old = this.members.get(oldId)
    if (old === undefined) return undefined
    const wasLeader = this.leaderId === oldId
    const replaced: Member = { ...old, ...fields, memberId: newId }
    this.remove(oldId)
    this.add(replaced)
    if (wasLeader) this.leaderId = newId
    return replaced
  }

  /** True if a member of this type with these protocols can be in the group with the present members. */
  supports(protocolType: string, protocols: readonly MemberProtocol[]): boolean {
    if (this.state.kind === 'Empty' || this.members.size === 0) {
      return protocolType !== '' && protocols.length > 0
    }
    const common = this.commonProtocols()
    return protocolType === this.protocolType && protocols.some(({ name }) => common.has(name))
  }

  /** The protocol most members prefer among those that all know; of equals the one voted for first. */
  selectProtocol(): string | null {
    const common = this.commonProtocols()
    const votes = new Map<string, number>()
    for (const member of this.members.values()) {
      const choice = member.protocols.find(({ name }) => common.has(name))?.name
      if (choice !== undefined) votes.set(choice, (votes.get(choice) ?? 0) + 1)
    }
    let selected: string | null = null
    let most = 0
    for (const [name, count] of votes) {
      if (count > most) [selected, most] = [name, count]
    }
    return selected
  }

  /** Members as the leader of a generation gets them. */
  memberList(): { memberId: string; groupInstanceId: string | null; metadata: Uint8Array }[] {
    return [...this.members.values()].map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      metadata: metadataOf(member, this.protocolName),
    }))
  }

  /** Topics the members of a consumer group subscribe to; undefined if the group is no such or its metadata cannot be read. */
  subscribedTopics(): ReadonlySet<string> | undefined {
    if (this.protocolType !== 'consumer' || this.protocolName === null) return undefined
    const topics = new Set<string>()
    try {
      for (const member of this.members.values()) {
        const metadata = metadataOf(member, this.protocolName)
        const version = Math.min(
          new Reader(metadata).int16(),
          ConsumerProtocolSubscription.versions.max,
        )
        const reader = new Reader(metadata.subarray(2))
        const subscription = ConsumerProtocolSubscription.at(version).read(reader)
        for (const topic of subscription.topics) topics.add(topic)
      }
    } catch (error) {
      if (error instanceof KafkaError) return undefined
      throw error
    }
    return topics
  }

  private commonProtocols(): ReadonlySet<string> {
    let common: Set<string> | undefined
    for (const { protocols } of this.members.values()) {
      const names = new Set(protocols.map(({ name }) => name))
      common = common === undefined ? names : new Set([...common].filter((name) => names.has(name)))
    }
    return common ?? new Set()
  }
}
