import type { Timer } from '@ottla/network'
import { KafkaError } from '@ottla/protocol'
import { assignGroup, findGroupTopics } from './assign-group.js'
import { commonProtocol } from './assignors/built-in.js'
import { GroupRequests } from './group-requests.js'
import type { GroupSessionSetup } from './group-session-setup.js'
import { createGroupMachine, nextTickMs, stepGroup } from './machine.js'
import type {
  GroupEffect,
  GroupEvent,
  GroupMachine,
  GroupMachineConfig,
  JoinedMember,
  MemberIdentity,
} from './machine-types.js'

/** Gives the group machine its hands: requests to the coordinator, one timer, the consumer's callbacks. */
export class GroupSession {
  readonly #setup: GroupSessionSetup
  readonly #config: GroupMachineConfig
  readonly #requests: GroupRequests
  #machine: GroupMachine = createGroupMachine()
  #timer: Timer | undefined
  /** Callbacks run one after the other: an assignment is in place before it is taken away again. */
  #callbacks: Promise<void> = Promise.resolve()
  #onLeft: (() => void) | undefined

  constructor(setup: GroupSessionSetup) {
    const { options, groupId, backoffMs, signal } = setup
    this.#setup = setup
    this.#requests = new GroupRequests(setup)
    this.#config = {
      groupId,
      groupInstanceId: options.groupInstanceId ?? null,
      protocol: commonProtocol(options.partitionAssignors) ?? 'eager',
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

  /** Whether a JoinGroup is under way or about to be. */
  get isJoining(): boolean {
    return this.phase === 'joining' || this.phase === 'waiting'
  }

  /** Whether partitions are ours at the moment. */
  get isOwner(): boolean {
    return this.#machine.owned.length > 0
  }

  /** Joins, or joins again after `pause`. */
  join(): void {
    this.#handle({ type: 'join' })
  }

  /** Subscription or partitions changed: the group divides its work anew. */
  rejoin(reason: string): void {
    const { wants } = this.#setup.events
    const unwanted = this.#machine.owned.filter(({ topic }) => !wants(topic))
    this.#handle({ type: 'rejoin', reason, unwanted })
  }

  /** The application has stopped reading. */
  pause(): void {
    this.#handle({ type: 'pause' })
  }

  /** The application reads no topic: gives partitions up in order and leaves the group, until `join`. */
  unsubscribe(reason: string): void {
    this.#handle({ type: 'unsubscribe', reason })
  }

  /** Gives partitions up, leaves the group, and resolves when both are done. */
  leave(): Promise<void> {
    return new Promise((resolve) => {
      this.#onLeft = resolve
      this.#handle({ type: 'leave' })
    })
  }

  /**
   * There is no time to leave in order: tells the coordinator without waiting for its answer, so that the other members need not
   * wait for the session to end. Static members stay, as they do when they leave.
   */
  abandon(): void {
    const { memberId } = this.#machine.identity
    const isStatic = this.#setup.options.groupInstanceId !== undefined
    if (isStatic || memberId === '' || this.phase === 'leaving') return
    const reason = 'the consumer closed without waiting'
    this.#requests.leave({ type: 'sendLeave', requestId: -1, memberId, reason }).catch(() => {})
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
        this.#request(effect.requestId, () => this.#join(effect))
        break
      case 'computeAssignment':
        this.#compute(effect.protocolName, effect.members)
        break
      case 'sendSync':
        this.#request(effect.requestId, () => this.#requests.sync(effect))
        break
      case 'sendHeartbeat':
        this.#request(effect.requestId, () =>
          this.#requests.beat(effect.requestId, effect.identity),
        )
        break
      case 'sendLeave':
        this.#request(effect.requestId, () => this.#requests.leave(effect))
        break
      case 'forgetCoordinator':
        cluster.forgetCoordinator('group', groupId)
        break
      case 'release':
        this.#release(effect)
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

  #release({ lost, reason, partitions }: GroupEffect & { type: 'release' }): void {
    this.#queue(() => this.#setup.events.onRelease(lost, reason, partitions))
    void this.#callbacks.then(() => {
      this.#handle({ type: 'released' })
      if (this.phase === 'unjoined') this.#setup.events.onPutAside()
    })
  }

  async #join(effect: GroupEffect & { type: 'sendJoin' }): Promise<GroupEvent> {
    const { events } = this.#setup
    const answer = await this.#requests.join(effect)
    const { errorCode, leader, memberId, skipAssignment, members } = answer
    if (errorCode !== 0) return answer
    if (leader !== memberId) events.onLeading(undefined)
    // A leader that leaves the assignment as it is still has to notice when it no longer fits the topics.
    else if (skipAssignment) events.onLeading(await findGroupTopics(this.#setup, members))
    return answer
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
    members: readonly JoinedMember[],
  ): Promise<Map<string, Uint8Array>> {
    const topics = await findGroupTopics(this.#setup, members)
    const assignments = assignGroup(this.#setup, protocolName, members, topics)
    this.#setup.events.onLeading(topics)
    return assignments
  }
}
