import type { ConnectionHandler, FramedConnection, Listener } from '@ottla/network'
import type { Network } from '../platform.js'
import type { BrokerServices } from '../services.js'
import { type HostPort, hostOf } from './address.js'
import { ClientConnection, type ConnectionContext } from './client-connection.js'
import { MemoryBudget } from './memory-budget.js'
import { ResponseWriter } from './response-writer.js'

/** More than any handler's chain of promises is long. */
const settleTurns = 32

/** Accepts connections and keeps them within the limits of the configuration. */
export class Server {
  readonly #broker: BrokerServices
  readonly #connections = new Set<ClientConnection>()
  readonly #perHost = new Map<string, number>()
  readonly #context: ConnectionContext
  #listener: Listener | undefined
  #whenEmpty: (() => void) | undefined

  constructor(broker: BrokerServices) {
    this.#broker = broker
    const { config } = broker
    this.#context = {
      broker,
      budget: new MemoryBudget(config.number('queued.max.request.bytes')),
      writer: new ResponseWriter(),
      maxPendingRequests: config.number('queued.max.requests'),
      onClosed: (connection) => this.#forget(connection),
    }
  }

  /** Connections that are open now. */
  get connectionCount(): number {
    return this.#connections.size
  }

  /**
   * Begins to accept connections. @returns the address it got.
   * @throws ConnectionError when the address is taken.
   */
  async listen(network: Network, { host, port }: HostPort): Promise<HostPort> {
    const maxFrameBytes = this.#broker.config.number('socket.request.max.bytes')
    this.#listener = await network.listen({ host, port, maxFrameBytes }, (connection) =>
      this.#accept(connection),
    )
    return { host: this.#listener.host, port: this.#listener.port }
  }

  /** Accepts no more connections. */
  async stopListening(): Promise<void> {
    await this.#listener?.close()
  }

  /** Ends every connection after the responses it was given have gone out; those that linger are cut off. */
  async close(timeoutMs: number): Promise<void> {
    await this.stopListening()
    if (this.#connections.size === 0) return
    const emptied = new Promise<void>((resolve) => {
      this.#whenEmpty = resolve
    })
    await this.#settle()
    for (const connection of this.#connections) connection.close('the broker is shutting down')
    const timer = this.#broker.clock.setTimer(timeoutMs, () => {
      for (const connection of [...this.#connections])
        connection.destroy('the broker is shutting down')
    })
    await emptied
    timer.cancel()
  }

  /** Answers to requests that have just been ended take a few turns of promises to reach the socket. */
  async #settle(): Promise<void> {
    for (let turn = 0; turn < settleTurns; turn += 1) {
      if (![...this.#connections].some(({ pendingRequests }) => pendingRequests > 0)) return
      await undefined
    }
  }

  #accept(connection: FramedConnection): ConnectionHandler {
    const client = new ClientConnection(connection, this.#context)
    const { config, events } = this.#broker
    const host = hostOf(connection.remoteAddress)
    const fromHost = (this.#perHost.get(host) ?? 0) + 1
    this.#connections.add(client)
    this.#perHost.set(host, fromHost)
    const { id, remoteAddress } = connection
    events.publish('connection', { connectionId: id, remoteAddress })
    if (this.#connections.size > config.number('max.connections')) {
      client.destroy('more than max.connections connections')
    } else if (fromHost > config.number('max.connections.per.ip')) {
      client.destroy(`more than max.connections.per.ip connections from ${host}`)
    }
    return client
  }

  #forget(client: ClientConnection): void {
    if (!this.#connections.delete(client)) return
    const host = hostOf(client.connection.remoteAddress)
    const left = (this.#perHost.get(host) ?? 1) - 1
    if (left > 0) this.#perHost.set(host, left)
    else this.#perHost.delete(host)
    if (this.#connections.size === 0) this.#whenEmpty?.()
  }
}
