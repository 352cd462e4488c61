import { ClosedError, KafkaError, TimeoutError } from '@ottla/protocol'
import { publish } from '../diagnostics.js'
import { type Address, formatAddress } from '../options/addresses.js'
import { type Backoff, createBackoff } from '../retry/backoff.js'
import { onAbort } from '../retry/on-abort.js'
import { sleep } from '../retry/sleep.js'
import { Connection, type ConnectionContext, nodeName } from './connection.js'
import type { Unreachable } from './trouble.js'

/** How long one caller waits. */
export interface Limits {
  /** On the monotonic clock. */
  readonly deadlineMs: number
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/** Someone who waits for a connection; each settles once. */
interface Waiter {
  readonly lane: string
  readonly use: (connection: Connection) => void
  readonly fail: (error: unknown) => void
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
  /** Those that `close` waits for: their last bytes may still be on the way. */
  readonly #closing = new Set<Connection>()
  #attempt: Promise<void> | undefined
  readonly #waiters = new Set<Waiter>()
  #failures = 0
  #lastError: KafkaError | undefined
  #failingSinceMs = 0
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

  /** Why and since when nothing works here; undefined once the broker has answered anything. */
  get trouble(): Unreachable | undefined {
    if (this.#lastError === undefined) return undefined
    const forMs = this.#context.platform.clock.monotonic() - this.#failingSinceMs
    return { address: formatAddress(this.address), error: this.#lastError, forMs }
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
  acquire(lane: string, limits: Limits): Promise<Connection> {
    return new Promise((resolve, reject) => this.whenReady(lane, limits, resolve, reject))
  }

  /**
   * Calls `use` with the lane's connection the moment it can be used, in the order of the calls: who came while it was being
   * made is never overtaken by who comes after. `fail` gets what `acquire` throws.
   */
  whenReady(
    lane: string,
    limits: Limits,
    use: (connection: Connection) => void,
    fail: (error: unknown) => void,
  ): void {
    const { clock } = this.#context.platform
    const { signal, deadlineMs, timeoutMs } = limits
    const connection = this.ready(lane)
    if (connection !== undefined) {
      use(connection)
      return
    }
    const refusal = this.#closed ?? (signal?.aborted ? signal.reason : undefined)
    if (refusal !== undefined) {
      fail(refusal)
      return
    }
    const settle = (act: () => void): void => {
      timer.cancel()
      ignoreAbort()
      this.#waiters.delete(waiter)
      act()
    }
    const waiter: Waiter = {
      lane,
      use: (ready) => settle(() => use(ready)),
      fail: (error) => settle(() => fail(error)),
    }
    const timer = clock.setTimer(deadlineMs - clock.monotonic(), () =>
      waiter.fail(this.#tooLate(timeoutMs)),
    )
    const ignoreAbort = onAbort(signal, () => waiter.fail(signal?.reason))
    this.#waiters.add(waiter)
    this.#attempt ??= this.#connect(lane)
  }

  /**
   * Cuts the connections of lanes whose names begin so, and resolves when their sockets are gone. One that is being made is cut
   * as soon as it is there, which is not waited for.
   */
  async closeLanes(prefix: string, error: KafkaError): Promise<void> {
    const cut = (): Promise<void>[] => {
      const those = this.connections.filter(({ lane }) => lane.startsWith(prefix))
      for (const connection of those) connection.destroy(error)
      return those.map(({ closed }) => closed)
    }
    void this.#attempt?.then(cut)
    await Promise.all(cut())
  }

  /** Ends all connections and attempts; resolves when their sockets are gone. */
  async close(error: KafkaError): Promise<void> {
    this.#closed = error
    for (const connection of this.connections) {
      this.#closing.add(connection)
      connection.close(error)
    }
    await this.#attempt
    await Promise.all(Array.from(this.#closing, ({ closed }) => closed))
    this.#closing.clear()
  }

  /** Cuts off what `close` still waits for. */
  destroy(error: KafkaError): void {
    for (const connection of [...this.connections, ...this.#closing]) connection.destroy(error)
  }

  #tooLate(timeoutMs: number): TimeoutError {
    const why =
      this.#lastError === undefined ? '' : `; the last attempt failed: ${this.#lastError.message}`
    return new TimeoutError(`no connection to ${this.name} within ${timeoutMs} ms${why}`, {
      code: 'OTTLA_TIMEOUT_CONNECT',
      node: this.#node < 0 ? formatAddress(this.address) : this.#node,
      cause: this.#lastError,
    })
  }

  /** One attempt; then serves those who wait for its lane and goes on with the next lane that somebody waits for. */
  async #connect(lane: string): Promise<void> {
    let failure: unknown
    let connection: Connection | undefined
    try {
      connection = await this.#open(lane)
    } catch (error) {
      failure = error
    }
    this.#attempt = undefined
    const waiters = [...this.#waiters]
    for (const waiter of waiters) {
      if (connection === undefined) waiter.fail(failure)
      else if (this.#closed !== undefined) waiter.fail(this.#closed)
      else if (waiter.lane === lane) waiter.use(connection)
    }
    const [next] = this.#waiters
    if (next !== undefined) this.#attempt ??= this.#connect(next.lane)
  }

  async #open(lane: string): Promise<Connection> {
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
          this.#lastError = undefined
        },
        onClose: (closed, error) => this.#onClose(closed, error),
      })
      connection.rename(this.#node)
      if (this.#closed === undefined) this.#lanes.set(lane, connection)
      else connection.close(this.#closed)
      return connection
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
    // A broker that lets everyone in and throws them out at once must not be stormed either. What this side ended says nothing
    // of the broker.
    if (!connection.hasAnswered && !(error instanceof ClosedError))
      this.#fail(error, connection.lane)
  }

  #fail(error: KafkaError, lane: string): void {
    const nowMs = this.#context.platform.clock.monotonic()
    if (this.#lastError === undefined) this.#failingSinceMs = nowMs
    this.#failures++
    this.#lastError = error
    const backoffMs = this.#backoff.delayMs(this.#failures)
    this.#retryAtMs = nowMs + backoffMs
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
