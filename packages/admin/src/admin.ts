import { type CallOptions, Cluster } from '@ottla/network'
import { ClosedError } from '@ottla/protocol'
import {
  type CreatedTopic,
  type CreateTopicsOptions,
  createTopics,
  type NewTopic,
} from './create-topics.js'
import { type DeletedTopic, deleteTopics, type TopicReference } from './delete-topics.js'
import { type ClusterDescription, describeCluster } from './describe-cluster.js'
import {
  type ConfigDescription,
  type ConfigResource,
  type DescribeConfigsOptions,
  describeConfigs,
} from './describe-configs.js'
import { describeTopics, type TopicDescription } from './describe-topics.js'
import {
  type ListedOffset,
  type ListOffsetsOptions,
  listOffsets,
  type OffsetQuery,
} from './list-offsets.js'
import { type ListTopicsOptions, listTopics, type TopicListing } from './list-topics.js'
import { type AdminOptions, type OperationOptions, resolveAdminOptions } from './options.js'

/**
 * Looks after a cluster: topics, configurations, offsets.
 *
 * An operation on several items resolves with a result for each, in their order; one that failed has an `error`, the
 * others are not touched by it. `orThrow` turns errors of items into an exception. Operations throw only when nothing can
 * be said of any item: InvalidArgumentError, UnsupportedVersionError, TimeoutError (no broker answered in time),
 * ClosedError, the signal's reason. Passing troubles (no controller, no leader, a broken connection) are retried within
 * `timeoutMs`.
 *
 * ```ts
 * const admin = new Admin({ bootstrapServers: 'localhost:9092' })
 * try {
 *   orThrow(await admin.createTopics([{ name: 'trucks', partitions: 6, replicationFactor: 1 }]))
 * } finally {
 *   await admin.close()
 * }
 * ```
 */
export class Admin {
  readonly #cluster: Cluster
  readonly #ownsCluster: boolean
  #isClosed = false

  /**
   * @param cluster connections to share (`Ottla` does); they stay open when the admin client closes.
   * @throws InvalidArgumentError naming the option, the value and what is expected.
   */
  constructor(options: AdminOptions, cluster?: Cluster) {
    const resolved = resolveAdminOptions(options)
    this.#ownsCluster = cluster === undefined
    this.#cluster = cluster ?? new Cluster(resolved)
  }

  /** Connects to some broker, to fail fast where it matters; everything else connects by itself. */
  async connect(options: CallOptions = {}): Promise<void> {
    await this.#open.connect(options)
  }

  /** Creates topics. `validateOnly` only checks whether it could. Errors of items: TOPIC_ALREADY_EXISTS, INVALID_… */
  async createTopics(
    topics: readonly NewTopic[],
    options: CreateTopicsOptions = {},
  ): Promise<CreatedTopic[]> {
    return createTopics(this.#open, topics, options)
  }

  /** Deletes topics, by name or id. Errors of items: UNKNOWN_TOPIC_OR_PARTITION, TOPIC_DELETION_DISABLED … */
  async deleteTopics(
    topics: readonly TopicReference[],
    options: OperationOptions = {},
  ): Promise<DeletedTopic[]> {
    return deleteTopics(this.#open, topics, options)
  }

  /** Lists the topics of the cluster by name; Kafka's own with `includeInternal`. */
  async listTopics(options: ListTopicsOptions = {}): Promise<TopicListing[]> {
    return listTopics(this.#open, options)
  }

  /** Tells partitions, leaders and replicas of topics. Never creates one. */
  async describeTopics(
    names: readonly string[],
    options: OperationOptions = {},
  ): Promise<TopicDescription[]> {
    return describeTopics(this.#open, names, options)
  }

  /** Tells the configurations of topics, brokers and others: values, where they come from, what they mean. */
  async describeConfigs(
    resources: readonly ConfigResource[],
    options: DescribeConfigsOptions = {},
  ): Promise<ConfigDescription[]> {
    return describeConfigs(this.#open, resources, options)
  }

  /** Tells the cluster's id, controller and brokers. */
  async describeCluster(options: OperationOptions = {}): Promise<ClusterDescription> {
    return describeCluster(this.#open, options)
  }

  /**
   * Looks up offsets: first, last, by timestamp. A query without a partition asks for all of the topic's.
   *
   * @throws BrokerError for a topic that cannot be had, besides what all operations throw.
   */
  async listOffsets(
    queries: readonly OffsetQuery[],
    options: ListOffsetsOptions = {},
  ): Promise<ListedOffset[]> {
    return listOffsets(this.#open, queries, options)
  }

  /** Closes the connections unless they are shared. Idempotent; leaves no timer and no socket. */
  async close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#isClosed = true
    if (this.#ownsCluster) await this.#cluster.close(options)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get #open(): Cluster {
    if (this.#isClosed) throw new ClosedError('this admin client is closed; create a new one')
    return this.#cluster
  }
}
