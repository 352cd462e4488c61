import type { Clock, Cluster, Timer } from '@ottla/network'
import type { ResolvedConsumerOptions } from '../options.js'
import type { Subscription } from '../subscription.js'

/** What a `TopicWatch` needs. */
export interface TopicWatchSetup {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly options: ResolvedConsumerOptions
  readonly subscription: Subscription
  readonly signal: AbortSignal
  /** Topics came, went, or have another number of partitions than when the member joined. */
  readonly onChange: () => void
}

/** Finds the subscription's topics when the member joins, and notices later when they are no longer the same. */
export class TopicWatch {
  readonly #setup: TopicWatchSetup
  #timer: Timer | undefined
  #joined = ''

  constructor(setup: TopicWatchSetup) {
    this.#setup = setup
    setup.signal.addEventListener('abort', () => this.#timer?.cancel(), { once: true })
  }

  /** The topics to join with. */
  async resolve(): Promise<readonly string[]> {
    const { cluster, subscription } = this.#setup
    const isKnown = subscription.names.every((name) => !cluster.metadata.isStale(name))
    if (subscription.hasPatterns || !isKnown) await this.#refresh()
    const topics = this.#topics()
    this.#joined = this.#describe(topics)
    this.#schedule(topics)
    return topics
  }

  #refresh(): Promise<void> {
    const { cluster, subscription, options, signal } = this.#setup
    return cluster.refreshMetadata({
      topics: subscription.hasPatterns ? 'all' : subscription.names,
      allowAutoTopicCreation: options.allowAutoCreateTopics && !subscription.hasPatterns,
      timeoutMs: options.requestTimeoutMs,
      signal,
    })
  }

  #topics(): string[] {
    const { metadata } = this.#setup.cluster
    const { subscription } = this.#setup
    if (!subscription.hasPatterns) return subscription.resolve([])
    return subscription.resolve(metadata.topicNames().flatMap((name) => metadata.topic(name) ?? []))
  }

  #describe(topics: readonly string[]): string {
    const { metadata } = this.#setup.cluster
    return JSON.stringify(
      topics.map((name) => [name, metadata.topic(name)?.partitions.length ?? 0]),
    )
  }

  /** A topic that does not exist yet is looked for more often than every few minutes. */
  #schedule(topics: readonly string[]): void {
    const { clock, options, cluster, signal } = this.#setup
    this.#timer?.cancel()
    if (signal.aborted) return
    const isMissing = topics.some((name) => !cluster.metadata.topic(name)?.partitions.length)
    const delayMs = isMissing ? options.retryBackoffMaxMs : options.metadataMaxAgeMs
    this.#timer = clock.setTimer(delayMs, () => void this.#look())
  }

  async #look(): Promise<void> {
    try {
      await this.#refresh()
    } catch {
      // What needs the brokers right now reports the failure; here the next look is soon enough.
    }
    if (this.#setup.signal.aborted) return
    const topics = this.#topics()
    this.#schedule(topics)
    if (this.#describe(topics) !== this.#joined) this.#setup.onChange()
  }
}
