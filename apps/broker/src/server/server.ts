import type { ConnectionHandler, FramedConnection, Listener } from '@ottla/network'
import type { ListenerConfig } from '../config/listeners.js'
import type { Network, Timer } from '../platform.js'
import { ConnectionQuota } from '../quota/connection-quota.js'
import type { BrokerServices } from '../services.js'
import { type HostPort, hostOf } from './address.js'
import { ClientConnection, type ConnectionContext } from './client-connection.js'
import { ConnectionCounts } from './connection-limits.js'
import type { Handler } from './handler.js'
import { MemoryBudget } from './memory-budget.js'
import type { RequestGate } from './request-gate.js'
import { ResponseWriter } from './response-writer.js'
import { SaslAuthenticator, type SaslOptions } from './sasl/authenticator.js'

/** More turns of the event loop than any answer takes that waits for nothing but its log. */
const settleTurns = 8

/** A connection is idle when so many looks in a row found nothing: it is closed within 5/4 of the limit. */
const looksUntilIdle = 4

/** Accepts connections on every listener and keeps them within the limits of the configuration. */
export class Server {
  readonly #broker: BrokerServices
  /** Each with the number of looks that found it idle. */
  readonly #connections = new Map<ClientConnection, number>()
  readonly #counts: ConnectionCounts
  /** Those of clients that connect too often, which do not count. */
  readonly #hanging = new Set<ClientConnection>()
  readonly #quota: ConnectionQuota
  readonly #context: ConnectionContext
  readonly #listeners: Listener[] = []
  #idleTimer: Timer | undefined
  #whenEmpty: (() => void) | undefined

  constructor(broker: BrokerServices, handlers: ReadonlyMap<number, Handler>, gate: RequestGate) {
    this.#broker = broker
    const { config } = broker
    this.#counts = new ConnectionCounts(config)
    this.#quota = new ConnectionQuota({ config, clock: broker.clock, image: () => broker.image })
    this.#context = {
      broker,
      handlers,
      gate,
      budget: new MemoryBudget(config.number('queued.max.request.bytes')),
      writer: new ResponseWriter(),
      maxPendingRequests: config.number('queued.max.requests'),
      maxUnauthenticatedBytes: config.number('sasl.server.max.receive.size'),
      failedAuthenticationDelayMs: config.number('connection.failed.authentication.delay.ms'),
      onClosed: (connection) => this.#forget(connection),
    }
  }

  /** Connections that are open now. */
  get connectionCount(): number {
    return this.#connections.size
  }

  /**
   * Begins to accept connections. @returns the address it got.
   * @param sasl undefined for a listener that does not ask who the client is.
   * @throws ConnectionError when the address is taken; InvalidArgumentError for a key or certificate that cannot be used.
   */
  async listen(
    network: Network,
    { name, host, port, tls }: ListenerConfig,
    sasl: SaslOptions | undefined,
  ): Promise<HostPort> {
    const maxFrameBytes = this.#broker.config.number('socket.request.max.bytes')
    const listener = await network.listen({ host, port, maxFrameBytes, tls }, (connection) =>
      this.#accept(connection, name, sasl && new SaslAuthenticator(sasl)),
    )
    this.#listeners.push(listener)
    return { host: listener.host, port: listener.port }
  }

  /** Accepts no more connections. */
  async stopListening(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()))
  }

  /** Ends every connection after the responses it was given have gone out; those that linger are cut off. */
  async close(timeoutMs: number): Promise<void> {
    await this.stopListening()
    if (this.#connections.size === 0) return
    const emptied = new Promise<void>((resolve) => {
      this.#whenEmpty = resolve
    })
    await this.#settle()
    for (const connection of this.#connections.keys()) connection.close(shuttingDown)
    const timer = this.#broker.clock.setTimer(timeoutMs, () => {
      for (const connection of [...this.#connections.keys()]) connection.destroy(shuttingDown)
    })
    await emptied
    timer.cancel()
  }

  /** Ends every connection at once, answered or not, and frees the ports: as when the process dies. */
  async tear(): Promise<void> {
    const listeners = this.stopListening()
    const emptied = new Promise<void>((resolve) => {
      this.#whenEmpty = resolve
    })
    for (const connection of [...this.#connections.keys()])
      connection.destroy('the broker was killed')
    if (this.#connections.size > 0) await emptied
    await listeners
  }

  /** Answers to requests that were being written, or have just been ended, take a turn or two to reach the socket. */
  async #settle(): Promise<void> {
    for (let turn = 0; turn < settleTurns; turn += 1) {
      const isSettled = [...this.#connections.keys()].every((each) => each.pendingRequests === 0)
      if (isSettled) return
      await new Promise<void>((resolve) => this.#broker.clock.afterTurn(resolve))
    }
  }

  #accept(
    connection: FramedConnection,
    listener: string,
    sasl: SaslAuthenticator | undefined,
  ): ConnectionHandler {
    const client = new ClientConnection(connection, this.#context, listener, sasl)
    this.#connections.set(client, 0)
    const { id, remoteAddress } = connection
    const host = hostOf(remoteAddress)
    const closeAfterMs = this.#quota.record(host)
    this.#broker.events.publish('connection', { connectionId: id, remoteAddress, listener })
    if (closeAfterMs > 0) this.#leaveHanging(client, closeAfterMs)
    else {
      const excess = this.#counts.add(host)
      if (excess !== undefined) client.destroy(excess)
    }
    this.#watchIdle()
    return client
  }

  /** Reads nothing from a client that connects too often, and closes its connection after a while. */
  #leaveHanging(client: ClientConnection, closeAfterMs: number): void {
    this.#hanging.add(client)
    client.stopReading()
    const timer = this.#broker.clock.setTimer(closeAfterMs, () =>
      client.destroy(`more connections from ${hostOf(client.remoteAddress)} than its quota allows`),
    )
    client.onDisconnect(() => timer.cancel())
  }

  #forget(client: ClientConnection): void {
    if (!this.#connections.delete(client)) return
    if (!this.#hanging.delete(client)) this.#counts.remove(hostOf(client.remoteAddress))
    if (this.#connections.size > 0) return
    this.#idleTimer?.cancel()
    this.#idleTimer = undefined
    this.#whenEmpty?.()
  }

  /** One timer for all connections, and none while there are none. */
  #watchIdle(): void {
    const { clock, config } = this.#broker
    const maxIdleMs = config.number('connections.max.idle.ms')
    this.#idleTimer ??= clock.setTimer(Math.min(maxIdleMs / looksUntilIdle, 2 ** 31 - 1), () => {
      this.#idleTimer = undefined
      for (const [connection, looks] of this.#connections) {
        if (connection.takeActivity()) this.#connections.set(connection, 0)
        else if (looks + 1 < looksUntilIdle) this.#connections.set(connection, looks + 1)
        else connection.destroy(`idle for ${maxIdleMs} ms (connections.max.idle.ms)`)
      }
      if (this.#connections.size > 0) this.#watchIdle()
    })
  }
}

/** Why connections end when nobody has done anything wrong. */
export const shuttingDown = 'the broker is shutting down'
