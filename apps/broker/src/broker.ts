import {
  type MetaProperties,
  readMetaProperties,
  writeMetaProperties,
  writePartitionMetadata,
} from '@ottla/log'
import { InvalidArgumentError } from '@ottla/protocol'
import type { BrokerConfig } from './config/broker-config.js'
import { Controller } from './controller/controller.js'
import { MetadataLog, metadataDirectory } from './controller/metadata-log.js'
import { readQuorumEpoch, writeQuorumState } from './controller/quorum.js'
import { EventStream } from './events.js'
import { bootstrapFeatures } from './features.js'
import { GroupService } from './group/group-service.js'
import { allHandlers } from './handlers/index.js'
import { brokerOverrides, type MetadataImage } from './image/image.js'
import {
  type BrokerOptions,
  newClusterId,
  type ResolvedOptions,
  resolveConfig,
  resolveOptions,
} from './options.js'
import { FetchSessions } from './partition/fetch-sessions.js'
import { ProducerIds } from './partition/producer-ids.js'
import { Purgatory } from './partition/purgatory.js'
import { ReplicaManager } from './partition/replica-manager.js'
import { diskStorage, memoryStorage, type Platform, type Storage } from './platform.js'
import { formatHostPort, type HostPort } from './server/address.js'
import { Server } from './server/server.js'
import type { BrokerServices } from './services.js'
import { LogManager } from './storage/log-manager.js'

/** A running broker. */
export interface Broker {
  /** What clients connect to: `host:port`. */
  readonly bootstrapServers: string
  /** The host that clients are told. */
  readonly host: string
  /** The port that clients are told. */
  readonly port: number
  readonly nodeId: number
  /** Kafka's 22-character form. */
  readonly clusterId: string
  /** What happens inside, as it happens. */
  readonly events: EventStream
  /**
   * Answers what can be answered, ends every connection, and leaves the data ready for the next start. Connections that
   * do not end by themselves are cut off after `timeoutMs` (default 5000). Idempotent.
   */
  close(options?: { readonly timeoutMs?: number }): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const defaultCloseTimeoutMs = 5000

/**
 * Starts a broker: a cluster of one, controller and broker in one node. It serves when the promise resolves: the first
 * Metadata answer names leaders.
 * @throws InvalidArgumentError for bad options or a directory of another cluster; ConnectionError when the address is
 * taken; the system's error when the directory cannot be used.
 */
export const startBroker = async (options?: BrokerOptions): Promise<Broker> => {
  const resolved = resolveOptions(options)
  const { dataDir } = resolved
  const storage =
    resolved.storage ?? (dataDir === undefined ? memoryStorage() : diskStorage(dataDir))
  const node = new Node(resolved, storage)
  try {
    await node.start()
    return node
  } catch (error) {
    await node.close({ timeoutMs: 0 })
    throw error
  }
}

/** Puts the parts of a broker together, starts them in order and stops them in the opposite one. */
class Node implements Broker, BrokerServices {
  readonly nodeId: number
  readonly clusterId: string
  readonly config: BrokerConfig
  readonly events: EventStream
  readonly purgatory: Purgatory
  readonly fetchSessions: FetchSessions
  readonly controller: Controller
  readonly replicas: ReplicaManager
  readonly groups: GroupService
  readonly producerIds: ProducerIds
  readonly handlers = new Map(
    [...allHandlers].sort((a, b) => a.api.key - b.api.key).map((each) => [each.api.key, each]),
  )
  readonly #options: ResolvedOptions
  readonly #storage: Storage
  readonly #logs: LogManager
  readonly #server: Server
  #advertised: HostPort = { host: '', port: 0 }
  #brokerEpoch = -1
  #closing: Promise<void> | undefined

