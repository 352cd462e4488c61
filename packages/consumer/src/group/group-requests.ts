import { Heartbeat, type InferInput, JoinGroup, LeaveGroup, SyncGroup } from '@ottla/protocol'
import type { UserDataContext } from './assignors/assignor.js'
import { consumerProtocolType, decodeAssignment, encodeSubscription } from './consumer-protocol.js'
import type { GroupSessionSetup } from './group-session-setup.js'
import type { GroupEffect, GroupEvent, MemberIdentity } from './machine-types.js'

/** Beyond the rebalance timeout a coordinator gets this long to answer JoinGroup. */
const joinGraceMs = 5000
/** Longest reason that coordinators take (KIP-800). */
const maxReasonLength = 255

type Sent<Type extends GroupEffect['type']> = GroupEffect & { readonly type: Type }

/** The requests of a group member to its coordinator; answers come back as events of the group machine. */
export class GroupRequests {
  readonly #setup: GroupSessionSetup

  constructor(setup: GroupSessionSetup) {
    this.#setup = setup
  }

  /** JoinGroup, with what we want and what we own. */
  async join(effect: Sent<'sendJoin'>): Promise<GroupEvent & { type: 'joined' }> {
    const { cluster, options, groupId, events, lane, signal } = this.#setup
    const { requestId, memberId, reason } = effect
    const [topics, node] = await Promise.all([events.topics(), this.#coordinator()])
    const { response } = await cluster.request(
      JoinGroup,
      {
        groupId,
        sessionTimeoutMs: options.sessionTimeoutMs,
        rebalanceTimeoutMs: options.maxPollIntervalMs,
        memberId,
        groupInstanceId: this.#instanceId,
        protocolType: consumerProtocolType,
        protocols: this.#protocols(topics, effect),
        reason: reason.slice(0, maxReasonLength),
      },
      {
        node,
        lane,
        minVersion: this.#lowestVersion(5),
        timeoutMs: Math.max(options.maxPollIntervalMs + joinGraceMs, options.requestTimeoutMs),
        signal,
      },
    )
    const { errorCode, generationId, leader, skipAssignment, members } = response
    return {
      type: 'joined',
      requestId,
      errorCode,
      memberId: response.memberId,
      generationId,
      leader,
      protocolName: response.protocolName ?? '',
      skipAssignment,
      members,
    }
  }

  /** SyncGroup, with everybody's assignment if we lead. */
  async sync(effect: Sent<'sendSync'>): Promise<GroupEvent> {
    const { cluster, options, groupId, lane, signal } = this.#setup
    const { requestId, identity, protocolName, assignments } = effect
    const { response } = await cluster.request(
      SyncGroup,
      {
        groupId,
        ...identity,
        groupInstanceId: this.#instanceId,
        protocolType: consumerProtocolType,
        protocolName,
        assignments: [...assignments].map(([memberId, assignment]) => ({ memberId, assignment })),
      },
      {
        node: await this.#coordinator(),
        lane,
        minVersion: this.#lowestVersion(3),
        timeoutMs: Math.max(options.maxPollIntervalMs + joinGraceMs, options.requestTimeoutMs),
        signal,
      },
    )
    const { errorCode } = response
    const partitions = errorCode === 0 ? decodeAssignment(response.assignment) : []
    return { type: 'synced', requestId, errorCode, partitions }
  }

  /** Heartbeat. */
  async beat(requestId: number, identity: MemberIdentity): Promise<GroupEvent> {
    const { cluster, options, groupId, lane, signal } = this.#setup
    const { response } = await cluster.request(
      Heartbeat,
      { groupId, ...identity, groupInstanceId: this.#instanceId },
      // An answer later than the session timeout would say nothing: better look for the coordinator again.
      {
        node: await this.#coordinator(),
        lane,
        minVersion: this.#lowestVersion(3),
        timeoutMs: Math.min(options.requestTimeoutMs, options.sessionTimeoutMs),
        signal,
      },
    )
    return { type: 'heartbeatAnswered', requestId, errorCode: response.errorCode }
  }

  /** LeaveGroup. */
  async leave({ requestId, memberId, reason }: Sent<'sendLeave'>): Promise<GroupEvent> {
    const { cluster, options, groupId, signal } = this.#setup
    // Not on the group's own lane: a JoinGroup that waits there for others would hold it up.
    await cluster.request(
      LeaveGroup,
      (version) =>
        version >= 3
          ? { groupId, memberId: '', members: [{ memberId, groupInstanceId: null, reason }] }
          : { groupId, memberId, members: [] },
      { node: await this.#coordinator(), timeoutMs: options.requestTimeoutMs, signal },
    )
    return { type: 'leftGroup', requestId }
  }

  get #instanceId(): string | null {
    return this.#setup.options.groupInstanceId ?? null
  }

  /** Static members need the version that brought them; without it the broker is too old, and the error says so. */
  #lowestVersion(withInstanceId: number): number {
    return this.#instanceId === null ? 0 : withInstanceId
  }

  #coordinator(): Promise<number> {
    const { cluster, groupId, signal, options } = this.#setup
    return cluster.coordinator('group', groupId, { signal, timeoutMs: options.requestTimeoutMs })
  }

  #protocols(
    topics: readonly string[],
    { owned, lastAssignment }: Sent<'sendJoin'>,
  ): InferInput<typeof JoinGroup.request>['protocols'] {
    const { options } = this.#setup
    const { partitions: lastPartitions, generationId: lastGenerationId } = lastAssignment
    const context: UserDataContext = { topics, lastPartitions, lastGenerationId }
    return options.partitionAssignors.map((assignor) => ({
      name: assignor.name,
      metadata: encodeSubscription({
        topics,
        ownedPartitions: owned,
        // Of the assignment that gave us what we own: a later generation whose assignment never came says nothing about it.
        generationId: owned.length > 0 ? lastGenerationId : -1,
        rackId: options.clientRack ?? null,
        userData: assignor.encodeUserData?.(context) ?? null,
      }),
    }))
  }
}
