import { ErrorCode } from '@ottla/protocol'
import type { BrokerConfig } from '../config/broker-config.js'
import { refusal } from '../errors.js'
import { type ImageChanges, ImageDelta } from '../image/delta.js'
import { emptyImage, type MetadataImage } from '../image/image.js'
import type { MetadataRecordInput } from '../image/metadata-record.js'
import type { Clock, Random } from '../platform.js'
import { planQuotaChanges, type QuotaAlteration, type QuotaResult } from './client-quotas.js'
import { type ConfigChange, planConfigChange } from './config-changes.js'
import {
  checkAdditionalPartitions,
  type MorePartitions,
  planMorePartitions,
} from './create-partitions.js'
import {
  maxPartitionsPerRequest,
  type NewTopic,
  type PlanningContext,
  planTopic,
  type TopicPlan,
} from './create-topics.js'
import { electAfterStart, planElection } from './elections.js'
import type { LoggedRecord, MetadataLog } from './metadata-log.js'
import { leaderChangeBatch, nextLeaderEpoch } from './quorum.js'
import { type Registration, registrationRecords, unfenceRecords } from './registration.js'
import {
  planScramChanges,
  type ScramDeletion,
  type ScramResult,
  type ScramUpsertion,
} from './scram-credentials.js'
import type { SnapshotWriter } from './snapshot-writer.js'
import { type FeatureContext, type FeatureUpdate, planFeatureUpdates } from './update-features.js'

/** Told of every new image, after it is in force. */
export type ImageListener = (image: MetadataImage, changes: ImageChanges) => void

/** What a controller needs. */
export interface ControllerOptions {
  readonly nodeId: number
  readonly log: MetadataLog
  /** Without it nothing is ever given up. */
  readonly snapshots?: SnapshotWriter | undefined
  /** Leader epoch of the last life, from `quorum-state`; 0 if there was none. */
  readonly lastEpoch: number
  readonly config: BrokerConfig
  readonly clock: Clock
  readonly random: Random
  /** Uuid of this node's log directory. */
  readonly directoryId: string
}

/** How topics are changed. */
export interface ChangeOptions {
  /** Only says what would happen. */
  readonly validateOnly?: boolean
  /** Asked for so many partitions before each change that is right in itself; throws to refuse it. */
  readonly take?: (partitions: number) => void
}

/** Producer ids that a broker may hand out. */
export interface ProducerIdBlock {
  readonly first: number
  readonly size: number
}

/** Kafka's block size. */
const producerIdBlockSize = 1000

/**
 * The cluster's metadata: a quorum of one. Every change is a batch of Kafka's records, appended to the metadata log
 * first and then replayed into the next image; a restart replays the same records. Operations are asynchronous because
 * a larger quorum would have to commit them first; with one voter an appended record is a committed one.
 */
export class Controller {
  /** Leader epoch of the metadata log: one more with every start. */
  readonly epoch: number
  readonly #options: ControllerOptions
  readonly #listeners = new Set<ImageListener>()
  #image: MetadataImage = emptyImage

  /** Replays the log and begins a new leader epoch in it. */
  constructor(options: ControllerOptions) {
    this.#options = options
    const { log, nodeId, clock } = options
    this.#replay([...log.records()])
    this.epoch = nextLeaderEpoch(options.lastEpoch, log.latestEpoch)
    log.appendBatch(leaderChangeBatch(nodeId, clock.now()), this.epoch, clock.now())
  }

  /** The newest committed state. */
  get image(): MetadataImage {
    return this.#image
  }

  /** The quorum of the metadata log: this node, its only voter. */
  get quorum(): {
    readonly nodeId: number
    readonly directoryId: string
    readonly epoch: number
    readonly endOffset: number
  } {
    const { nodeId, directoryId, log } = this.#options
    return { nodeId, directoryId, epoch: this.epoch, endOffset: log.endOffset }
  }