  constructor(options: ResolvedOptions, storage: Storage) {
    const { clock, random } = options.platform
    this.#options = options
    this.#storage = storage
    const meta = openDirectory(storage, options)
    const { nodeId, clusterId, directoryId } = meta
    this.nodeId = nodeId
    this.clusterId = clusterId
    const config = resolveConfig(options, nodeId)
    this.config = config
    const events = new EventStream({ clusterId, nodeId })
    this.events = events
    this.purgatory = new Purgatory(clock)
    this.fetchSessions = new FetchSessions(clock, random, maxFetchSessions)
    const logs = new LogManager({ storage, clock, random, events })
    this.#logs = logs
    const log = new MetadataLog(
      logs.openDirectory(metadataDirectory, {
        maxMessageBytes: maxMetadataBatchBytes,
        cleanupDelete: false,
      }),
    )
    writePartitionMetadata(storage, metadataDirectory, metadataTopicId)
    const lastEpoch = readQuorumEpoch(storage)
    this.controller = new Controller({ nodeId, log, lastEpoch, config, clock, random, directoryId })
    writeQuorumState(storage, nodeId, this.controller.epoch)
    this.replicas = new ReplicaManager({ nodeId, config, logs, events })
    const { purgatory, replicas, controller } = this
    this.groups = new GroupService({ config, clock, random, events, replicas, purgatory })
    this.producerIds = new ProducerIds(controller, nodeId, () => this.#brokerEpoch)
    this.#server = new Server(this)
  }

  get bootstrapServers(): string {
    return formatHostPort(this.#advertised)
  }

  get host(): string {
    return this.#advertised.host
  }

  get port(): number {
    return this.#advertised.port
  }

  get clock(): Platform['clock'] {
    return this.#options.platform.clock
  }

  get random(): Platform['random'] {
    return this.#options.platform.random
  }

  get image(): Controller['image'] {
    return this.controller.image
  }

  /** Replays the metadata, recovers logs after a crash, listens, and takes the leadership of its partitions. */
  async start(): Promise<void> {
    const { controller, replicas } = this
    const { listen, platform, advertise } = this.#options
    this.#applyDynamicConfigs(controller.image)
    replicas.load(controller.image)
    controller.subscribe((image, changes) => {
      if (changes.configuredBrokers) this.#applyDynamicConfigs(image)
      replicas.apply(image, changes)
      if (changes.configuredBrokers) replicas.reconfigure()
      if (changes.deletedTopics.length > 0) {
        this.groups.forgetTopics(changes.deletedTopics.map(({ name }) => name))
      }
    })
    if (!this.#logs.wasCleanShutdown) this.#recover()
    const bound = await this.#server.listen(platform.network, listen)
    this.#advertised = advertise ?? { host: reachableHost(bound.host), port: bound.port }
    await controller.bootstrap(bootstrapFeatures)
    this.#brokerEpoch = await controller.registerBroker({
      brokerId: this.nodeId,
      incarnationId: platform.random.uuid(),
      host: this.host,
      port: this.port,
      rack: this.config.text('broker.rack'),
    })
  }

  close({
    timeoutMs = defaultCloseTimeoutMs,
  }: {
    readonly timeoutMs?: number
  } = {}): Promise<void> {
    this.#closing ??= this.#stop(timeoutMs)
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #stop(timeoutMs: number): Promise<void> {
    await this.#server.stopListening()
    this.purgatory.close()
    this.groups.close()
    await this.#server.close(timeoutMs)
    this.#logs.closeLogs()
    this.controller.close()
    this.#logs.close(this.#brokerEpoch)
    this.#storage.close()
    this.events.close()
  }

  #applyDynamicConfigs(image: MetadataImage): void {
    const cluster = brokerOverrides(image, '')
    const own = brokerOverrides(image, this.nodeId)
    this.config.setDynamic({ ...(cluster && { cluster }), ...(own && { own }) })
  }

  /** Opens every log there is, which cuts off what a crash left half-written. */
  #recover(): void {
    for (const partition of this.replicas.partitions()) {
      if (this.#logs.exists(partition)) partition.open()
    }
  }
}

/** Kafka's `max.incremental.fetch.session.cache.slots`. */
const maxFetchSessions = 1000

/** Kafka's reserved id of the metadata log's topic. */
const metadataTopicId = '00000000-0000-0000-0000-000000000001'

/** The metadata log takes batches of any size: a change is one batch or none. */
const maxMetadataBatchBytes = 0x7fffffff

/** Finds out whose directory it is, or makes it ours. */
const openDirectory = (storage: Storage, options: ResolvedOptions): MetaProperties => {
  const { platform, clusterId, nodeId, dataDir } = options
  const found = readMetaProperties(storage)
  if (found === undefined) {
    const fresh: MetaProperties = {
      clusterId: clusterId ?? newClusterId(platform.random),
      nodeId: nodeId ?? 1,
      directoryId: platform.random.uuid(),
    }
    writeMetaProperties(storage, fresh)
    return fresh
  }
  const mismatch = (what: string, has: string | number, wanted: string | number): Error =>
    new InvalidArgumentError(
      `${dataDir ?? 'the storage'} belongs to ${what} ${has}, not ${wanted}: use another directory, or leave the option out`,
    )
  if (clusterId !== undefined && clusterId !== found.clusterId) {
    throw mismatch('cluster', found.clusterId, clusterId)
  }
  if (nodeId !== undefined && nodeId !== found.nodeId) throw mismatch('node', found.nodeId, nodeId)
  return found
}

/** A wildcard address cannot be connected to. */
const reachableHost = (host: string): string =>
  host === '0.0.0.0' || host === '::' || host === '' ? 'localhost' : host
