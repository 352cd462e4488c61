import type { Cluster } from '@ottla/network'
import { KafkaError } from '@ottla/protocol'
import type { Assignment } from './assignment.js'
import { backoffOf } from './backoff.js'
import { Callbacks } from './callbacks.js'
import { Watchdog } from './delivery/watchdog.js'
import { publish, whose } from './diagnostics.js'
import { GroupSession } from './group/group-session.js'
import { TopicWatch } from './group/topic-watch.js'
import { Handover } from './handover.js'
import type { Committer } from './offsets/committer.js'
import type { ResolvedConsumerOptions } from './options.js'
import type { Reading } from './reading.js'
import type { Subscription } from './subscription.js'

/** What a `Membership` works with. */
export interface MembershipSetup {
  readonly cluster: Cluster
  readonly options: ResolvedConsumerOptions
  readonly groupId: string
  /** Name of the connection to the coordinator, unique per consumer. */
  readonly lane: string
  readonly subscription: Subscription
  readonly assignment: Assignment
  readonly reading: Reading
  readonly committer: Committer
  /** Ends everything. */
  readonly signal: AbortSignal
  /** Resolves when handlers are no longer waited for, because the consumer closes. */
  readonly handlersGrace: Promise<void>
  /** New partitions may be read. */
  readonly onReady: () => void
  /** The member was put aside although the application waits for records: it wants to join again. */
  readonly onMissed: () => void
  /** Something went wrong that is made up for by others. */
  readonly onRetry: (error: KafkaError) => void
}

/**
 * The consumer as a member of its group. The session negotiates who reads what; the handover takes partitions over and gives them
 * back in order; the watchdog gives them back when the application has stopped.
 */
export class Membership {
  readonly session: GroupSession
  readonly #setup: MembershipSetup
  readonly #handover: Handover
  readonly #watchdog: Watchdog

  constructor(setup: MembershipSetup) {
    const { options, reading, signal } = setup
    this.#setup = setup
    this.#handover = this.#createHandover()
    this.session = this.#createSession(this.#createTopicWatch())
    this.#watchdog = new Watchdog({
      clock: options.platform.clock,
      delivery: reading.delivery,
      maxPollIntervalMs: options.maxPollIntervalMs,
      signal,
      onStuck: (idleMs) => this.#onStuck(idleMs),
    })
  }

  /** Watches over the application, from now on. */
  start(): void {
    this.#watchdog.start()
  }

  /** Watches no more: the application has called `close`. */
  stop(): void {
    this.#watchdog.stop()
  }

  #createTopicWatch(): TopicWatch {
    const { cluster, options, subscription, reading, signal } = this.#setup
    return new TopicWatch({
      cluster,
      clock: options.platform.clock,
      options,
      subscription,
      signal,
      onChange: () => this.session.rejoin('topics or their partitions changed'),
      onMissing: (topics) =>
        publish('ottla:consumer:missing', () => ({ ...whose(options), topics })),
      onRefused: (error) => reading.delivery.fail(error),
    })
  }

  #createSession(topics: TopicWatch): GroupSession {
    const { cluster, options, groupId, lane, subscription, reading, signal } = this.#setup
    const { delivery } = reading
    const handover = this.#handover
    return new GroupSession({
      cluster,
      clock: options.platform.clock,
      options,
      groupId,
      lane,
      backoffMs: (failures) => backoffOf(options).delayMs(failures + 1),
      signal,
      events: {
        topics: () => topics.resolve(),
        wants: (topic) => subscription.includes(topic),
        onLeading: (groupTopics) => topics.lead(groupTopics),
        onAssigned: (partitions) => handover.assign(partitions),
        onRelease: (lost, reason, partitions) =>
          lost ? handover.lose(reason, partitions) : handover.revoke(reason, partitions),
        onFailed: (error) => delivery.failForever(error),
        onPutAside: () => {
          if (delivery.isAwaited) this.#setup.onMissed()
        },
        onRetry: this.#setup.onRetry,
      },
    })
  }

  #createHandover(): Handover {
    const { options, assignment, committer, reading, signal, handlersGrace, onRetry } = this.#setup
    const { delivery, fetcher } = reading
    return new Handover({
      assignment,
      clock: options.platform.clock,
      committer,
      delivery,
      fetcher,
      options,
      callbacks: new Callbacks(options, (error) => {
        // Nobody asks for records any more.
        if (delivery.isClosed) onRetry(KafkaError.from(error))
        else delivery.fail(error)
      }),
      signal,
      handlersGrace,
      onAssigned: (partitions) =>
        publish('ottla:consumer:assigned', () => ({ ...whose(options), partitions })),
      onReleased: (partitions, lost, reason) => {
        const what = { partitions, lost, reason }
        publish('ottla:consumer:revoked', () => ({ ...whose(options), ...what }))
      },
      onReady: this.#setup.onReady,
      onRetry,
    })
  }

  #onStuck(idleMs: number): void {
    if (!this.session.isOwner) return
    publish('ottla:consumer:stuck', () => ({ ...whose(this.#setup.options), idleMs }))
    this.session.pause()
  }
}
