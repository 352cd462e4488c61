import {
  type Api,
  ClosedError,
  ConnectionError,
  FindCoordinator,
  type Infer,
  type KafkaError,
  type MessageType,
  Metadata,
  type MetadataRequestInput,
  type MetadataResponse,
  TimeoutError,
} from '@ottla/protocol'
import { diagnostics, publish } from '../diagnostics.js'
import type { ResolvedClientOptions } from '../options/client-options.js'
import { logDiagnostics } from '../platform/debug-log.js'
import type { Platform } from '../platform/platform.js'
import { type Backoff, createBackoff } from '../retry/backoff.js'
import { retry } from '../retry/retry.js'
import { waitFor } from '../retry/sleep.js'
import type { VersionLimits } from '../session/version-table.js'
import type { Connection } from './connection.js'
import { ConnectionPool } from './connection-pool.js'
import {
  type CoordinatorType,
  coordinatorRequest,
  minCoordinatorVersion,
  readCoordinator,
} from './coordinator-lookup.js'
import { MetadataCache } from './metadata-cache.js'
import { MetadataRecovery } from './metadata-recovery.js'
import { MetadataRefresher, type RefreshTarget } from './metadata-refresher.js'
import { PendingRequest } from './pending-request.js'
import type { RequestInput, RequestOptions, RequestResult } from './request.js'
import { createSaslExchanges } from './sasl-exchange.js'
import { TopicLookup } from './topic-lookup.js'

/** Limits of one call; each has its own default. */
export interface CallOptions {
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Address of a broker, as responses carry it (KIP-951). */
export interface NodeEndpoint {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly rack?: string | null | undefined
}

/** How long `close` waits for buffered bytes to leave. */
const closeTimeoutMs = 5000

/**
 * A client's view of one Kafka cluster: connections on demand, one request at a time or many, the newest metadata, and
 * who coordinates what. Producer, consumer and admin are built on it and may share one.
 *
 * It does not read error codes inside responses, except those of its own requests (Metadata, FindCoordinator).
 *
 * ```ts
 * const cluster = new Cluster(clientOptions.resolve({ bootstrapServers: 'localhost:9092' }))
 * const { response } = await cluster.request(DescribeCluster, {})
 * await cluster.close()
 * ```
 */
export class Cluster {
  readonly options: ResolvedClientOptions
  readonly platform: Platform
  /** What is known of topics and brokers; read it at will, refresh it by `refreshMetadata` or `ensureTopics`. */
  readonly metadata: MetadataCache = new MetadataCache()
  readonly #pool: ConnectionPool
  readonly #refresher: MetadataRefresher
  readonly #recovery: MetadataRecovery
  readonly #closing = new AbortController()
  readonly #backoff: Backoff
  readonly #coordinators = new Map<string, number>()
  readonly #lookups = new Map<string, Promise<number>>()
  #closed: Promise<void> | undefined

