import type { TlsServerOptions } from '@ottla/network'
import { InvalidArgumentError, uuidToBase64 } from '@ottla/protocol'
import { BrokerConfig } from './config/broker-config.js'
import { configTexts, type GivenConfigs } from './config/given-configs.js'
import { checkGroupDefaults } from './config/group-config.js'
import { listOf } from './config/listener-text.js'
import { type SecurityProtocol, securityProtocols } from './config/listeners.js'
import { type Platform, type Random, type Storage, systemPlatform } from './platform.js'
import { type KafkaRelease, kafkaReleases } from './releases.js'
import { formatHostPort, type HostPort, parseHostPort } from './server/address.js'
import type { ValidateToken } from './server/sasl/oauthbearer-exchange.js'
import { type BrokerUser, checkUsers } from './server/sasl/users.js'

/** One address to listen on. */
export interface ListenerOptions {
  /** Default: the protocol. Needed where two listeners speak the same. */
  readonly name?: string | undefined
  /** With TLS: `SSL`, `SASL_SSL`; with users: `SASL_PLAINTEXT`, `SASL_SSL`. */
  readonly protocol: SecurityProtocol
  /** Default `127.0.0.1`. */
  readonly host?: string | undefined
  /** Default 0: a free one. */
  readonly port?: number | undefined
  /** `host:port` that its clients are told to connect to; port 0 stands for the port that was taken. */
  readonly advertise?: string | undefined
  /** Key and certificate, where the protocol has TLS. Default: what the `ssl.*` configs say. */
  readonly tls?: TlsServerOptions | undefined
}

/** How to start a broker. Everything is optional: without options it runs in memory, on a free port of the loopback. */
export interface BrokerOptions {
  /** `host:port` to listen on, or `PROTOCOL://host:port`; port 0 takes a free one. Default `127.0.0.1:0`. */
  readonly listen?: string | undefined
  /** Host to listen on, where `listen` is not given. */
  readonly host?: string | undefined
  /** Port to listen on, where `listen` is not given. */
  readonly port?: number | undefined
  /**
   * `host:port` that clients are told to connect to, where it is not the address listened on: behind a port mapping, say.
   * With several listeners `NAME://host:port`, comma-separated. Port 0 stands for the port that was taken.
   */
  readonly advertise?: string | undefined
  /** Several addresses, or one with TLS or SASL; instead of `listen`, `host` and `port`. The first is the main one. */
  readonly listeners?: readonly ListenerOptions[] | undefined
  /** Who may come in on SASL listeners; SCRAM credentials are stored as `kafka-configs` would. */
  readonly users?: readonly BrokerUser[] | undefined
  /** Checks OAUTHBEARER tokens. Given, the mechanism is enabled; enabled without it, tokens are believed unsigned. */
  readonly validateToken?: ValidateToken | undefined
  /** The Kafka release whose APIs and versions are shown: the newest this broker knows, or an older one. Default `4.4`. */
  readonly release?: KafkaRelease | undefined
  /** Directory for the data, in Kafka's own layout. Absent: everything is kept in memory and gone at the end. */
  readonly dataDir?: string | undefined
  /** Id of this node. Default 1, or what `meta.properties` in `dataDir` says. */
  readonly nodeId?: number | undefined
  /** Kafka's 22-character form. Default: what `dataDir` was made with, or a random one. */
  readonly clusterId?: string | undefined
  /** Configs by the names of Kafka's server.properties, such as `{ 'num.partitions': 3 }`; text, numbers and booleans. */
  readonly configs?: GivenConfigs | undefined
  /** Clock, randomness and network; a simulation puts its own here. Default: the real ones. */
  readonly platform?: Platform | undefined
  /** Where files are kept, instead of `dataDir`: for tests that restart a broker or make its disk fail. */
  readonly storage?: Storage | undefined
}

/** Options with everything filled in. */
export interface ResolvedOptions {
  /** `listeners`, `advertised.listeners` and `listener.security.protocol.map` as the options have them. */
  readonly listenerConfigs: Readonly<Record<string, string>>
  /** TLS given in code, by the name of the listener. */
  readonly tls: ReadonlyMap<string, TlsServerOptions>
  readonly users: readonly BrokerUser[]
  readonly validateToken: ValidateToken | undefined
  readonly release: KafkaRelease
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
  'listeners',
  'users',
  'validateToken',
  'release',
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
  const { nodeId, clusterId, users = [], release = '4.4' } = options
  if (nodeId !== undefined && (!Number.isInteger(nodeId) || nodeId < 0 || nodeId > 0x7fffffff)) {
    throw new InvalidArgumentError(
      `nodeId must be a whole number from 0 to 2147483647, not ${nodeId}`,
    )
  }
  if (clusterId === '') throw new InvalidArgumentError('clusterId must not be empty')
  if (!kafkaReleases.includes(release)) {
    throw new InvalidArgumentError(
      `release must be one of ${kafkaReleases.join(', ')}, not ${release}`,
    )
  }
  checkUsers(users)
  const configs = configTexts(options.configs)
  return {
    listenerConfigs: listenerConfigs(options, configs),
    tls: tlsByListener(options.listeners ?? []),
    users,
    validateToken: options.validateToken,
    release,
    dataDir: options.dataDir,
    nodeId,
    clusterId,
    configs,
    platform: options.platform ?? systemPlatform,
    storage: options.storage,
  }
}

