import {
  type MetaProperties,
  readMetaProperties,
  writeMetaProperties,
  writePartitionMetadata,
} from '@ottla/log'
import { BufferPool } from '@ottla/network'
import { InvalidArgumentError } from '@ottla/protocol'
import type { BrokerListener } from './broker.js'
import type { BrokerConfig } from './config/broker-config.js'
import { type ListenerConfig, resolveListeners, securityProtocols } from './config/listeners.js'
import type { Life, LifeOptions } from './control/life.js'
import { Controller } from './controller/controller.js'
import { MetadataLog } from './controller/metadata-log.js'
import { readNewestSnapshot } from './controller/metadata-snapshot.js'
import { readQuorumEpoch, writeQuorumState } from './controller/quorum.js'
import { SnapshotWriter } from './controller/snapshot-writer.js'
import { EventStream } from './events.js'
import { bootstrapFeatures, type SupportedFeature } from './features.js'
import { GroupService } from './group/group-service.js'
import { allHandlers } from './handlers/index.js'
import { brokerOverrides, type MetadataImage } from './image/image.js'
import { newClusterId, type ResolvedOptions, resolveConfig } from './options.js'
import { FetchSessions } from './partition/fetch-sessions.js'
import { ProducerIds } from './partition/producer-ids.js'
import { Purgatory } from './partition/purgatory.js'
import { ReplicaManager } from './partition/replica-manager.js'
import type { Platform, Storage } from './platform.js'
import { ClientThrottle } from './quota/client-throttle.js'
import { throttledHandlers } from './quota/throttled-handler.js'
import { featuresOf, handlersOf } from './releases.js'
import { formatHostPort, type HostPort } from './server/address.js'
import { checkAccess } from './server/sasl/check-access.js'
import { listenerSasl } from './server/sasl/listener-sasl.js'
import { plainPasswords, storeScramUsers } from './server/sasl/users.js'
import type { ServedApi } from './server/served-api.js'
import { Server } from './server/server.js'
import { LogManager } from './storage/log-manager.js'
import { metadataDirectory } from './storage/metadata-directory.js'

/** A node on a storage that is its own from here on. */
export const beginNode = (options: ResolvedOptions, storage: Storage, life: LifeOptions): Life => {
  storage.lock()
  try {
    return new Node(options, storage, life)
  } catch (error) {
    storage.close()
    throw error
  }
}

/** Puts the parts of a broker together, starts them in order and stops them in the opposite one. */
class Node implements Life {
  readonly nodeId: number
  readonly clusterId: string
  readonly config: BrokerConfig
  readonly events: EventStream
  readonly purgatory: Purgatory
  readonly fetchSessions: FetchSessions
  readonly fetchMemory = new BufferPool(fetchMemoryBytes)
  readonly controller: Controller
  readonly replicas: ReplicaManager
  readonly groups: GroupService
  readonly producerIds: ProducerIds
  readonly throttle: ClientThrottle
  readonly features: readonly SupportedFeature[]
  readonly served: readonly ServedApi[]
  readonly ports: number[] = []
  readonly #formerPorts: readonly number[]
  readonly #options: ResolvedOptions
  readonly #storage: Storage
  readonly #logs: LogManager
  readonly #server: Server
  #listeners: readonly BrokerListener[] = []
  #brokerEpoch = -1
  #closing: Promise<void> | undefined