  constructor(options: ResolvedClientOptions, platform: Platform = options.platform) {
    this.options = options
    this.platform = platform
    this.#backoff = createBackoff({
      random: platform.random,
      baseMs: options.retryBackoffMs,
      maxMs: options.retryBackoffMaxMs,
    })
    const { sasl } = options
    const beginSasl = sasl === undefined ? undefined : createSaslExchanges(sasl, platform)
    const context = { options, platform, closing: this.#closing.signal, beginSasl }
    this.#pool = new ConnectionPool(context, this.metadata)
    this.#recovery = new MetadataRecovery(options, (error) => this.#rebootstrap(error))
    this.#refresher = new MetadataRefresher(
      this.metadata,
      (input, check) => this.#fetchMetadata(input, check),
      () => platform.clock.monotonic(),
      () => this.#pool.update(),
    )
    logDiagnostics(diagnostics)
  }

  /** Connects to some broker, to fail fast where it matters; every other call connects by itself. */
  async connect(options: CallOptions = {}): Promise<void> {
    this.#assertOpen()
    await this.#pool.acquire('any', 'main', this.#limits(options, this.options.defaultApiTimeoutMs))
    if (this.metadata.brokers().length === 0) {
      await this.refreshMetadata({ ...options, topics: [] })
    }
  }

  /**
   * Sends one request and resolves with its response. Connects if need be, speaks the highest version both sides know, and
   * sends large byte fields (records) without copying them. Tries once: retrying is the caller's decision (`retry`).
   *
   * @throws ConnectionError, TimeoutError (the connection is closed, and what the broker did is unknown),
   * UnsupportedVersionError, WireError, ClosedError, or the signal's reason.
   */
  request<Request extends MessageType, Response extends MessageType>(
    api: Api<Request, Response>,
    input: RequestInput<Request>,
    options: RequestOptions = {},
  ): Promise<RequestResult<Infer<Response>>> {
    const { timeoutMs = this.options.requestTimeoutMs, lane = 'main', signal } = options
    if (this.#closed !== undefined) return Promise.reject(closedError())
    if (signal?.aborted) return Promise.reject(signal.reason)
    const startMs = this.platform.clock.monotonic()
    this.#refresher.refreshWhenOld(startMs, this.options.metadataMaxAgeMs)
    const { node = 'any' } = options
    const connection = node === 'controller' ? undefined : this.#pool.ready(node, lane)
    const result = new Promise<RequestResult<unknown>>((resolve, reject) => {
      const request = new PendingRequest(api, input, startMs, timeoutMs, options, resolve, reject)
      if (connection === undefined) this.#connectAndRequest(request, node, lane)
      else connection.request(request)
    })
    // The session decoded the answer by the schema of `api.response`.
    return result as Promise<RequestResult<Infer<Response>>>
  }

  /** The versions of an API that a broker serves; undefined when it lacks the API. Connects if need be. */
  async versionsOf(
    api: Api<MessageType, MessageType>,
    options: CallOptions & Pick<RequestOptions, 'node' | 'lane'> = {},
  ): Promise<VersionLimits | undefined> {
    const connection = await this.#acquire(options.node ?? 'any', options.lane ?? 'main', options)
    return connection.versions?.limitsOf(api.key)
  }

  /** Finalized features of the cluster and their levels, such as `transaction.version`. Connects if need be. */
  async features(options: CallOptions = {}): Promise<ReadonlyMap<string, number>> {
    const connection = await this.#acquire('any', 'main', options)
    return connection.versions?.features ?? new Map()
  }

  /**
   * Asks for metadata and resolves when an answer given after this call is in `metadata`. Calls that run at the same time
   * share a request. Retries until the time is up.
   *
   * @throws TimeoutError (default `defaultApiTimeoutMs`), BrokerError, ClosedError, the signal's reason. An error of a
   * single topic is not thrown but stands in `metadata`.
   */
  refreshMetadata(options: RefreshTarget & CallOptions = {}): Promise<void> {
    if (this.#closed !== undefined) return Promise.reject(closedError())
    return this.#wait(this.#refresher.refresh(options), options, 'metadata was not refreshed')
  }

  /**
   * Makes sure that the metadata of these topics is known and not marked as stale, asking for it as often as it takes.
   *
   * @throws BrokerError for a topic that cannot be had (no right to it, invalid name), and for one that the brokers keep saying
   * they do not have (after 1.5 s, or 5 s if they may create it: metadata takes a while to get about); TimeoutError when the
   * brokers do not answer or a topic stays in a passing error (default `defaultApiTimeoutMs`).
   */
  async ensureTopics(
    names: readonly string[],
    options: CallOptions & Pick<RefreshTarget, 'allowAutoTopicCreation'> = {},
  ): Promise<void> {
    if (!names.some((name) => this.metadata.isStale(name))) return
    const { timeoutMs = this.options.defaultApiTimeoutMs, signal, allowAutoTopicCreation } = options
    const limits = { timeoutMs, signal, what: `looking up ${names.join(', ')}` }
    const { metadata, platform } = this
    const mayCreate = allowAutoTopicCreation === true
    const lookup = new TopicLookup({ metadata, clock: platform.clock, mayCreate })
    const attempt = async (left: CallOptions): Promise<void> => {
      const topics = names.filter((name) => metadata.isStale(name))
      if (topics.length === 0) return
      await this.refreshMetadata({ topics, allowAutoTopicCreation, ...left })
      lookup.check(topics)
    }
    await this.#retry(limits, attempt, (error) => lookup.mayAppear(error))
  }

  /**
   * The node that coordinates a group or a transactional id, from the cache or by asking.
   *
   * @throws BrokerError, TimeoutError (default `defaultApiTimeoutMs`), the signal's reason.
   */
  coordinator(type: CoordinatorType, key: string, options: CallOptions = {}): Promise<number> {
    if (this.#closed !== undefined) return Promise.reject(closedError())
    const id = `${type}:${key}`
    const known = this.#coordinators.get(id)
    if (known !== undefined) return Promise.resolve(known)
    let lookup = this.#lookups.get(id)
    if (lookup === undefined) {
      lookup = this.#findCoordinator(type, key).finally(() => this.#lookups.delete(id))
      lookup.catch(() => {})
      this.#lookups.set(id, lookup)
    }
    return this.#wait(lookup, options, `the coordinator of ${type} ${key} was not found`)
  }

  /**
   * A partition's new leader, as an answer to Produce or Fetch named it beside NOT_LEADER_OR_FOLLOWER or FENCED_LEADER_EPOCH
   * (KIP-951): taken over at once when its epoch is newer than the known one, without asking for metadata.
   *
   * @param nodeEndpoints the addresses that came with the answer.
   * @returns whether it was taken over.
   */
  applyLeaderHints(
    topic: string,
    partition: number,
    leader: { readonly leaderId: number; readonly leaderEpoch: number },
    nodeEndpoints: readonly NodeEndpoint[],
  ): boolean {
    const { leaderId, leaderEpoch } = leader
    const endpoint = nodeEndpoints.find(({ nodeId }) => nodeId === leaderId)
    if (leaderId < 0 || (endpoint ?? this.metadata.broker(leaderId)) === undefined) return false
    const hint = { node: leaderId, leaderEpoch }
    if (!this.metadata.applyLeaderHint(topic, partition, hint)) return false
    if (endpoint !== undefined) {
      const { host, port, rack = null } = endpoint
      this.metadata.addBroker({ node: leaderId, host, port, rack })
      this.#pool.update()
    }
    return true
  }

  /**
   * Why nothing can be reached: every address tried, with the last error of each and since when. For the `cause` of errors that
   * say that an operation took too long. Undefined while a broker is connected, or before the first attempt failed.
   */
  unreachable(): ConnectionError | undefined {
    return this.#pool.trouble()
  }

  /** The cached coordinator answered that it is none, or cannot be reached: ask again next time. */
  forgetCoordinator(type: CoordinatorType, key: string): void {
    this.#coordinators.delete(`${type}:${key}`)
  }

  /**
   * Cuts the connections of lanes whose names begin with `prefix`, for a client that has closed while others go on. Requests
   * still open on them fail with a ClosedError. Resolves when their sockets are gone; a connection that is being made is cut
   * as soon as it is there, which is not waited for.
   */
  async closeLanes(prefix: string): Promise<void> {
    await this.#pool.closeLanes(prefix, closedError())
  }

  /**
   * Closes all connections. Requests still open fail with a ClosedError; bytes already handed over get `timeoutMs`
   * (default 5 s) to leave. Afterwards no socket and no timer is left. Idempotent; never rejects.
   */
  close({
    timeoutMs = closeTimeoutMs,
  }: {
    readonly timeoutMs?: number | undefined
  } = {}): Promise<void> {
    this.#closed ??= this.#close(timeoutMs)
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(timeoutMs: number): Promise<void> {
    const error = closedError()
    this.#closing.abort(error)
    const cutOff = this.platform.clock.setTimer(timeoutMs, () => this.#pool.destroy(error))
    await this.#pool.close(error)
    cutOff.cancel()
  }

  #assertOpen(): void {
    if (this.#closed !== undefined) throw closedError()
  }

  #connectAndRequest(
    request: PendingRequest,
    node: number | 'any' | 'controller',
    lane: string,
  ): void {
    const { deadlineMs, timeoutMs, signal } = request
    const limits = { deadlineMs, timeoutMs, signal }
    const use = (connection: Connection): void => {
      if (signal?.aborted) request.reject(signal.reason)
      else connection.request(request)
    }
    const fail = (error: unknown): void => request.reject(error)
    const connect = (target: number | 'any'): void =>
      this.#pool.whenReady(target, lane, limits, use, fail)
    if (node === 'controller') this.#controller({ timeoutMs, signal }).then(connect, fail)
    else connect(node)
  }

  /** The controller's id, or any broker where none is known (brokers forward what is the controller's). */
  async #controller(options: CallOptions): Promise<number | 'any'> {
    if (this.metadata.controllerId < 0) await this.refreshMetadata({ ...options, topics: [] })
    return this.metadata.controllerId < 0 ? 'any' : this.metadata.controllerId
  }

  async #acquire(
    node: number | 'any' | 'controller',
    lane: string,
    options: CallOptions,
  ): Promise<Connection> {
    this.#assertOpen()
    const target = node === 'controller' ? await this.#controller(options) : node
    return this.#pool.acquire(target, lane, this.#limits(options, this.options.requestTimeoutMs))
  }

  #limits({ timeoutMs, signal }: CallOptions, defaultMs: number) {
    const limitMs = timeoutMs ?? defaultMs
    return { deadlineMs: this.platform.clock.monotonic() + limitMs, timeoutMs: limitMs, signal }
  }

  /** One caller's wait for work that is shared. */
  #wait<T>(shared: Promise<T>, options: CallOptions, failure: string): Promise<T> {
    const limits = this.#limits(options, this.options.defaultApiTimeoutMs)
    const { clock } = this.platform
    return waitFor(shared, {
      ...limits,
      clock,
      onTimeout: () => {
        const cause = this.unreachable()
        const why = cause === undefined ? '' : `: ${cause.message}`
        return new TimeoutError(`${failure} within ${limits.timeoutMs} ms${why}`, { cause })
      },
    })
  }

  #retry<T>(
    limits: CallOptions & { readonly what: string },
    attempt: (limits: CallOptions) => Promise<T>,
    shouldRetry?: (error: KafkaError) => boolean,
  ): Promise<T> {
    const { clock, random } = this.platform
    const { timeoutMs = this.options.defaultApiTimeoutMs, signal, what } = limits
    const backoff = this.#backoff
    const explain = () => this.unreachable()
    return retry({ clock, random, backoff, timeoutMs, signal, what, shouldRetry, explain }, attempt)
  }

  /** Asks for metadata until a broker gives it; shared by all who wait. */
  #fetchMetadata(
    input: (version: number) => MetadataRequestInput,
    check: (response: MetadataResponse) => void,
  ): Promise<MetadataResponse> {
    const limits = { signal: this.#closing.signal, what: 'asking for metadata' }
    const attempt = async (left: CallOptions): Promise<MetadataResponse> => {
      const timeoutMs = Math.min(left.timeoutMs ?? Infinity, this.options.requestTimeoutMs)
      const { response } = await this.request(Metadata, input, { timeoutMs })
      check(response)
      this.#recovery.succeeded()
      return response
    }
    const { clock } = this.platform
    return this.#retry(limits, attempt, (error) => this.#recovery.failed(error, clock.monotonic()))
  }

  #rebootstrap(reason: KafkaError): void {
    publish('ottla:metadata:rebootstrap', () => ({ reason }))
    const text = `what was known of the brokers is out of date (${reason.message}); starting again from bootstrapServers`
    this.#pool.rebootstrap(
      new ConnectionError(text, { code: 'OTTLA_CONNECTION_REBOOTSTRAP', cause: reason }),
    )
    this.#coordinators.clear()
  }

  async #findCoordinator(type: CoordinatorType, key: string): Promise<number> {
    const limits = {
      signal: this.#closing.signal,
      what: `finding the coordinator of ${type} ${key}`,
    }
    return this.#retry(limits, async (left) => {
      const { response, version } = await this.request(
        FindCoordinator,
        (version) => coordinatorRequest(type, key, version),
        {
          minVersion: minCoordinatorVersion[type],
          timeoutMs: Math.min(left.timeoutMs ?? Infinity, this.options.requestTimeoutMs),
        },
      )
      const broker = readCoordinator(response, type, key, version)
      this.metadata.addBroker(broker)
      this.#pool.update()
      this.#coordinators.set(`${type}:${key}`, broker.node)
      return broker.node
    })
  }
}

const closedError = (): ClosedError => new ClosedError('this client is closed; create a new one')
