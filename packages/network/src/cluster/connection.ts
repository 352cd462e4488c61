import { ConnectionError, KafkaError } from '@ottla/protocol'
import { type ConnectionInfo, diagnostics, publish } from '../diagnostics.js'
import { type Address, formatAddress } from '../options/addresses.js'
import type { ResolvedClientOptions } from '../options/client-options.js'
import type { Clock, Timer } from '../platform/clock.js'
import type { Platform } from '../platform/platform.js'
import { onAbort } from '../retry/on-abort.js'
import type { SessionEffect } from '../session/call.js'
import { Session } from '../session/session.js'
import type { VersionTable } from '../session/version-table.js'
import type { ConnectionHandler, FramedConnection } from '../transport/transport.js'
import type { PendingRequest } from './pending-request.js'
import type { BeginSasl, SaslExchange } from './sasl-exchange.js'

const nothing = new Uint8Array(0)

/** What every connection of a cluster shares. */
export interface ConnectionContext {
  readonly platform: Platform
  readonly options: ResolvedClientOptions
  /** Aborts when the cluster closes. */
  readonly closing: AbortSignal
  /** Begins a SASL exchange; undefined when the client has no `sasl`. */
  readonly beginSasl: BeginSasl | undefined
}

/** Where a connection leads. */
export interface ConnectionTarget {
  readonly node: number
  readonly address: Address
  readonly lane: string
}

/** What the owner of a connection wants to hear. */
export interface ConnectionObserver {
  /** The broker answered the first request after ApiVersions. */
  onFirstAnswer(): void
  onClose(connection: Connection, error: KafkaError): void
}

/** The name of a node in messages. */
export const nodeName = (node: number, address: Address): string =>
  node < 0
    ? `bootstrap broker ${formatAddress(address)}`
    : `broker ${node} (${formatAddress(address)})`

/**
 * One open connection to a broker: carries out what its session decides, on a transport and a clock. One timer serves all
 * deadlines; it is armed anew only when an earlier one appears, so a request costs none.
 */
export class Connection implements ConnectionHandler {
  readonly lane: string
  readonly address: Address
  #node: number
  readonly #clock: Clock
  readonly #clientId: string
  readonly #session: Session<PendingRequest>
  readonly #observer: ConnectionObserver
  #transport: FramedConnection | undefined
  #timer: Timer | undefined
  #timerAtMs = Infinity
  #hasAnswered = false
  readonly #beginSasl: BeginSasl | undefined
  #exchange: SaslExchange | undefined
  /** Aborts the application's callbacks when the connection ends. */
  #saslAbort: AbortController | undefined
  #opening: { resolve: (connection: Connection) => void; reject: (error: KafkaError) => void }
  readonly #opened: Promise<Connection>
  #setClosed: () => void = () => {}
  /** Resolves when the transport has closed. */
  readonly closed: Promise<void>

