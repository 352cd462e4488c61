import type { Clock, Cluster, Timer } from '@ottla/network'
import { BrokerError, ErrorCode, errorInfo, type KafkaError, Metadata } from '@ottla/protocol'
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
  /** Topics asked for by name do not exist: they are waited for. Told when the list changes. */
  readonly onMissing: (topics: readonly string[]) => void
  /** A topic asked for by name cannot be had: no right to it, or a name that the brokers refuse. Told once each. */
  readonly onRefused: (error: KafkaError) => void
}

/**
 * Finds the subscription's topics when the member joins, and notices later that another round is needed: every member when its
 * expressions match other topics, the leader also when a topic of the group comes, goes, or has another number of partitions.
 * If each member looked for all of it, each would begin a rebalance of its own.
 */
export class TopicWatch {
  readonly #setup: TopicWatchSetup
  #timer: Timer | undefined
  /** Names joined with. */
  #joined = ''
  /** What this member, leading, has to watch. */
  #groupTopics: readonly string[] = []
  #groupLayout = ''
  #missing = ''
  readonly #refused = new Set<string>()

  constructor(setup: TopicWatchSetup) {
    this.#setup = setup
    setup.signal.addEventListener('abort', () => this.#timer?.cancel(), { once: true })
  }

  /** The topics to join with. */
  async resolve(): Promise<readonly string[]> {
    const { cluster, subscription } = this.#setup
    this.#lead([])
    const isKnown = subscription.names.every((name) => !cluster.metadata.isStale(name))
    if (subscription.hasPatterns || !isKnown) await this.#refresh()
    const topics = this.#topics()
    this.#joined = JSON.stringify(topics)
    this.#schedule()
    return topics
  }

  /** The topics of the group that this member leads, as just assigned; undefined if it does not lead. */
  lead(topics: readonly string[] = []): void {
    this.#lead(topics)
    this.#schedule()
  }

  #lead(topics: readonly string[]): void {
    this.#groupTopics = [...topics].sort()
    this.#groupLayout = this.#describeGroup()
  }

  async #refresh(): Promise<void> {
    const { cluster, subscription, options, signal } = this.#setup
    await cluster.refreshMetadata({
      topics: subscription.hasPatterns
        ? 'all'
        : [...new Set([...subscription.names, ...this.#groupTopics])],
      allowAutoTopicCreation: options.allowAutoCreateTopics && !subscription.hasPatterns,
      timeoutMs: options.requestTimeoutMs,
      signal,
    })
    this.#judge()
  }

  /** Looks for topics of the subscription that cannot be read, which nobody else would ever mention. */
  #judge(): void {
    const { cluster, subscription, onMissing, onRefused } = this.#setup
    const missing: string[] = []
    for (const name of subscription.names) {
      const errorCode =
        cluster.metadata.topic(name)?.errorCode ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      if (errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) missing.push(name)
      if (errorCode === ErrorCode.NONE || errorInfo(errorCode).retriable) this.#refused.delete(name)
      else if (!this.#refused.has(name)) {
        this.#refused.add(name)
        onRefused(new BrokerError(errorCode, { api: Metadata.name, topic: name }))
      }
    }
    const list = missing.join()
    if (missing.length > 0 && list !== this.#missing) onMissing(missing)
    this.#missing = list
  }

  #topics(): string[] {
    const { metadata } = this.#setup.cluster
    const { subscription } = this.#setup
    if (!subscription.hasPatterns) return subscription.resolve([])
    return subscription.resolve(metadata.topicNames().flatMap((name) => metadata.topic(name) ?? []))
  }

  #countPartitions(topic: string): number {
    return this.#setup.cluster.metadata.topic(topic)?.partitions.length ?? 0
  }

  #describeGroup(): string {
    return JSON.stringify(this.#groupTopics.map((name) => [name, this.#countPartitions(name)]))
  }

  /** A topic that does not exist yet is looked for more often than every few minutes. */
  #schedule(): void {
    const { clock, options, signal, subscription } = this.#setup
    this.#timer?.cancel()
    if (signal.aborted) return
    if (!subscription.hasPatterns && this.#groupTopics.length === 0) return
    const isMissing = this.#groupTopics.some((name) => this.#countPartitions(name) === 0)
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
    this.#schedule()
    const isSame =
      JSON.stringify(this.#topics()) === this.#joined && this.#describeGroup() === this.#groupLayout
    if (!isSame) this.#setup.onChange()
  }
}
