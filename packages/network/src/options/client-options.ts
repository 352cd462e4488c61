import { type Platform, systemPlatform } from '../platform/platform.js'
import type { TlsOptions } from '../transport/tls-options.js'
import { type Address, readAddresses } from './addresses.js'
import { defineOptions, type OptionsInput, type ResolvedOptions } from './define-options.js'
import { option } from './option.js'
import { type ResolvedSasl, readSasl, type SaslOptions } from './sasl-options.js'
import { readTls } from './tls-option.js'

const maxInt32 = 2 ** 31 - 1

const isPlatform = (input: unknown): input is Platform =>
  typeof input === 'object' && input !== null && 'clock' in input && 'network' in input

/**
 * What every client takes, in Kafka's names (https://kafka.apache.org/documentation/#configuration), camelCased, with
 * Kafka's defaults. Producer, consumer and admin spread `clientOptions.table` into their own.
 */
const table = {
  /** Brokers to start from, as `host:port`, comma-separated or an array. Any one of them leads to the whole cluster. */
  bootstrapServers: option.requiredValue<string | readonly string[], readonly Address[]>({
    doc: 'Brokers to start from; any one of them leads to the whole cluster.',
    aliases: ['brokers', 'bootstrapBrokers', 'seedBrokers', 'metadataBrokerList'],
    expected: '"host:port" addresses, comma-separated or in an array',
    read: readAddresses,
  }),
  /** Name of this client in the brokers' logs, quotas and metrics. */
  clientId: option.string({
    default: 'ottla',
    doc: "Name of this client in the brokers' logs, quotas and metrics.",
  }),
  /** Longest wait for the answer to one request, its way through queue and connection included. */
  requestTimeoutMs: option.integer({
    default: 30_000,
    min: 1,
    max: maxInt32,
    doc: 'Longest wait for the answer to one request; a broker that exceeds it loses its connection.',
  }),
  /** Longest time for an operation made of several requests and retries. */
  defaultApiTimeoutMs: option.integer({
    default: 60_000,
    min: 1,
    max: maxInt32,
    doc: 'Longest time for an operation made of several requests and retries, unless it is given its own.',
  }),
  /** Longest time to make a connection; doubles with each failure of a broker up to the maximum. */
  socketConnectionSetupTimeoutMs: option.integer({
    aliases: ['connectionTimeout', 'connectTimeout'],
    default: 10_000,
    min: 1,
    max: maxInt32,
    doc: 'Longest time to make a connection; doubles with each failure up to the maximum.',
  }),
  socketConnectionSetupTimeoutMaxMs: option.integer({
    default: 30_000,
    min: 1,
    max: maxInt32,
    doc: 'Where the doubling of socketConnectionSetupTimeoutMs ends.',
  }),
  /** First pause before a broker is tried again; doubles, with 20 % jitter. */
  reconnectBackoffMs: option.integer({
    default: 50,
    min: 1,
    max: maxInt32,
    doc: 'First pause before a broker that failed is connected again; doubles, with 20 % jitter.',
  }),
  reconnectBackoffMaxMs: option.integer({
    default: 1000,
    min: 1,
    max: maxInt32,
    doc: 'Where the doubling of reconnectBackoffMs ends.',
  }),
  /** First pause before a failed request is tried again; doubles, with 20 % jitter. */
  retryBackoffMs: option.integer({
    aliases: ['retryDelay'],
    default: 100,
    min: 1,
    max: maxInt32,
    doc: 'First pause before a failed request is tried again; doubles, with 20 % jitter.',
  }),
  retryBackoffMaxMs: option.integer({
    default: 1000,
    min: 1,
    max: maxInt32,
    doc: 'Where the doubling of retryBackoffMs ends.',
  }),
  /** Age at which metadata is fetched again in the background, when the client is in use. */
  metadataMaxAgeMs: option.integer({
    default: 300_000,
    min: 1,
    max: maxInt32,
    doc: 'Age at which metadata is fetched again in the background, when the client is in use.',
  }),
  /** A connection that nobody used for this long is closed; 0 never closes one. Brokers close theirs after 10 minutes. */
  connectionsMaxIdleMs: option.integer({
    default: 540_000,
    min: 0,
    max: maxInt32,
    doc: 'A connection that nobody used for this long is closed; 0 never closes one.',
  }),
  /** Requests on one connection that wait for their answer; more queue up behind them. */
  maxInFlightRequestsPerConnection: option.integer({
    aliases: ['maxInFlightRequests'],
    default: 5,
    min: 1,
    max: 10_000,
    doc: 'Requests on one connection that wait for their answer; more queue up behind them.',
  }),
  /** A longer answer than this ends the connection. Bounds memory. */
  maxResponseBytes: option.integer({
    default: 128 * 1024 * 1024,
    min: 1024,
    max: maxInt32,
    doc: 'A longer answer than this ends the connection, which bounds memory.',
  }),
  /** Encrypts connections: true with the well-known authorities, or what to trust and show. Default false. */
  tls: option.value<boolean | TlsOptions, TlsOptions | false>({
    default: false,
    doc: 'Encrypts connections: true with the well-known authorities, or certificates as PEM text.',
    expected: 'true, false or an object such as { ca: readFileSync(path) }',
    aliases: ['ssl'],
    read: readTls,
  }),
  /** How this client proves who it is: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER. Default: not at all. */
  sasl: option.value<SaslOptions, ResolvedSasl | undefined>({
    default: undefined,
    doc: 'How this client proves who it is.',
    expected: "an object such as { mechanism: 'SCRAM-SHA-256', username, password }",
    aliases: ['auth', 'authentication'],
    read: readSasl,
  }),
  /**
   * How long a client that has never reached a broker tries on while no host name of `bootstrapServers` resolves. Calls then fail at
   * once instead of waiting out their time: raise it where names appear late. `connect` does not wait at all.
   */
  bootstrapResolveTimeoutMs: option.integer({
    default: 5000,
    min: 0,
    max: maxInt32,
    doc: 'How long a new client tries on while no host name of bootstrapServers resolves.',
  }),
  /** What to do when no known broker helps any more: `rebootstrap` starts again from `bootstrapServers` (KIP-899). */
  metadataRecoveryStrategy: option.choice<'rebootstrap' | 'none'>({
    default: 'rebootstrap',
    choices: ['rebootstrap', 'none'],
    doc: 'What to do when no known broker helps any more: start again from bootstrapServers, or not.',
  }),
  /** So long must asking for metadata have failed before brokers are forgotten and bootstrapping starts again (KIP-1102). */
  metadataRecoveryRebootstrapTriggerMs: option.integer({
    default: 300_000,
    min: 0,
    max: maxInt32,
    doc: 'So long must asking for metadata have failed before bootstrapping starts again.',
  }),
  /** Time, randomness and sockets; another one than the system's only in simulations. */
  platform: option.value<Platform, Platform>({
    default: systemPlatform,
    doc: 'Time, randomness and sockets; another one than the default only in simulations.',
    expected: 'an object with clock, random, network and crypto',
    read: (input) => (isPlatform(input) ? input : undefined),
  }),
} as const

/** The options of every client: table and check. */
export const clientOptions = defineOptions('Client', table)

/** What every client takes; see each option. */
export interface ClientOptions extends OptionsInput<typeof table> {}

/** `ClientOptions`, checked, with all defaults filled in. */
export interface ResolvedClientOptions extends ResolvedOptions<typeof table> {}
