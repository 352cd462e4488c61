import { ErrorCode } from '@ottla/protocol'
import type { Asked, Harness } from './harness.js'
import { beat, join, leave, sync, text } from './requests.js'

/** What a member of the simulation is doing. */
type Phase =
  | { readonly kind: 'away' }
  | { readonly kind: 'joining'; readonly asked: Asked<'joinGroup'> }
  | { readonly kind: 'syncing'; readonly asked: Asked<'syncGroup'> }
  | { readonly kind: 'owning'; readonly partitions: readonly string[] }

/** What all members of a simulation know together: what each generation's leader has decided. */
export interface Decisions {
  readonly partitions: readonly string[]
  /** Member id to partitions, by generation. */
  readonly byGeneration: Map<
    number,
    { readonly leader: string; readonly plan: Map<string, string> }
  >
}

/** A client of one group that behaves as the Java consumer does, one step at a time, and checks every answer it gets. */
export class SimulatedMember {
  phase: Phase = { kind: 'away' }
  memberId = ''
  generationId = -1
  private readonly name: string
  private readonly harness: Harness
  private readonly decisions: Decisions
  private readonly instanceId: string | null

  constructor(name: string, isStatic: boolean, harness: Harness, decisions: Decisions) {
    this.name = name
    this.instanceId = isStatic ? name : null
    this.harness = harness
    this.decisions = decisions
  }

  /** Does the next thing this client would do. Returns what is wrong with an answer, if anything is. */
  step(): void {
    if (this.phase.kind === 'away') this.join()
    else if (this.phase.kind === 'joining') this.joined(this.phase.asked)
    else if (this.phase.kind === 'syncing') this.synced(this.phase.asked)
    else this.heartbeat()
  }

  /** The process dies: nothing is said to the group. A static member comes back as the same instance. */
  crash(): void {
    this.phase = { kind: 'away' }
    this.memberId = ''
  }

  leave(): void {
    if (this.memberId !== '') {
      const identity = { memberId: this.memberId }
      const instance = this.instanceId === null ? {} : { groupInstanceId: this.instanceId }
      this.harness.ask('leaveGroup', leave({ ...identity, ...instance }))
    }
    this.crash()
  }

  /** The connection to the coordinator breaks: answers on their way are lost. */
  disconnect(newestGeneration: number): void {
    if (this.phase.kind === 'joining' || this.phase.kind === 'syncing')
      this.phase = { kind: 'away' }
    this.generationId = Math.min(this.generationId, newestGeneration)
  }

  private join(): void {
    const { memberId, instanceId: groupInstanceId } = this
    const asked = this.harness.ask(
      'joinGroup',
      join({ memberId, groupInstanceId, sessionTimeoutMs: 1000, rebalanceTimeoutMs: 3000 }),
      { clientId: this.name },
    )
    this.phase = { kind: 'joining', asked }
  }

  private joined({ response }: Asked<'joinGroup'>): void {
    if (response === undefined) return
    this.phase = { kind: 'away' }
    const { errorCode, memberId, generationId, leader, members } = response
    if (errorCode === ErrorCode.MEMBER_ID_REQUIRED) this.memberId = memberId ?? ''
    else if (errorCode !== ErrorCode.NONE) this.failed(errorCode ?? -1)
    else {
      this.memberId = memberId ?? ''
      this.enter(generationId ?? -1)
      const isLeader = leader === memberId && response.skipAssignment !== true
      const plan = isLeader
        ? this.decide((members ?? []).map((member) => member.memberId ?? ''))
        : {}
      const { groupInstanceId } = { groupInstanceId: this.instanceId }
      const request = sync(this.memberId, this.generationId, plan, { groupInstanceId })
      this.phase = { kind: 'syncing', asked: this.harness.ask('syncGroup', request) }
    }
  }

  /** Deals the partitions out, and remembers it: nobody else may decide for this generation. */
  private decide(memberIds: readonly string[]): Record<string, string> {
    const { byGeneration, partitions } = this.decisions
    const earlier = byGeneration.get(this.generationId)
    if (earlier !== undefined && earlier.leader !== this.memberId) {
      throw new Error(
        `generation ${this.generationId} has two leaders: ${earlier.leader}, ${this.memberId}`,
      )
    }
    const plan = new Map(memberIds.map((memberId) => [memberId, '']))
    for (const [index, partition] of partitions.entries()) {
      const owner = memberIds[(index + this.generationId) % memberIds.length] ?? ''
      plan.set(owner, `${plan.get(owner)} ${partition}`.trim())
    }
    if (earlier === undefined) byGeneration.set(this.generationId, { leader: this.memberId, plan })
    return Object.fromEntries(plan)
  }

  private synced({ response }: Asked<'syncGroup'>): void {
    if (response === undefined) return
    if (response.errorCode !== ErrorCode.NONE) {
      this.failed(response.errorCode ?? -1)
      return
    }
    const given = text(response.assignment)
    const planned = this.decisions.byGeneration.get(this.generationId)?.plan
    const expected = planned?.get(this.memberId)
    // A static member that came back has the assignment under the id it had before.
    if (this.instanceId === null && given !== expected) {
      throw new Error(
        `${this.memberId} got "${given}" in generation ${this.generationId}, planned "${expected}"`,
      )
    }
    this.phase = { kind: 'owning', partitions: given === '' ? [] : given.split(' ') }
  }

  private heartbeat(): void {
    const request = beat(this.memberId, this.generationId, this.instanceId)
    const errorCode = this.harness.ask('heartbeat', request).response?.errorCode ?? -1
    if (errorCode === ErrorCode.REBALANCE_IN_PROGRESS) this.join()
    else if (errorCode !== ErrorCode.NONE) this.failed(errorCode)
  }

  private failed(errorCode: number): void {
    this.phase = { kind: 'away' }
    if (errorCode === ErrorCode.UNKNOWN_MEMBER_ID || errorCode === ErrorCode.FENCED_INSTANCE_ID) {
      this.memberId = ''
    }
  }

  private enter(generationId: number): void {
    if (generationId < this.generationId) {
      throw new Error(`${this.name} went from generation ${this.generationId} to ${generationId}`)
    }
    this.generationId = generationId
  }
}