  constructor(options: ResolvedOptions, storage: Storage, life: LifeOptions) {
    const { clock, random } = options.platform
    this.#formerPorts = life.ports
    this.#options = options
    this.#storage = storage
    const meta = openDirectory(storage, options)
    const { nodeId, clusterId, directoryId } = meta
    this.nodeId = nodeId
    this.clusterId = clusterId
    const config = resolveConfig(options, nodeId)
    this.config = config
    this.features = featuresOf(options.release)
    const handlers = throttledHandlers(handlersOf(options.release, allHandlers))
    this.served = [...handlers.values()]
    this.throttle = new ClientThrottle({ config, clock, image: () => this.image })
    const events = life.events ?? new EventStream({ clusterId, nodeId })
    this.events = events
    this.purgatory = new Purgatory(clock)
    this.fetchSessions = new FetchSessions(clock, random, maxFetchSessions)
    const logs = new LogManager({ storage, clock, random, events, config })
    this.#logs = logs
    const log = openMetadataLog(logs, storage, config, clock.now())
    writePartitionMetadata(storage, metadataDirectory, metadataTopicId)
    const lastEpoch = readQuorumEpoch(storage)
    const snapshots = new SnapshotWriter({ storage, log, config, clock })
    const quorum = { nodeId, log, lastEpoch, snapshots }
    this.controller = new Controller({ ...quorum, config, clock, random, directoryId })
    writeQuorumState(storage, nodeId, this.controller.epoch)
    this.replicas = new ReplicaManager({ nodeId, config, logs, events, clock })
    const { purgatory, replicas, controller } = this
    this.groups = new GroupService({ config, clock, random, events, replicas, purgatory })
    this.producerIds = new ProducerIds(controller, nodeId, () => this.#brokerEpoch)
    this.#server = new Server(this, handlers, life.gate)
  }

  get listeners(): readonly BrokerListener[] {
    return this.#listeners
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

  /** Replays the metadata, takes stock of the logs, listens, and takes the leadership of its partitions. */
  async start(): Promise<void> {
    const { controller, replicas } = this
    const { platform, tls, users, validateToken } = this.#options
    const wanted = resolveListeners(this.config, tls)
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
    this.#logs.begin(replicas.partitions())
    await controller.bootstrap(bootstrapFeatures(this.features))
    const mechanisms = wanted.flatMap((listener) => listener.mechanisms)
    await storeScramUsers(users, mechanisms, controller, platform.random)
    checkAccess(wanted, {
      users: users.length,
      hasStored: [...controller.image.scramCredentials.values()].some(({ size }) => size > 0),
      plainUsers: (listener) => plainPasswords(users, this.config, listener).size,
    })
    const listeners: BrokerListener[] = []
    for (const [index, listener] of wanted.entries()) {
      const sasl = listenerSasl(this, listener, users, validateToken)
      const port = listener.port === 0 ? (this.#formerPorts[index] ?? 0) : listener.port
      const bound = await this.#server.listen(platform.network, { ...listener, port }, sasl)
      this.ports.push(bound.port)
      listeners.push(reachable(listener, bound))
    }
    this.#listeners = listeners
    this.#brokerEpoch = await controller.registerBroker({
      brokerId: this.nodeId,
      incarnationId: platform.random.uuid(),
      endPoints: listeners.map(({ name, protocol, host, port }) => ({
        name,
        host,
        port,
        securityProtocol: securityProtocols[protocol],
      })),
      features: this.features,
      rack: this.config.text('broker.rack'),
    })
    this.groups.loadInBackground()
  }

  get connectionCount(): number {
    return this.#server.connectionCount
  }

  close({ timeoutMs }: { readonly timeoutMs: number }): Promise<void> {
    this.#closing ??= this.#stop(timeoutMs)
    return this.#closing
  }

  tearConnections(): Promise<void> {
    return this.#server.tear()
  }

  async #stop(timeoutMs: number): Promise<void> {
    await this.#server.stopListening()
    this.purgatory.close()
    this.groups.close()
    await this.#server.close(timeoutMs)
    await this.#logs.closeLogs()
    this.controller.close()
    this.#logs.close(this.#brokerEpoch)
    this.#storage.close()
  }

  #applyDynamicConfigs(image: MetadataImage): void {
    const cluster = brokerOverrides(image, '')
    const own = brokerOverrides(image, this.nodeId)
    this.config.setDynamic({ ...(cluster && { cluster }), ...(own && { own }) })
  }
}

/** Memory that is kept for the next fetches to read into. */
const fetchMemoryBytes = 16 * 1024 * 1024

/** Kafka's `max.incremental.fetch.session.cache.slots`. */
const maxFetchSessions = 1000

/** Kafka's reserved id of the metadata log's topic. */
const metadataTopicId = '00000000-0000-0000-0000-000000000001'

/** The metadata log takes batches of any size: a change is one batch or none. */
const maxMetadataBatchBytes = 0x7fffffff

/** Opens the metadata log where the newest snapshot, if there is one, says that it begins to count. */
const openMetadataLog = (
  logs: LogManager,
  storage: Storage,
  config: BrokerConfig,
  nowMs: number,
): MetadataLog => {
  const log = logs.openDirectory(metadataDirectory, {
    maxMessageBytes: maxMetadataBatchBytes,
    fileDeleteDelayMs: 0,
    segmentBytes: config.number('metadata.log.segment.bytes'),
    segmentMs: config.number('metadata.log.segment.ms'),
    cleanupDelete: false,
  })
  const snapshot = readNewestSnapshot(storage)
  const end = snapshot?.endOffset ?? 0
  if (end > log.logEndOffset) log.truncateFullyAndStartAt(end, nowMs)
  return new MetadataLog(log, snapshot)
}

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

/** Where clients of a listener are sent to: what it advertises, else what it got; a wildcard cannot be connected to. */
const reachable = (
  { name, protocol, advertise }: ListenerConfig,
  bound: HostPort,
): BrokerListener => {
  const isWildcard = bound.host === '0.0.0.0' || bound.host === '::' || bound.host === ''
  const host = advertise?.host ?? (isWildcard ? 'localhost' : bound.host)
  const port = advertise === undefined || advertise.port === 0 ? bound.port : advertise.port
  return { name, protocol, host, port, bootstrapServers: formatHostPort({ host, port }) }
}
