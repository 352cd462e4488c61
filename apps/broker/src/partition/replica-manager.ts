import type { Log } from '@ottla/log'
import type { BrokerConfig } from '../config/broker-config.js'
import { toLogConfig } from '../config/log-config.js'
import { TopicConfig } from '../config/topic-config.js'
import type { EventStream } from '../events.js'
import type { ImageChanges } from '../image/delta.js'
import { type MetadataImage, type TopicImage, topicOverrides } from '../image/image.js'
import type { Clock } from '../platform.js'
import type { LogManager } from '../storage/log-manager.js'
import { Partition, type PartitionContext } from './partition.js'

/** What a replica manager needs. */
export interface ReplicaManagerOptions {
  readonly nodeId: number
  readonly config: BrokerConfig
  readonly logs: LogManager
  readonly events: EventStream
  readonly clock: Pick<Clock, 'afterTurn'>
}

/** A topic with the partitions that this broker holds, by number. */
export interface HostedTopic {
  readonly name: string
  readonly topicId: string
  /** Holes where another broker has the partition. */
  readonly partitions: readonly (Partition | undefined)[]
}

/** The partitions of this broker, kept as the metadata image says. */
export class ReplicaManager implements PartitionContext {
  readonly nodeId: number
  readonly events: EventStream
  readonly afterTurn: (callback: () => void) => void
  readonly #config: BrokerConfig
  readonly #logs: LogManager
  readonly #byName = new Map<string, HostedTopic>()
  readonly #byId = new Map<string, HostedTopic>()
  readonly #topicConfigs = new Map<string, TopicConfig>()
  #image: MetadataImage | undefined

  constructor({ nodeId, config, logs, events, clock }: ReplicaManagerOptions) {
    this.nodeId = nodeId
    this.events = events
    this.afterTurn = (callback) => clock.afterTurn(callback)
    this.#config = config
    this.#logs = logs
  }

  /** A partition that this broker holds. */
  partition(topic: string, partition: number): Partition | undefined {
    return this.#byName.get(topic)?.partitions[partition]
  }

  topicById(topicId: string): HostedTopic | undefined {
    return this.#byId.get(topicId)
  }

  topicByName(name: string): HostedTopic | undefined {
    return this.#byName.get(name)
  }

  /** Every partition this broker holds. */
  *partitions(): Generator<Partition> {
    for (const { partitions } of this.#byName.values()) {
      for (const partition of partitions) if (partition !== undefined) yield partition
    }
  }

  /** The effective configs of a topic. */
  topicConfig(topic: string): TopicConfig {
    let config = this.#topicConfigs.get(topic)
    if (config === undefined) {
      const overrides = this.#image && topicOverrides(this.#image, topic)
      config = new TopicConfig(overrides, this.#config)
      this.#topicConfigs.set(topic, config)
    }
    return config
  }

  minInsyncReplicas(topic: string): number {
    return this.topicConfig(topic).number('min.insync.replicas')
  }

  openLog(partition: Partition): Log {
    return this.#logs.open(partition, toLogConfig(this.topicConfig(partition.topic)))
  }

  hasLog(partition: Partition): boolean {
    return this.#logs.exists(partition)
  }

  noteHighWatermark(partition: Partition): void {
    this.#logs.noteHighWatermark(partition)
  }

  checkpointedHighWatermark(partition: Partition): number | undefined {
    return this.#logs.checkpointedHighWatermark(partition.directory)
  }

  /** Follows the image; deletions first, so that a topic created again under its name starts empty. */
  apply(image: MetadataImage, changes: ImageChanges): void {
    this.#image = image
    for (const topic of changes.deletedTopics) this.#delete(topic)
    for (const name of changes.configuredTopics) this.#configure(name)
    for (const topic of changes.createdTopics) this.#update(topic, true)
    for (const topic of changes.changedTopics) this.#update(topic, false)
  }

  /** Takes over everything that an image holds, at start. */
  load(image: MetadataImage): void {
    this.#image = image
    for (const topic of image.topicsById.values()) this.#update(topic, false)
  }

  /** The defaults of the broker changed: every topic may have other configs now. */
  reconfigure(): void {
    for (const name of this.#byName.keys()) this.#configure(name)
  }

  close(): void {
    for (const partition of this.partitions()) partition.close()
  }

  #update(topic: TopicImage, created: boolean): void {
    const { name, topicId } = topic
    const old = this.#byId.get(topicId)
    const partitions = topic.partitions.map((image) => {
      if (!image.replicas.includes(this.nodeId)) return undefined
      const existing = old?.partitions[image.partition]
      if (existing === undefined) {
        const partition = new Partition(name, topicId, image, this)
        partition.announceLeader()
        return partition
      }
      if (existing.image !== image) existing.update(image)
      return existing
    })
    const hosted: HostedTopic = { name, topicId, partitions }
    this.#byName.set(name, hosted)
    this.#byId.set(topicId, hosted)
    if (created) this.events.publish('topic', { topic: name, topicId, change: 'created' })
  }

  #delete({ name, topicId }: TopicImage): void {
    const hosted = this.#byId.get(topicId)
    this.#byId.delete(topicId)
    if (this.#byName.get(name) === hosted) this.#byName.delete(name)
    const delayMs = this.topicConfig(name).number('file.delete.delay.ms')
    this.#topicConfigs.delete(name)
    for (const partition of hosted?.partitions ?? []) {
      if (partition === undefined) continue
      partition.markDeleted()
      this.#logs.delete(partition, delayMs)
    }
    this.events.publish('topic', { topic: name, topicId, change: 'deleted' })
  }

  #configure(name: string): void {
    this.#topicConfigs.delete(name)
    const config = toLogConfig(this.topicConfig(name))
    for (const partition of this.#byName.get(name)?.partitions ?? []) {
      partition?.openedLog?.updateConfig(config)
    }
  }
}
