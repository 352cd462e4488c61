import { KafkaError, TimeoutError } from '@ottla/protocol'
import { publish } from '../diagnostics.js'
import { type Address, formatAddress } from '../options/addresses.js'
import { type Backoff, createBackoff } from '../retry/backoff.js'
import { sleep, waitFor } from '../retry/sleep.js'
import { Connection, type ConnectionContext, nodeName } from './connection.js'

/** How long one caller waits. */
export interface Limits {
  /** On the monotonic clock. */
  readonly deadlineMs: number
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/**
 * The connections to one broker, one per lane. Only one of them is being made at a time, and after a failure none before
 * an exponential pause has passed: callers wait for the attempt that is under way, each as long as it likes.
 */
export class NodeConnections {
  readonly address: Address
  #node: number
  readonly #context: ConnectionContext
  readonly #backoff: Backoff
  readonly #setupBackoff: Backoff
  readonly #lanes = new Map<string, Connection>()
  #attempt: Promise<unknown> | undefined
  #failures = 0
  #retryAtMs = 0
  #closed: KafkaError | undefined

  constructor(node: number, address: Address, context: ConnectionContext) {
    const { options, platform } = context
    const { random } = platform
    this.#node = node
    this.address = address
    this.#context = context
    this.#backoff = createBackoff({
      random,
      baseMs: options.reconnectBackoffMs,
      maxMs: options.reconnectBackoffMaxMs,
    })
    this.#setupBackoff = createBackoff({
      random,
      baseMs: options.socketConnectionSetupTimeoutMs,
      maxMs: options.socketConnectionSetupTimeoutMaxMs,
    })
  }

  get node(): number {
    return this.#node
  }

  get name(): string {
    return nodeName(this.#node, this.address)
  }

  /** Whether the last attempt failed and its pause is not over. */
  get isBackingOff(): boolean {
    return this.#retryAtMs > this.#context.platform.clock.monotonic()
  }

  get connections(): readonly Connection[] {
    return [...this.#lanes.values()]
  }

  /** The lane's connection if it can be used at once. */
  ready(lane: string): Connection | undefined {
    const connection = this.#lanes.get(lane)
    return connection?.isReady ? connection : undefined
  }

  /** A bootstrap address turned out to be this node. */
  rename(node: number): void {
    this.#node = node
    for (const connection of this.#lanes.values()) connection.rename(node)
  }

  /**
   * The lane's connection, made if need be.
   *
   * @throws what the attempt under way ends with, TimeoutError, or the signal's reason.
   */
  async acquire(lane: string, limits: Limits): Promise<Connection> {
    const { clock } = this.#context.platform
    const onTimeout = (): Error =>
      new TimeoutError(`no connection to ${this.name} within ${limits.timeoutMs} ms`, {
        code: 'OTTLA_TIMEOUT_CONNECT',
        node: this.#node < 0 ? formatAddress(this.address) : this.#node,
      })
    for (;;) {
      const connection = this.ready(lane)
      if (connection !== undefined) return connection
      if (this.#closed !== undefined) throw this.#closed
      this.#attempt ??= this.#connect(lane)
      await waitFor(this.#attempt, { ...limits, clock, onTimeout })
    }
  }

  /** Ends all connections and attempts; resolves when their sockets are gone. */
  async close(error: KafkaError): Promise<void> {
    this.#closed = error
    const connections = this.connections
    for (const connection of connections) connection.close(error)
    await this.#attempt?.catch(() => {})
    await Promise.all(connections.map(({ closed }) => closed))
  }

  /** Cuts off what `close` still waits for. */
  destroy(error: KafkaError): void {
    for (const connection of this.connections) connection.destroy(error)
  }

  #connect(lane: string): Promise<void> {
    const attempt = this.#open(lane).finally(() => {
      this.#attempt = undefined
    })
    // Those who wait hear of a failure; when nobody does, nobody has to.
    attempt.catch(() => {})
    return attempt
  }

  async #open(lane: string): Promise<void> {
    const { clock } = this.#context.platform
    const { closing } = this.#context
    const pauseMs = this.#retryAtMs - clock.monotonic()
    if (pauseMs > 0) await sleep(clock, pauseMs, closing)
    const target = { node: this.#node, address: this.address, lane }
    try {
      const timeoutMs = this.#setupBackoff.delayMs(this.#failures + 1)
      const connection = await Connection.open(this.#context, target, timeoutMs, {
        onFirstAnswer: () => {
          this.#failures = 0
        },
        onClose: (closed, error) => this.#onClose(closed, error),
      })
      connection.rename(this.#node)
      if (this.#closed === undefined) this.#lanes.set(lane, connection)
      else connection.close(this.#closed)
    } catch (error) {
      if (closing.aborted) throw error
      const failure = KafkaError.from(error)
      this.#fail(failure, lane)
      throw failure
    }
  }

  #onClose(connection: Connection, error: KafkaError): void {
    if (this.#lanes.get(connection.lane) !== connection) return
    this.#lanes.delete(connection.lane)
    publish('ottla:connection:close', () => ({ ...connection.info, error }))
    // A broker that lets everyone in and throws them out at once must not be stormed either.
    if (!connection.hasAnswered) this.#fail(error, connection.lane)
  }

  #fail(error: KafkaError, lane: string): void {
    this.#failures++
    const backoffMs = this.#backoff.delayMs(this.#failures)
    this.#retryAtMs = this.#context.platform.clock.monotonic() + backoffMs
    publish('ottla:connection:failed', () => ({
      node: this.#node,
      address: formatAddress(this.address),
      lane,
      clientId: this.#context.options.clientId,
      error,
      backoffMs,
    }))
  }
}
