import type { Clock, Cluster, Timer } from '@ottla/network'
import {
  Heartbeat,
  InvalidArgumentError,
  JoinGroup,
  KafkaError,
  LeaveGroup,
  SyncGroup,
} from '@ottla/protocol'
import type { ResolvedConsumerOptions } from '../options.js'
import type { TopicPartition } from '../topic-partition.js'
import type { AssignorMember } from './assignors/assignor.js'
import {
  consumerProtocolType,
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from './consumer-protocol.js'
import { createGroupMachine, nextTickMs, stepGroup } from './machine.js'
import type {
  GroupEffect,
  GroupEvent,
  GroupMachine,
  GroupMachineConfig,
  JoinedMember,
  MemberIdentity,
} from './machine-types.js'
import { layoutTopics } from './topic-layout.js'

/** What the session asks of the consumer. */
export interface GroupSessionEvents {
  /** Topics to join with; waits until their names are known. */
  readonly topics: () => Promise<readonly string[]>
  /** Partitions came. */
  readonly onAssigned: (partitions: readonly TopicPartition[]) => Promise<void>
  /** Partitions go, all if none are named; resolves when they are given up. */
  readonly onRelease: (
    lost: boolean,
    reason: string,
    partitions?: readonly TopicPartition[],
  ) => Promise<void>
  /** The member is out of the group until it joins again: it was paused, or has left. */
  readonly onPutAside: () => void
  /** The membership has ended for good. */
  readonly onFailed: (error: KafkaError) => void
  /** Another attempt follows, but whoever watches may want to know. */
  readonly onRetry: (error: KafkaError) => void
}

/** What a `GroupSession` works with. */
export interface GroupSessionSetup {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly options: ResolvedConsumerOptions
  readonly groupId: string
  readonly backoffMs: (failures: number) => number
  /** Name of the connection to the coordinator, unique per consumer. */
  readonly lane: string
  readonly signal: AbortSignal
  readonly events: GroupSessionEvents
}

/** Beyond the rebalance timeout a coordinator gets this long to answer JoinGroup. */
const joinGraceMs = 5000

/** Gives the group machine its hands: requests to the coordinator, one timer, the consumer's callbacks. */
export class GroupSession {
  readonly #setup: GroupSessionSetup
  readonly #config: GroupMachineConfig
  #machine: GroupMachine = createGroupMachine()
  #timer: Timer | undefined
  /** Callbacks run one after the other: an assignment is in place before it is taken away again. */
  #callbacks: Promise<void> = Promise.resolve()
  #onLeft: (() => void) | undefined

  constructor(setup: GroupSessionSetup) {
    const { options, groupId, backoffMs, signal } = setup
    this.#setup = setup
    this.#config = {
      groupId,
      groupInstanceId: options.groupInstanceId ?? null,
      heartbeatIntervalMs: options.heartbeatIntervalMs,
      backoffMs,
    }
    signal.addEventListener('abort', () => this.#timer?.cancel(), { once: true })
  }

  get identity(): MemberIdentity {
    return this.#machine.identity
  }

  get phase(): GroupMachine['phase']['kind'] {
    return this.#machine.phase.kind
  }

  /** Joins, or joins again after `pause`. */
  join(): void {
    this.#handle({ type: 'join' })
  }

  /** Subscription or partitions changed: the group divides its work anew. */
  rejoin(reason: string): void {
    this.#handle({ type: 'rejoin', reason })
  }

  /** The application has stopped reading. */
  pause(): void {
    this.#handle({ type: 'pause' })
  }

  /** Gives partitions up, leaves the group, and resolves when both are done. */
  leave(): Promise<void> {
    return new Promise((resolve) => {
      this.#onLeft = resolve
      this.#handle({ type: 'leave' })
    })
  }

  /** A commit was refused because of who we are. */
  commitRefused({ generationId }: MemberIdentity, errorCode: number): void {
    this.#handle({ type: 'commitRefused', generationId, errorCode })
  }

  #handle(event: GroupEvent): void {
    if (this.#setup.signal.aborted) return
    const { clock } = this.#setup
    const { machine, effects } = stepGroup(this.#machine, event, clock.monotonic(), this.#config)
    this.#machine = machine
    for (const effect of effects) this.#perform(effect)
    this.#schedule()
  }

  #schedule(): void {
    const { clock, signal } = this.#setup
    this.#timer?.cancel()
    this.#timer = undefined
    const atMs = nextTickMs(this.#machine)
    if (atMs === undefined || signal.aborted) return
    this.#timer = clock.setTimer(atMs - clock.monotonic(), () => this.#handle({ type: 'tick' }))
  }

  #perform(effect: GroupEffect): void {
    const { cluster, groupId, events } = this.#setup
    switch (effect.type) {
      case 'sendJoin':
        this.#request(effect.requestId, () => this.#join(effect.requestId, effect.memberId))
        break
      case 'computeAssignment':
        this.#compute(effect.protocolName, effect.members)
        break
      case 'sendSync':
        this.#request(effect.requestId, () => this.#sync(effect))
        break
      case 'sendHeartbeat':
        this.#request(effect.requestId, () => this.#beat(effect.requestId, effect.identity))
        break
      case 'sendLeave':
        this.#request(effect.requestId, () => this.#leave(effect.requestId, effect.memberId))
        break
      case 'forgetCoordinator':
        cluster.forgetCoordinator('group', groupId)
        break
      case 'release':
        this.#release(effect.lost, effect.reason)
        break
      case 'assigned':
        this.#queue(() => events.onAssigned(effect.partitions))
        break
      case 'left':
        this.#onLeft?.()
        break
      case 'failed':
        events.onFailed(effect.error)
    }
  }

  /** Runs a request; what goes wrong becomes an event like the answer. */
  #request(requestId: number, send: () => Promise<GroupEvent>): void {
    send().then(
      (event) => this.#handle(event),
      (cause: unknown) => {
        if (this.#setup.signal.aborted) return
        const error = KafkaError.from(cause)
        this.#setup.events.onRetry(error)
        this.#handle({ type: 'requestFailed', requestId, error })
      },
    )
  }

  #queue(callback: () => Promise<void>): void {
    this.#callbacks = this.#callbacks.then(callback).catch((error: unknown) => {
      this.#setup.events.onFailed(KafkaError.from(error))
    })
  }

  #release(lost: boolean, reason: string): void {
    this.#queue(() => this.#setup.events.onRelease(lost, reason))
    void this.#callbacks.then(() => {
      this.#handle({ type: 'released' })
      if (this.phase === 'unjoined') this.#setup.events.onPutAside()
    })
  }

  /** Static members need the version that brought them; without it the broker is too old, and the error says so. */
  #lowestVersion(withInstanceId: number): number {
    return this.#config.groupInstanceId === null ? 0 : withInstanceId
  }

  #coordinator(): Promise<number> {
    const { cluster, groupId, signal, options } = this.#setup
    return cluster.coordinator('group', groupId, { signal, timeoutMs: options.requestTimeoutMs })
  }

  async #join(requestId: number, memberId: string): Promise<GroupEvent> {
    const { cluster, options, groupId, events, lane, signal } = this.#setup
    const topics = await events.topics()
    const metadata = encodeSubscription({
      topics,
      ownedPartitions: [],
      generationId: -1,
      rackId: options.clientRack ?? null,
    })
    const { response } = await cluster.request(
      JoinGroup,
      {
        groupId,
        sessionTimeoutMs: options.sessionTimeoutMs,
        rebalanceTimeoutMs: options.maxPollIntervalMs,
        memberId,
        groupInstanceId: this.#config.groupInstanceId,
        protocolType: consumerProtocolType,
        protocols: options.partitionAssignmentStrategy.map(({ name }) => ({ name, metadata })),
      },
      {
        node: await this.#coordinator(),
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

  #compute(protocolName: string, members: readonly JoinedMember[]): void {
    this.#assign(protocolName, members).then(
      (assignments) => this.#handle({ type: 'computed', assignments }),
      (cause: unknown) => {
        if (this.#setup.signal.aborted) return
        const error = KafkaError.from(cause)
        this.#setup.events.onRetry(error)
        this.#handle({ type: 'computeFailed', error })
      },
    )
  }

  async #assign(
    protocolName: string,
    joined: readonly JoinedMember[],
  ): Promise<Map<string, Uint8Array>> {
    const { cluster, options, signal } = this.#setup
    const assignor = options.partitionAssignmentStrategy.find(({ name }) => name === protocolName)
    if (assignor === undefined) {
      throw new InvalidArgumentError(
        `The group chose the assignor ${protocolName}, which this member did not offer.`,
      )
    }
    const members = joined.map(decodeSubscription)
    const topics = [...new Set(members.flatMap((member) => member.topics))]
    await cluster.refreshMetadata({ topics, signal, timeoutMs: options.requestTimeoutMs })
    const assignments = assignor.assign(members, layoutTopics(cluster, topics))
    return encodeAll(members, assignments)
  }

  async #sync(effect: GroupEffect & { type: 'sendSync' }): Promise<GroupEvent> {
    const { cluster, options, groupId, lane, signal } = this.#setup
    const { requestId, identity, protocolName, assignments } = effect
    const { response } = await cluster.request(
      SyncGroup,
      {
        groupId,
        ...identity,
        groupInstanceId: this.#config.groupInstanceId,
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

  async #beat(requestId: number, identity: MemberIdentity): Promise<GroupEvent> {
    const { cluster, options, groupId, lane, signal } = this.#setup
    const { response } = await cluster.request(
      Heartbeat,
      { groupId, ...identity, groupInstanceId: this.#config.groupInstanceId },
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

  async #leave(requestId: number, memberId: string): Promise<GroupEvent> {
    const { cluster, options, groupId, signal } = this.#setup
    // Not on the group's own lane: a JoinGroup that waits there for others would hold it up.
    await cluster.request(
      LeaveGroup,
      (version) =>
        version >= 3
          ? { groupId, memberId: '', members: [{ memberId, groupInstanceId: null }] }
          : { groupId, memberId, members: [] },
      { node: await this.#coordinator(), timeoutMs: options.requestTimeoutMs, signal },
    )
    return { type: 'leftGroup', requestId }
  }
}

const encodeAll = (
  members: readonly AssignorMember[],
  assignments: ReadonlyMap<string, readonly TopicPartition[]>,
): Map<string, Uint8Array> =>
  new Map(
    members.map(({ memberId }) => [memberId, encodeAssignment(assignments.get(memberId) ?? [])]),
  )
