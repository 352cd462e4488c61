import type {
  BrokerRegistrationChangeRecord,
  ClientQuotaRecord,
  ConfigRecord,
  PartitionChangeRecord,
  PartitionRecord,
  RegisterBrokerRecord,
  RemoveTopicRecord,
  TopicRecord,
  UserScramCredentialRecord,
} from '@ottla/protocol'
import { type ClientQuota, entityOf, quotaKey } from './client-quotas.js'
import {
  type BrokerImage,
  configKey,
  configResources,
  type MetadataImage,
  type PartitionImage,
  type StoredScramCredential,
  type TopicImage,
} from './image.js'
import type { MetadataRecord } from './metadata-record.js'

/** What one span of the metadata log changed, for those who keep state per partition. */
export interface ImageChanges {
  readonly createdTopics: readonly TopicImage[]
  readonly deletedTopics: readonly TopicImage[]
  /** Topics that were there before and have new partitions, leaders or replicas. */
  readonly changedTopics: readonly TopicImage[]
  /** Names of the topics with changed configs. */
  readonly configuredTopics: readonly string[]
  /** True if configs of a broker, or of all brokers, changed. */
  readonly configuredBrokers: boolean
}

/**
 * Builds the next image: copies a map of the old one when the first record touches it, so that a delta costs what it
 * changes plus one shallow copy per touched kind.
 */
export class ImageDelta {
  readonly #base: MetadataImage
  #features: Map<string, number> | undefined
  #brokers: Map<number, BrokerImage> | undefined
  #topicsByName: Map<string, TopicImage> | undefined
  #topicsById: Map<string, TopicImage> | undefined
  #configs: Map<string, ReadonlyMap<string, string>> | undefined
  #scramCredentials: Map<number, ReadonlyMap<string, StoredScramCredential>> | undefined
  #clientQuotas: Map<string, ClientQuota> | undefined
  #nextProducerId: number
  /** Partitions of touched topics, still growing. */
  readonly #partitions = new Map<string, PartitionImage[]>()
  readonly #foreign: Uint8Array[] = []
  readonly #configuredTopics = new Set<string>()
  #configuredBrokers = false

  constructor(base: MetadataImage) {
    this.#base = base
    this.#nextProducerId = base.nextProducerId
  }

  /** Takes the next record of the log. */
  replay(record: MetadataRecord): void {
    switch (record.type) {
      case 'FeatureLevelRecord':
        this.#features ??= new Map(this.#base.features)
        if (record.value.featureLevel === 0) this.#features.delete(record.value.name)
        else this.#features.set(record.value.name, record.value.featureLevel)
        break
      case 'RegisterBrokerRecord':
        this.#registerBroker(record.value)
        break
      case 'UnregisterBrokerRecord':
        this.#brokersToChange().delete(record.value.brokerId)
        break
      case 'BrokerRegistrationChangeRecord':
        this.#changeBroker(record.value)
        break
      case 'TopicRecord':
        this.#addTopic(record.value)
        break
      case 'PartitionRecord':
        this.#addPartition(record.value)
        break
      case 'PartitionChangeRecord':
        this.#changePartition(record.value)
        break
      case 'RemoveTopicRecord':
        this.#removeTopic(record.value)
        break
      case 'ConfigRecord':
        this.#setConfig(record.value)
        break
      case 'ClientQuotaRecord':
        this.#setClientQuota(record.value)
        break
      case 'ProducerIdsRecord':
        this.#nextProducerId = Number(record.value.nextProducerId)
        break
      case 'UserScramCredentialRecord':
        this.#setScramCredential(record.value)
        break
      case 'RemoveUserScramCredentialRecord':
        this.#scramUsersToChange(record.value.mechanism).delete(record.value.name)
        break
    }
  }

  /** Takes a record of a kind that this broker keeps no state for, as it is. */
  keep(record: Uint8Array): void {
    this.#foreign.push(record)
  }

