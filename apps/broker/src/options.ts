import { InvalidArgumentError, uuidToBase64 } from '@ottla/protocol'
import { BrokerConfig } from './config/broker-config.js'
import { type Platform, type Random, type Storage, systemPlatform } from './platform.js'
import { formatHostPort, type HostPort, parseHostPort } from './server/address.js'

/** How to start a broker. Everything is optional: without options it runs in memory, on a free port of the loopback. */
export interface BrokerOptions {
  /** `host:port` to listen on; port 0 takes a free one. Default `127.0.0.1:0`. */
  readonly listen?: string
  /** Host to listen on, where `listen` is not given. */
  readonly host?: string
  /** Port to listen on, where `listen` is not given. */
  readonly port?: number
  /** `host:port` that clients are told to connect to, where it is not the address listened on: behind a port mapping, say. */
  readonly advertise?: string
  /** Directory for the data, in Kafka's own layout. Absent: everything is kept in memory and gone at the end. */
  readonly dataDir?: string
  /** Id of this node. Default 1, or what `meta.properties` in `dataDir` says. */
  readonly nodeId?: number
  /** Kafka's 22-character form. Default: what `dataDir` was made with, or a random one. */
  readonly clusterId?: string
  /** Configs by the names of Kafka's server.properties, such as `{ 'num.partitions': '3' }`. */
  readonly configs?: Readonly<Record<string, string>>
  /** Clock, randomness and network; a simulation puts its own here. Default: the real ones. */
  readonly platform?: Platform
  /** Where files are kept, instead of `dataDir`: for tests that restart a broker or make its disk fail. */
  readonly storage?: Storage
}

/** Options with everything filled in. */
export interface ResolvedOptions {
  readonly listen: HostPort
  readonly advertise: HostPort | undefined
  readonly dataDir: string | undefined
  readonly nodeId: number | undefined
  readonly clusterId: string | undefined
  readonly configs: Readonly<Record<string, string>>
  readonly platform: Platform
  readonly storage: Storage | undefined
}

const optionNames: ReadonlySet<string> = new Set<keyof BrokerOptions>([
  'listen',
  'host',
  'port',
  'advertise',
  'dataDir',
  'nodeId',
  'clusterId',
  'configs',
  'platform',
  'storage',
])

/** @throws InvalidArgumentError for an unknown option or a value out of range. */
export const resolveOptions = (options: BrokerOptions = {}): ResolvedOptions => {
  for (const name of Object.keys(options)) {
    if (!optionNames.has(name)) {
      const known = [...optionNames].join(', ')
      throw new InvalidArgumentError(`startBroker has no option ${name}; it has ${known}`)
    }
  }
  const { listen, host = '127.0.0.1', port = 0, advertise, nodeId, clusterId } = options
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new InvalidArgumentError(`port must be a whole number from 0 to 65535, not ${port}`)
  }
  if (nodeId !== undefined && (!Number.isInteger(nodeId) || nodeId < 0 || nodeId > 0x7fffffff)) {
    throw new InvalidArgumentError(
      `nodeId must be a whole number from 0 to 2147483647, not ${nodeId}`,
    )
  }
  if (clusterId === '') throw new InvalidArgumentError('clusterId must not be empty')
  return {
    listen: listen === undefined ? { host, port } : parseHostPort(listen, 'listen'),
    advertise: advertise === undefined ? undefined : parseHostPort(advertise, 'advertise'),
    dataDir: options.dataDir,
    nodeId,
    clusterId,
    configs: options.configs ?? {},
    platform: options.platform ?? systemPlatform,
    storage: options.storage,
  }
}

/**
 * What differs from Kafka's defaults, as if written into server.properties: a group's first rebalance waits for nobody,
 * and internal topics have the one replica that one broker can hold. Both are what every test set-up changes first.
 */
const testFriendly = {
  'group.initial.rebalance.delay.ms': '0',
  'offsets.topic.replication.factor': '1',
}

/** The broker's configuration: Kafka's defaults, ours, what the caller set, and what follows from the options. */
export const resolveConfig = (options: ResolvedOptions, nodeId: number): BrokerConfig => {
  const { listen, advertise, dataDir, configs } = options
  return new BrokerConfig(testFriendly, configs, {
    'node.id': String(nodeId),
    'process.roles': 'broker,controller',
    listeners: `PLAINTEXT://${formatHostPort(listen)}`,
    ...(advertise && { 'advertised.listeners': `PLAINTEXT://${formatHostPort(advertise)}` }),
    ...(dataDir !== undefined && { 'log.dirs': dataDir }),
  })
}

/** A random cluster id, in Kafka's form; none begins with a dash. */
export const newClusterId = (random: Random): string => {
  for (;;) {
    const id = uuidToBase64(random.uuid())
    if (!id.startsWith('-')) return id
  }
}