  /** The image now and every later one. @returns a function that stops it. */
  subscribe(listener: ImageListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Sets the feature levels of a new cluster; an old one keeps its own. */
  async bootstrap(features: ReadonlyMap<string, number>): Promise<void> {
    if (this.#image.features.size > 0) return
    this.#append(
      [...features].map(([name, featureLevel]) => ({
        type: 'FeatureLevelRecord',
        value: { name, featureLevel },
      })),
    )
  }

  /** Raises or lowers finalized levels, all or none. @throws BrokerError INVALID_UPDATE_VERSION. */
  async updateFeatures(
    updates: readonly FeatureUpdate[],
    context: FeatureContext,
    { validateOnly = false }: { validateOnly?: boolean } = {},
  ): Promise<void> {
    const records = planFeatureUpdates(this.#image, context, updates)
    if (!validateOnly) this.#append(records)
  }

  /** Registers a broker, lets it serve, and elects it wherever it can lead. @returns its broker epoch. */
  async registerBroker(registration: Registration): Promise<number> {
    const { log, directoryId } = this.#options
    const brokerEpoch = log.endOffset
    this.#append(registrationRecords(registration, brokerEpoch, directoryId))
    this.#append([
      ...unfenceRecords(registration.brokerId, brokerEpoch),
      ...electAfterStart(this.#image, registration.brokerId),
    ])
    return brokerEpoch
  }

  /**
   * Creates topics, all in one atomic batch; those that cannot be created have an error in their place.
   * @returns one result per topic, in order.
   * @throws BrokerError POLICY_VIOLATION for more than 10,000 partitions at once.
   */
  async createTopics(
    topics: readonly NewTopic[],
    { validateOnly = false, take = unlimited }: ChangeOptions = {},
  ): Promise<(TopicPlan | Error)[]> {
    checkPartitionCount(topics, this.#options.config.number('num.partitions'))
    const context = this.#planningContext()
    const results = topics.map((topic) =>
      attempt(() => {
        const plan = planTopic(this.#image, topic, context)
        take(plan.numPartitions)
        return plan
      }),
    )
    const records = results.flatMap((result) => (result instanceof Error ? [] : result.records))
    if (!validateOnly) this.#append(records)
    return results
  }

  /** Deletes topics by id. @returns per topic, in order, why it is not deleted, or undefined. */
  async deleteTopics(
    topicIds: readonly string[],
    { take = unlimited }: Pick<ChangeOptions, 'take'> = {},
  ): Promise<(Error | undefined)[]> {
    return this.#change(topicIds, false, (topicId) => {
      const topic = this.#image.topicsById.get(topicId)
      if (topic === undefined) throw refusal(ErrorCode.UNKNOWN_TOPIC_ID)
      take(topic.partitions.length)
      return [{ type: 'RemoveTopicRecord', value: { topicId } }]
    })
  }

  /**
   * Adds partitions to topics, all in one atomic batch.
   * @returns per topic, in order, what is wrong with it, or undefined.
   * @throws BrokerError POLICY_VIOLATION for more than 10,000 partitions at once.
   */
  async createPartitions(
    topics: readonly MorePartitions[],
    { validateOnly = false, take = unlimited }: ChangeOptions = {},
  ): Promise<(Error | undefined)[]> {
    checkAdditionalPartitions(this.#image, topics)
    const context = this.#planningContext()
    return this.#change(topics, validateOnly, (topic) => {
      const records = planMorePartitions(this.#image, topic, context)
      take(records.length)
      return records
    })
  }

  /** Changes configs of topics and brokers. @returns per resource, in order, what is wrong with it, or undefined. */
  async changeConfigs(
    changes: readonly ConfigChange[],
    { validateOnly = false }: { validateOnly?: boolean } = {},
  ): Promise<(Error | undefined)[]> {
    const { config } = this.#options
    return this.#change(changes, validateOnly, (change) =>
      planConfigChange(this.#image, config, change),
    )
  }

  /** Elects leaders. @returns per partition, in order, why there was no election, or undefined. */
  async electLeaders(
    electionType: number,
    partitions: readonly { readonly topic: string; readonly partition: number }[],
  ): Promise<(Error | undefined)[]> {
    return this.#change(partitions, false, ({ topic, partition }) => [
      planElection(this.#image, electionType, topic, partition),
    ])
  }