  private constructor(
    context: ConnectionContext,
    target: ConnectionTarget,
    observer: ConnectionObserver,
  ) {
    const { options, platform } = context
    this.#clock = platform.clock
    this.#clientId = options.clientId
    this.#node = target.node
    this.lane = target.lane
    this.address = target.address
    this.#observer = observer
    this.#session = new Session({
      peer: this.#peer(),
      clientId: options.clientId,
      maxInFlight: options.maxInFlightRequestsPerConnection,
      negotiationTimeoutMs: options.requestTimeoutMs,
      maxIdleMs: options.connectionsMaxIdleMs,
      hasTls: options.tls !== false,
      sasl:
        options.sasl === undefined
          ? undefined
          : {
              mechanism: options.sasl.mechanism,
              renewAfter: 0.85 + 0.1 * platform.random.next(),
            },
    })
    this.#beginSasl = context.beginSasl
    this.#opening = { resolve: () => {}, reject: () => {} }
    this.#opened = new Promise((resolve, reject) => {
      this.#opening = { resolve, reject }
    })
    this.closed = new Promise((resolve) => {
      this.#setClosed = resolve
    })
  }

  /**
   * Connects, negotiates versions and authenticates.
   *
   * @throws ConnectionError, TimeoutError, AuthenticationError, UnsupportedVersionError, BrokerError, or the closing signal's reason.
   */
  static async open(
    context: ConnectionContext,
    target: ConnectionTarget,
    timeoutMs: number,
    observer: ConnectionObserver,
  ): Promise<Connection> {
    const connection = new Connection(context, target, observer)
    const { platform, options, closing } = context
    const startMs = platform.clock.monotonic()
    const tls = options.tls === false ? undefined : options.tls
    const maxFrameBytes = options.maxResponseBytes
    connection.#transport = await platform.network.connect(
      { ...target.address, timeoutMs, maxFrameBytes, signal: closing, tls },
      connection,
    )
    const ignoreClosing = onAbort(closing, () => connection.destroy(closing.reason))
    try {
      connection.#run(connection.#session.start(platform.clock.monotonic()))
      await connection.#opened
    } catch (error) {
      connection.#transport.destroy()
      await connection.closed
      throw error
    } finally {
      ignoreClosing()
    }
    publish('ottla:connection:open', () => ({
      ...connection.info,
      durationMs: platform.clock.monotonic() - startMs,
    }))
    return connection
  }

  /** Node id; negative for a bootstrap address. */
  get node(): number {
    return this.#node
  }

  get isReady(): boolean {
    return this.#session.state === 'ready'
  }

  /** Whether the broker answered anything after ApiVersions: it means well. */
  get hasAnswered(): boolean {
    return this.#hasAnswered
  }

  get pendingCalls(): number {
    return this.#session.pendingCalls
  }

  get versions(): VersionTable | undefined {
    return this.#session.versions
  }

  get info(): ConnectionInfo {
    const { lane } = this
    const address = formatAddress(this.address)
    return { node: this.#node, address, lane, clientId: this.#clientId }
  }

  /** A bootstrap address turned out to be this node. */
  rename(node: number): void {
    this.#node = node
    this.#session.rename(this.#peer())
  }

  /** Sends a request and settles it with what comes of it. */
  request(request: PendingRequest): void {
    const { versions } = this.#session
    if (versions === undefined) {
      request.reject(this.#endOfTransport(undefined))
      return
    }
    try {
      request.begin(versions.choose(request.api, request), this.#node)
      if (request.signal !== undefined) request.watch((one) => this.#session.cancel(one))
      this.#run(this.#session.submit(request, this.#clock.monotonic()))
    } catch (error) {
      request.reject(error)
    }
  }

  /** Ends the connection; requests still open fail with `error`. */
  close(error: KafkaError): void {
    this.#transport?.close()
    this.#run(this.#session.disconnect(error))
  }

  /** As `close`, without waiting for buffered bytes to leave. */
  destroy(error: KafkaError): void {
    this.#transport?.destroy()
    this.#run(this.#session.disconnect(error))
  }

  onFrame(frame: Uint8Array): void {
    this.#run(this.#session.receive(frame, this.#clock.monotonic()))
  }

  onClose(error?: Error): void {
    this.#setClosed()
    this.#run(this.#session.disconnect(this.#endOfTransport(error)))
  }

  #peer(): { name: string; node: number | string } {
    const node = this.#node < 0 ? formatAddress(this.address) : this.#node
    return { name: nodeName(this.#node, this.address), node }
  }

  #endOfTransport(cause: Error | undefined): KafkaError {
    // What the transport knows better than "lost" (TLS, a frame too long) stays what it is.
    if (cause instanceof KafkaError && cause.code !== 'OTTLA_CONNECTION') return cause
    const { name, node } = this.#peer()
    const hint =
      this.#hasAnswered || this.#session.state !== 'ready' || this.#beginSasl !== undefined
        ? ''
        : '; it answered ApiVersions and nothing after, so it may require SASL: set the option sasl'
    const why = cause === undefined ? `${name} closed the connection` : cause.message
    return new ConnectionError(`${why}${hint}`, { node, cause })
  }

  /** Has the mechanism make its next token; the session goes on when it is there. */
  #makeToken(challenge: Uint8Array | undefined): void {
    const again = (run: (nowMs: number) => readonly SessionEffect<PendingRequest>[]): void =>
      this.#run(run(this.#clock.monotonic()))
    if (challenge === undefined) {
      this.#saslAbort = new AbortController()
      this.#exchange = this.#beginSasl?.(this.#saslAbort.signal)
    }
    const step = this.#exchange?.next(challenge ?? nothing)
    step?.then(
      ({ value }) => again((nowMs) => this.#session.provideToken(value ?? undefined, nowMs)),
      (error) => again((nowMs) => this.#session.failToken(KafkaError.from(error), nowMs)),
    )
  }

  #run(effects: readonly SessionEffect<PendingRequest>[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'write':
          this.#write(effect.parts, effect.call)
          break
        case 'resolve':
          this.#resolve(effect.call, effect.response)
          break
        case 'reject':
          effect.call.reject(effect.error)
          this.#report(effect.call, effect.error)
          break
        case 'ready':
          this.#opening.resolve(this)
          break
        case 'sasl':
          this.#makeToken(effect.challenge)
          break
        case 'authenticated':
          publish('ottla:connection:authenticated', () => ({
            ...this.info,
            lifetimeMs: effect.lifetimeMs,
            isAgain: effect.isAgain,
          }))
          break
        case 'throttle':
          publish('ottla:connection:throttle', () => ({
            ...this.info,
            api: effect.api,
            ms: effect.ms,
          }))
          break
        case 'close':
          this.#end(effect.error)
      }
    }
    this.#arm()
  }

  #write(parts: readonly Uint8Array[], call: PendingRequest | undefined): void {
    call?.onWrite?.()
    if (call === undefined || call.expectResponse) {
      this.#transport?.send(parts)
      return
    }
    this.#transport?.send(parts, (hasLeft) => {
      if (!hasLeft) return
      // Not in the middle of what this write is part of.
      queueMicrotask(() => this.#run(this.#session.sent(call, this.#clock.monotonic())))
    })
  }

  #resolve(call: PendingRequest, response: unknown): void {
    if (!this.#hasAnswered && call.expectResponse) {
      this.#hasAnswered = true
      this.#observer.onFirstAnswer()
    }
    call.resolve(response)
    this.#report(call, undefined)
  }

  #report(call: PendingRequest, error: KafkaError | undefined): void {
    // Asked before, because the closure is made for every request.
    if (!diagnostics['ottla:request:end'].hasSubscribers) return
    publish('ottla:request:end', () => ({
      ...this.info,
      api: call.api.name,
      version: call.version,
      durationMs: this.#clock.monotonic() - call.startMs,
      ...(error === undefined ? {} : { error }),
    }))
  }

  #end(error: KafkaError): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#saslAbort?.abort(error)
    this.#transport?.close()
    this.#opening.reject(error)
    this.#opened.catch(() => {})
    this.#observer.onClose(this, error)
  }

  #arm(): void {
    if (this.#session.state === 'closed') return
    const atMs = this.#session.nextDeadlineMs
    if (this.#timer !== undefined && atMs >= this.#timerAtMs) return
    this.#timer?.cancel()
    this.#timer = undefined
    if (atMs === Infinity) return
    this.#timerAtMs = atMs
    this.#timer = this.#clock.setTimer(atMs - this.#clock.monotonic(), () => {
      this.#timer = undefined
      this.#run(this.#session.tick(this.#clock.monotonic()))
    })
  }
}
