import { InvalidArgumentError } from '@ottla/protocol'
import type { BrokerServices } from '../services.js'
import type { ApiName, RequestOf } from './api-names.js'
import type { ArrivedRequest } from './arrived-request.js'
import { checkApi } from './check-fault.js'
import { committedOffset, describeGroup, type StableGroup } from './group-probe.js'
import type { RequestLog } from './request-log.js'
import type { Waiting, WaitOptions } from './waiting.js'

/** What can be looked at. */
export interface WaitForOptions {
  readonly waiting: Waiting
  readonly requests: RequestLog
  /** Names of the APIs that are served. */
  readonly served: () => readonly string[]
  /** The running broker; undefined while it is stopped. */
  readonly services: () => BrokerServices | undefined
  readonly connectionCount: () => number
}

/** A topic that can be used. */
export interface ReadyTopic {
  readonly topicId: string
  readonly partitions: number
}

const stopped = 'the broker is stopped'

/**
 * Waits for states of the broker. Every wait resolves at once if the state is there, hears of changes as they happen, and
 * after `timeoutMs` (default 4000) rejects with a TimeoutError that says what was seen last.
 */
export class WaitFor {
  readonly #options: WaitForOptions

  constructor(options: WaitForOptions) {
    this.#options = options
  }

  /**
   * A consumer group is Stable: with as many members as given, else with at least one. With the assignor
   * `cooperative-sticky`, which takes two rebalances, every partition of the subscribed topics has a member, too.
   */
  groupStable(
    groupId: string,
    { members, ...options }: WaitOptions & { readonly members?: number } = {},
  ): Promise<StableGroup> {
    let seen = stopped
    return this.#until(
      {
        what: `group ${groupId} stable with ${members ?? 'its'} members`,
        check: async (services) => {
          const group = await describeGroup(services, groupId)
          const { state, memberIds, unsettled } = group
          const nobodys = unsettled.length > 0 ? `; nobody has ${unsettled.join(', ')}` : ''
          seen = `it is ${state} with ${memberIds.length} members${nobodys}`
          const isComplete =
            members === undefined ? memberIds.length > 0 : memberIds.length === members
          const isSettled = unsettled.length === 0
          return state === 'Stable' && isComplete && isSettled ? { memberIds } : undefined
        },
        seen: () => seen,
      },
      options,
    )
  }

  /** A partition's high watermark is at least `offset`: so many records are committed and can be consumed. */
  highWatermark(
    topic: string,
    partition: number,
    offset: number | bigint,
    options?: WaitOptions,
  ): Promise<bigint> {
    const now = (services: BrokerServices): number | undefined =>
      services.replicas.partition(topic, partition)?.highWatermark
    return this.#until(
      {
        what: `high watermark ${offset} of ${topic}-${partition}`,
        check: (services) => {
          const highWatermark = now(services)
          return highWatermark !== undefined && highWatermark >= offset
            ? BigInt(highWatermark)
            : undefined
        },
        seen: (services) => {
          const highWatermark = now(services)
          return highWatermark === undefined
            ? 'there is no such partition'
            : `it is ${highWatermark}`
        },
      },
      options,
    )
  }

  /** A topic exists and every partition has a leader. */
  topic(name: string, options?: WaitOptions): Promise<ReadyTopic> {
    return this.#until(
      {
        what: `topic ${name}`,
        check: ({ image }) => {
          const topic = image.topicsByName.get(name)
          if (topic === undefined || topic.partitions.some(({ leader }) => leader === -1))
            return undefined
          return { topicId: topic.topicId, partitions: topic.partitions.length }
        },
        seen: ({ image }) => {
          if (image.topicsByName.has(name)) return 'it has partitions without a leader'
          return `there are: ${[...image.topicsByName.keys()].join(', ') || 'none'}`
        },
      },
      options,
    )
  }

  /** A topic does not exist, or no longer. */
  async topicGone(name: string, options?: WaitOptions): Promise<void> {
    await this.#until(
      {
        what: `topic ${name} gone`,
        check: ({ image }) => (image.topicsByName.has(name) ? undefined : true),
        seen: () => 'it is there',
      },
      options,
    )
  }

  /** A group has committed at least `offset` for a partition. */
  committed(
    groupId: string,
    topic: string,
    partition: number,
    offset: number | bigint,
    options?: WaitOptions,
  ): Promise<bigint> {
    let seen = stopped
    return this.#until(
      {
        what: `offset ${offset} of ${topic}-${partition} committed by group ${groupId}`,
        check: async (services) => {
          const committed = await committedOffset(services, groupId, topic, partition)
          seen = committed === -1n ? 'nothing is committed' : `it is ${committed}`
          return committed >= offset ? committed : undefined
        },
        seen: () => seen,
      },
      options,
    )
  }

  /**
   * The next request of an API (that the predicate likes), from now on.
   * @throws InvalidArgumentError for an API that is not served.
   */
  async request<Name extends ApiName>(
    api: Name,
    predicate?: (request: ArrivedRequest<RequestOf<Name>>) => boolean,
    options?: WaitOptions,
  ): Promise<ArrivedRequest<RequestOf<Name>>> {
    const { requests, waiting, served } = this.#options
    checkApi(api, served())
    let found: ArrivedRequest<RequestOf<Name>> | undefined
    let count = 0
    const stop = requests.watch((request) => {
      if (request.api !== api || found !== undefined) return
      count += 1
      const typed = request as ArrivedRequest<RequestOf<Name>>
      if (predicate === undefined || predicate(typed)) found = typed
      waiting.recheck()
    })
    try {
      const goal = {
        what: `a ${api} request`,
        check: () => found,
        seen: () => `${count} came, none that the predicate liked`,
      }
      return await waiting.until(goal, options)
    } finally {
      stop()
    }
  }

  /** At least so many connections are open; none at all for 0. */
  async connections(count: number, options?: WaitOptions): Promise<void> {
    if (!(Number.isInteger(count) && count >= 0)) {
      throw new InvalidArgumentError(`connections must be a whole number, not ${count}`)
    }
    const { waiting, connectionCount } = this.#options
    const isReached = (): boolean =>
      count === 0 ? connectionCount() === 0 : connectionCount() >= count
    const goal = {
      what: count === 0 ? 'no connections' : `at least ${count} connections`,
      check: () => (isReached() ? true : undefined),
      seen: () => `there are ${connectionCount()}`,
    }
    await waiting.until(goal, options)
  }

  #until<Result>(
    goal: {
      readonly what: string
      check(services: BrokerServices): Result | undefined | Promise<Result | undefined>
      seen(services: BrokerServices): string
    },
    options?: WaitOptions,
  ): Promise<Result> {
    const { waiting, services } = this.#options
    return waiting.until(
      {
        what: goal.what,
        check: () => {
          const running = services()
          return running === undefined ? undefined : goal.check(running)
        },
        seen: () => {
          const running = services()
          return running === undefined ? stopped : goal.seen(running)
        },
      },
      options,
    )
  }
}