  /** The image after everything replayed, and what differs from the old one. */
  build(offset: number, epoch: number): { image: MetadataImage; changes: ImageChanges } {
    for (const [topicId, partitions] of this.#partitions) {
      const topic = this.#topicsById?.get(topicId)
      if (topic !== undefined) this.#putTopic({ ...topic, partitions })
    }
    const base = this.#base
    const image: MetadataImage = {
      offset,
      epoch,
      features: this.#features ?? base.features,
      brokers: this.#brokers ?? base.brokers,
      topicsByName: this.#topicsByName ?? base.topicsByName,
      topicsById: this.#topicsById ?? base.topicsById,
      configs: this.#configs ?? base.configs,
      scramCredentials: this.#scramCredentials ?? base.scramCredentials,
      clientQuotas: this.#clientQuotas ?? base.clientQuotas,
      nextProducerId: this.#nextProducerId,
      foreign: this.#foreign.length === 0 ? base.foreign : [...base.foreign, ...this.#foreign],
    }
    return { image, changes: this.#changes(image) }
  }

  #changes(image: MetadataImage): ImageChanges {
    const createdTopics: TopicImage[] = []
    const changedTopics: TopicImage[] = []
    for (const topicId of this.#partitions.keys()) {
      const topic = image.topicsById.get(topicId)
      if (topic === undefined) continue
      if (this.#base.topicsById.has(topicId)) changedTopics.push(topic)
      else createdTopics.push(topic)
    }
    const deletedTopics: TopicImage[] = []
    if (image.topicsById !== this.#base.topicsById) {
      for (const [topicId, topic] of this.#base.topicsById) {
        if (!image.topicsById.has(topicId)) deletedTopics.push(topic)
      }
    }
    const configuredTopics = [...this.#configuredTopics]
    const configuredBrokers = this.#configuredBrokers
    return { createdTopics, deletedTopics, changedTopics, configuredTopics, configuredBrokers }
  }

  #brokersToChange(): Map<number, BrokerImage> {
    this.#brokers ??= new Map(this.#base.brokers)
    return this.#brokers
  }

  #registerBroker(record: RegisterBrokerRecord): void {
    this.#brokersToChange().set(record.brokerId, {
      brokerId: record.brokerId,
      incarnationId: record.incarnationId,
      brokerEpoch: Number(record.brokerEpoch),
      endPoints: record.endPoints.map(({ name, host, port, securityProtocol }) => ({
        name,
        host,
        port,
        securityProtocol,
      })),
      features: record.features.map(({ name, minSupportedVersion, maxSupportedVersion }) => ({
        name,
        minVersion: minSupportedVersion,
        maxVersion: maxSupportedVersion,
      })),
      logDirs: record.logDirs,
      rack: record.rack,
      fenced: record.fenced,
      inControlledShutdown: record.inControlledShutdown,
    })
  }

  #changeBroker(record: BrokerRegistrationChangeRecord): void {
    const brokers = this.#brokersToChange()
    const broker = brokers.get(record.brokerId)
    if (broker === undefined) return
    brokers.set(record.brokerId, {
      ...broker,
      fenced: record.fenced === 0 ? broker.fenced : record.fenced === 1,
      inControlledShutdown: broker.inControlledShutdown || record.inControlledShutdown === 1,
      logDirs: record.logDirs.length === 0 ? broker.logDirs : record.logDirs,
    })
  }

  #putTopic(topic: TopicImage): void {
    this.#topicsByName ??= new Map(this.#base.topicsByName)
    this.#topicsById ??= new Map(this.#base.topicsById)
    this.#topicsByName.set(topic.name, topic)
    this.#topicsById.set(topic.topicId, topic)
  }

  #addTopic(record: TopicRecord): void {
    this.#putTopic({ name: record.name, topicId: record.topicId, partitions: [] })
    this.#partitions.set(record.topicId, [])
  }

  /** The growing list of partitions of a topic; undefined if there is no such topic. */
  #partitionsToChange(topicId: string): PartitionImage[] | undefined {
    const touched = this.#partitions.get(topicId)
    if (touched !== undefined) return touched
    const topic = (this.#topicsById ?? this.#base.topicsById).get(topicId)
    if (topic === undefined) return undefined
    this.#putTopic(topic)
    const copy = [...topic.partitions]
    this.#partitions.set(topicId, copy)
    return copy
  }

  #addPartition(record: PartitionRecord): void {
    const partitions = this.#partitionsToChange(record.topicId)
    if (partitions === undefined) return
    partitions[record.partitionId] = {
      partition: record.partitionId,
      replicas: record.replicas,
      isr: record.isr,
      leader: record.leader,
      leaderEpoch: record.leaderEpoch,
      partitionEpoch: record.partitionEpoch,
      directories: record.directories,
    }
  }

  #changePartition(record: PartitionChangeRecord): void {
    const partitions = this.#partitionsToChange(record.topicId)
    const old = partitions?.[record.partitionId]
    if (partitions === undefined || old === undefined) return
    const elected = record.leader !== leaderUnchanged
    partitions[record.partitionId] = {
      partition: old.partition,
      replicas: record.replicas ?? old.replicas,
      isr: record.isr ?? old.isr,
      leader: elected ? record.leader : old.leader,
      leaderEpoch: elected ? old.leaderEpoch + 1 : old.leaderEpoch,
      partitionEpoch: old.partitionEpoch + 1,
      directories: record.directories ?? old.directories,
    }
  }

  #removeTopic(record: RemoveTopicRecord): void {
    const topic = (this.#topicsById ?? this.#base.topicsById).get(record.topicId)
    if (topic === undefined) return
    this.#topicsByName ??= new Map(this.#base.topicsByName)
    this.#topicsById ??= new Map(this.#base.topicsById)
    this.#topicsByName.delete(topic.name)
    this.#topicsById.delete(topic.topicId)
    this.#partitions.delete(topic.topicId)
    this.#configsToChange().delete(configKey(configResources.topic, topic.name))
  }

  #configsToChange(): Map<string, ReadonlyMap<string, string>> {
    this.#configs ??= new Map(this.#base.configs)
    return this.#configs
  }

  #setConfig(record: ConfigRecord): void {
    const configs = this.#configsToChange()
    const key = configKey(record.resourceType, record.resourceName)
    const copy = new Map(configs.get(key))
    if (record.value === null) copy.delete(record.name)
    else copy.set(record.name, record.value)
    if (copy.size === 0) configs.delete(key)
    else configs.set(key, copy)
    if (record.resourceType === configResources.topic)
      this.#configuredTopics.add(record.resourceName)
    if (record.resourceType === configResources.broker) this.#configuredBrokers = true
  }

  #setClientQuota({ entity: parts, key, value, remove }: ClientQuotaRecord): void {
    this.#clientQuotas ??= new Map(this.#base.clientQuotas)
    const entity = entityOf(parts)
    const id = quotaKey(entity)
    const values = new Map(this.#clientQuotas.get(id)?.values)
    if (remove) values.delete(key)
    else values.set(key, value)
    if (values.size === 0) this.#clientQuotas.delete(id)
    else this.#clientQuotas.set(id, { entity, values })
  }

  #scramUsersToChange(mechanism: number): Map<string, StoredScramCredential> {
    this.#scramCredentials ??= new Map(this.#base.scramCredentials)
    const copy = new Map(this.#scramCredentials.get(mechanism))
    this.#scramCredentials.set(mechanism, copy)
    return copy
  }

  /** Copies the bytes: they would keep the whole batch they came in. */
  #setScramCredential(record: UserScramCredentialRecord): void {
    this.#scramUsersToChange(record.mechanism).set(record.name, {
      salt: Buffer.from(record.salt),
      storedKey: Buffer.from(record.storedKey),
      serverKey: Buffer.from(record.serverKey),
      iterations: record.iterations,
    })
  }
}

/** `leader` of a PartitionChangeRecord that elects nobody. */
const leaderUnchanged = -2
