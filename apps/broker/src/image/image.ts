import type { TopicOverrides } from '../config/topic-config.js'
import type { SupportedFeature } from '../features.js'
import type { ClientQuota } from './client-quotas.js'

/** One listener of a broker: where clients that use it connect to. */
export interface EndPoint {
  /** Name of the listener. */
  readonly name: string
  readonly host: string
  readonly port: number
  /** Kafka's number: 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL. */
  readonly securityProtocol: number
}

/** A broker as the controller knows it. */
export interface BrokerImage {
  readonly brokerId: number
  readonly incarnationId: string
  /** Offset of its registration in the metadata log: tells a broker's lives apart. */
  readonly brokerEpoch: number
  readonly endPoints: readonly EndPoint[]
  /** What it can run at. */
  readonly features: readonly SupportedFeature[]
  /** Uuids of its log directories. */
  readonly logDirs: readonly string[]
  readonly rack: string | null
  /** A fenced broker leads nothing and is not shown to clients. */
  readonly fenced: boolean
  readonly inControlledShutdown: boolean
}

/** A partition as the controller decided it. `leader` -1 is none. */
export interface PartitionImage {
  readonly partition: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  readonly leader: number
  /** Rises with every election. */
  readonly leaderEpoch: number
  /** Rises with every change of this record. */
  readonly partitionEpoch: number
  /** The log directory of each replica, by its uuid. */
  readonly directories: readonly string[]
}

/** A topic with its partitions, by number. */
export interface TopicImage {
  readonly name: string
  /** 36-character uuid. */
  readonly topicId: string
  readonly partitions: readonly PartitionImage[]
}

/** What is stored of a user for one SCRAM mechanism, instead of the password. */
export interface StoredScramCredential {
  readonly salt: Uint8Array
  readonly storedKey: Uint8Array
  readonly serverKey: Uint8Array
  readonly iterations: number
}

/** Kafka's numbers of the resources that have configs. */
export const configResources = { topic: 2, broker: 4, clientMetrics: 16, group: 32 } as const

/** Key of `MetadataImage.configs`. */
export const configKey = (resourceType: number, resourceName: string): string =>
  `${resourceType}:${resourceName}`

/**
 * Everything the cluster agrees on, at one offset of the metadata log. Immutable: a newer state is another image that
 * shares what did not change, so a handler may keep one for as long as it likes.
 */
export interface MetadataImage {
  /** The last record that is part of this; -1 before the first. */
  readonly offset: number
  /** Leader epoch of the metadata log at that record. */
  readonly epoch: number
  /** Finalized feature levels. */
  readonly features: ReadonlyMap<string, number>
  readonly brokers: ReadonlyMap<number, BrokerImage>
  readonly topicsByName: ReadonlyMap<string, TopicImage>
  readonly topicsById: ReadonlyMap<string, TopicImage>
  readonly configs: ReadonlyMap<string, TopicOverrides>
  /** By Kafka's number of the mechanism (1 SCRAM-SHA-256, 2 SCRAM-SHA-512), then by user. */
  readonly scramCredentials: ReadonlyMap<number, ReadonlyMap<string, StoredScramCredential>>
  /** By `quotaKey`. */
  readonly clientQuotas: ReadonlyMap<string, ClientQuota>
  /** The first producer id that was never handed out to a broker. */
  readonly nextProducerId: number
  /**
   * Records of kinds that this broker has no use for, such as ACLs in a log that Apache Kafka wrote: kept in their order, so
   * that a snapshot does not lose them.
   */
  readonly foreign: readonly Uint8Array[]
}

/** The state before the first record. */
export const emptyImage: MetadataImage = {
  offset: -1,
  epoch: 0,
  features: new Map(),
  brokers: new Map(),
  topicsByName: new Map(),
  topicsById: new Map(),
  configs: new Map(),
  scramCredentials: new Map(),
  clientQuotas: new Map(),
  nextProducerId: 0,
  foreign: [],
}

/** The configs set on one topic. */
export const topicOverrides = (image: MetadataImage, topic: string): TopicOverrides | undefined =>
  image.configs.get(configKey(configResources.topic, topic))

/** The configs set at run time on one broker, or with the empty name on all brokers. */
export const brokerOverrides = (
  image: MetadataImage,
  broker: number | '',
): TopicOverrides | undefined => image.configs.get(configKey(configResources.broker, `${broker}`))

/** Topics that hold the brokers' own state; clients do not get to write them. */
export const internalTopics: ReadonlySet<string> = new Set([
  '__consumer_offsets',
  '__transaction_state',
  '__share_group_state',
])

/** The configs set on one resource; empty if there are none. */
export const configsOf = (
  image: MetadataImage,
  resourceType: number,
  resourceName: string,
): TopicOverrides => image.configs.get(configKey(resourceType, resourceName)) ?? new Map()

/** The names of the resources of one type that have configs. */
export const configuredNames = (image: MetadataImage, resourceType: number): string[] => {
  const prefix = configKey(resourceType, '')
  return [...image.configs.keys()]
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length))
}

/** Brokers that clients may be sent to. */
export const unfencedBrokers = (image: MetadataImage): BrokerImage[] =>
  [...image.brokers.values()].filter((broker) => !broker.fenced)

/** A broker as clients of one listener are told of it. */
export interface NodeEndpoint {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

/** Where clients of a listener find these brokers; those that lack the listener are left out, as Kafka does. */
export const nodesOn = (listener: string, brokers: Iterable<BrokerImage>): NodeEndpoint[] => {
  const nodes: NodeEndpoint[] = []
  for (const { brokerId, endPoints, rack } of brokers) {
    const endPoint = endPoints.find(({ name }) => name === listener)
    if (endPoint === undefined) continue
    nodes.push({ nodeId: brokerId, host: endPoint.host, port: endPoint.port, rack })
  }
  return nodes
}