  /** Makes a broker leader of a partition, or nobody (-1), without asking whether that is wise; its leader epoch rises. */
  async setLeader(topic: string, partition: number, leader: number): Promise<void> {
    const topicId = this.#image.topicsByName.get(topic)?.topicId
    if (topicId === undefined) return
    const value = { topicId, partitionId: partition, leader }
    this.#append([{ type: 'PartitionChangeRecord', value }])
  }

  /** Reserves a block of producer ids; ids of a block that is not used up before a restart are lost. */
  async allocateProducerIds(brokerId: number, brokerEpoch: number): Promise<ProducerIdBlock> {
    const first = this.#image.nextProducerId
    this.#append([
      {
        type: 'ProducerIdsRecord',
        value: {
          brokerId,
          brokerEpoch: BigInt(brokerEpoch),
          nextProducerId: BigInt(first + producerIdBlockSize),
        },
      },
    ])
    return { first, size: producerIdBlockSize }
  }

  /** Sets and removes SCRAM credentials. @returns a result per user. */
  async alterScramCredentials(
    deletions: readonly ScramDeletion[],
    upsertions: readonly ScramUpsertion[],
  ): Promise<ScramResult[]> {
    const { records, results } = planScramChanges(this.#image, deletions, upsertions)
    this.#append(records)
    return results
  }

  /** Sets and removes client quotas. @returns a result per entity. */
  async alterClientQuotas(
    alterations: readonly QuotaAlteration[],
    { validateOnly = false }: { validateOnly?: boolean } = {},
  ): Promise<QuotaResult[]> {
    const { records, results } = planQuotaChanges(this.#image, alterations)
    if (!validateOnly) this.#append(records)
    return results
  }

  close(): void {
    this.#listeners.clear()
    this.#options.snapshots?.close()
    this.#options.log.close()
  }

  #planningContext(): PlanningContext {
    const { config, random, directoryId } = this.#options
    return { config, random, directoryOf: () => directoryId }
  }

  /** Plans each item by itself, then writes the records of those that can be done as one batch. */
  #change<Item>(
    items: readonly Item[],
    validateOnly: boolean,
    plan: (item: Item) => readonly MetadataRecordInput[],
  ): (Error | undefined)[] {
    const plans = items.map((item) => attempt(() => plan(item)))
    if (!validateOnly) this.#append(plans.flatMap((each) => (each instanceof Error ? [] : each)))
    return plans.map((each) => (each instanceof Error ? each : undefined))
  }

  #append(records: readonly MetadataRecordInput[]): void {
    if (records.length === 0) return
    const { log, clock, snapshots } = this.#options
    this.#replay(log.append(records, this.epoch, clock.now()))
    snapshots?.noteAppended(this.#image)
  }

  #replay(records: readonly LoggedRecord[]): void {
    const last = records.at(-1)
    if (last === undefined) return
    const delta = new ImageDelta(this.#image)
    for (const { record, foreign } of records) {
      if (record !== undefined) delta.replay(record)
      else if (foreign !== undefined) delta.keep(foreign)
    }
    const { image, changes } = delta.build(last.offset, last.epoch)
    this.#image = image
    for (const listener of this.#listeners) listener(image, changes)
  }
}

const unlimited = (): void => undefined

const attempt = <Result>(plan: () => Result): Result | Error => {
  try {
    return plan()
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

const checkPartitionCount = (topics: readonly NewTopic[], numPartitions: number): void => {
  let total = 0
  for (const topic of topics) {
    if (topic.assignments.length > 0) total += topic.assignments.length
    else total += topic.numPartitions === -1 ? numPartitions : Math.max(topic.numPartitions, 0)
  }
  if (total > maxPartitionsPerRequest) {
    const text = 'Excessively large number of partitions per request.'
    throw refusal(ErrorCode.POLICY_VIOLATION, text)
  }
}