const loopback = '127.0.0.1'

const checkPort = (port: number): number => {
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port
  // A port in quotes looks like a number unless the quotes are shown.
  const given = typeof port === 'string' ? `'${port}'` : port
  throw new InvalidArgumentError(`port must be a whole number from 0 to 65535, not ${given}`)
}

/** What the options say of listeners, in Kafka's configs: there is one way from there to sockets. */
const listenerConfigs = (
  options: BrokerOptions,
  configs: Readonly<Record<string, string>>,
): Record<string, string> => {
  const { listen, host, port, listeners, advertise } = options
  const isPlain = listen !== undefined || host !== undefined || port !== undefined
  const ways = [isPlain, listeners !== undefined, configs.listeners !== undefined]
  if (ways.filter(Boolean).length > 1) {
    throw new InvalidArgumentError(
      'where to listen is said twice: give listen (or host and port), or listeners, or the config listeners',
    )
  }
  if (listeners !== undefined) return severalListeners(listeners, advertise)
  if (configs.listeners !== undefined) {
    const names = listOf(configs.listeners).map((each) => each.split('://')[0] ?? '')
    return advertise === undefined ? {} : { 'advertised.listeners': advertised(advertise, names) }
  }
  const one = listen ?? formatHostPort({ host: host ?? loopback, port: checkPort(port ?? 0) })
  const named = one.includes('://')
    ? one
    : `PLAINTEXT://${formatHostPort(parseHostPort(one, 'listen'))}`
  const names = listOf(named).map((each) => each.split('://')[0] ?? '')
  return {
    listeners: named,
    ...(advertise !== undefined && { 'advertised.listeners': advertised(advertise, names) }),
  }
}

/** `advertise` without a name is for the one listener there is. */
const advertised = (advertise: string, names: readonly string[]): string => {
  if (advertise.includes('://')) return advertise
  if (names.length > 1) {
    throw new InvalidArgumentError(
      `advertise must say which listener it is for, such as ${names[0]}://${advertise}: there are ${names.join(', ')}`,
    )
  }
  return `${names[0]}://${formatHostPort(parseHostPort(advertise, 'advertise'))}`
}

const nameOf = ({ name, protocol }: ListenerOptions): string => (name ?? protocol).toUpperCase()

const severalListeners = (
  listeners: readonly ListenerOptions[],
  advertise: string | undefined,
): Record<string, string> => {
  const address = (listener: ListenerOptions, { host, port }: HostPort): string =>
    `${nameOf(listener)}://${formatHostPort({ host, port })}`
  for (const { protocol } of listeners) {
    if (!(protocol in securityProtocols)) {
      const known = Object.keys(securityProtocols).join(', ')
      throw new InvalidArgumentError(
        `protocol of a listener must be one of ${known}, not ${protocol}`,
      )
    }
  }
  const own = listeners.flatMap((listener) =>
    listener.advertise === undefined
      ? []
      : [address(listener, parseHostPort(listener.advertise, 'advertise'))],
  )
  if (advertise !== undefined) own.push(advertised(advertise, listeners.map(nameOf)))
  return {
    listeners: listeners
      .map((each) =>
        address(each, { host: each.host ?? loopback, port: checkPort(each.port ?? 0) }),
      )
      .join(','),
    'listener.security.protocol.map': listeners
      .map((each) => `${nameOf(each)}:${each.protocol}`)
      .join(','),
    ...(own.length > 0 && { 'advertised.listeners': own.join(',') }),
  }
}

const tlsByListener = (
  listeners: readonly ListenerOptions[],
): ReadonlyMap<string, TlsServerOptions> =>
  new Map(
    listeners.flatMap((listener): [string, TlsServerOptions][] =>
      listener.tls === undefined ? [] : [[nameOf(listener), listener.tls]],
    ),
  )

/**
 * What differs from Kafka's defaults, as if written into server.properties: a group's first rebalance waits for nobody,
 * internal topics have the one replica that one broker can hold, and SASL takes the passwords of `users`. All are what
 * every test set-up changes first.
 */
const testFriendly = {
  'group.initial.rebalance.delay.ms': '0',
  'offsets.topic.replication.factor': '1',
  'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
}

/**
 * The broker's configuration: Kafka's defaults, ours, what the caller set, and what follows from the options.
 * @throws InvalidArgumentError for configs that do not fit together.
 */
export const resolveConfig = (options: ResolvedOptions, nodeId: number): BrokerConfig => {
  const { listenerConfigs: listeners, dataDir, configs, validateToken } = options
  const withTokens = `${testFriendly['sasl.enabled.mechanisms']},OAUTHBEARER`
  const config = new BrokerConfig(
    testFriendly,
    validateToken === undefined ? {} : { 'sasl.enabled.mechanisms': withTokens },
    configs,
    {
      'node.id': String(nodeId),
      'process.roles': 'broker,controller',
      ...listeners,
      ...(dataDir !== undefined && { 'log.dirs': dataDir }),
    },
  )
  checkGroupDefaults(config)
  return config
}

/** A random cluster id, in Kafka's form; none begins with a dash. */
export const newClusterId = (random: Random): string => {
  for (;;) {
    const id = uuidToBase64(random.uuid())
    if (!id.startsWith('-')) return id
  }
}
