import { ConnectionError, InvalidArgumentError, KafkaError } from '@ottla/protocol'
import { formatAddress } from '../options/addresses.js'
import type { Connection, ConnectionContext } from './connection.js'
import type { MetadataCache } from './metadata-cache.js'
import { type Limits, NodeConnections } from './node-connections.js'
import { Outage } from './outage.js'
import { noBrokerReachable, type Unreachable } from './trouble.js'

/**
 * The connections of a cluster: to the brokers that metadata names, and to bootstrap addresses (ids -1, -2 …) while it
 * names none, or none that can be reached.
 */
export class ConnectionPool {
  readonly #context: ConnectionContext
  readonly #cache: MetadataCache
  readonly #nodes = new Map<number, NodeConnections>()
  readonly #outage: Outage
  #closed: KafkaError | undefined

  constructor(context: ConnectionContext, cache: MetadataCache) {
    this.#context = context
    this.#cache = cache
    this.#outage = new Outage(context.options)
  }

  /** The connection to `node` on `lane`, if it can be used at once. */
  ready(node: number | 'any', lane: string): Connection | undefined {
    return node === 'any' ? this.#leastLoaded(lane) : this.#nodes.get(node)?.ready(lane)
  }

  /**
   * The connection to `node` on `lane`, made if need be.
   *
   * @throws ConnectionError (retriable) when the node is not in the metadata or cannot be reached, TimeoutError …
   */
  acquire(node: number | 'any', lane: string, limits: Limits): Promise<Connection> {
    return new Promise((resolve, reject) => this.whenReady(node, lane, limits, resolve, reject))
  }

  /** As `acquire`, calling back in the order of the calls where `node` is a number (see `NodeConnections.whenReady`). */
  whenReady(
    node: number | 'any',
    lane: string,
    limits: Limits,
    use: (connection: Connection) => void,
    fail: (error: unknown) => void,
  ): void {
    const connections = node === 'any' ? undefined : this.#nodeOf(node)
    if (this.#closed !== undefined) fail(this.#closed)
    else if (node === 'any') void this.#acquireAny(lane, limits).then(use, fail)
    else if (connections !== undefined) connections.whenReady(lane, limits, use, fail)
    else {
      fail(
        new ConnectionError(
          `broker ${node} is not in the metadata; it left the cluster, or the metadata is old and has to be refreshed`,
          { code: 'OTTLA_CONNECTION_UNKNOWN_NODE', node },
        ),
      )
    }
  }

  /** New metadata: bootstrap connections get their node's id, brokers that moved get connections anew. */
  update(): void {
    const brokers = this.#cache.brokers()
    for (const { node, host, port } of brokers) {
      const address = formatAddress({ host, port })
      const known = this.#nodes.get(node)
      if (known !== undefined && formatAddress(known.address) !== address) this.#drop(known)
      if (!this.#nodes.has(node)) this.#adopt(node, address)
    }
    const named = new Set(brokers.map(({ node }) => node))
    for (const connections of this.#nodes.values()) {
      const { node } = connections
      // Who left the cluster may still answer what was asked; the rest ends by being idle.
      if (node >= 0 && !named.has(node) && connections.connections.length === 0) {
        this.#drop(connections)
      }
    }
  }

  /** Starts again from the bootstrap addresses: what is connected belongs to brokers that are no use any more. */
  rebootstrap(error: KafkaError): void {
    this.#cache.forgetBrokers()
    for (const node of [...this.#nodes.values()]) {
      if (node.node < 0 && node.connections.length === 0) continue
      this.#nodes.delete(node.node)
      void node.close(error)
    }
  }

  /** Why no broker can be reached; undefined while one is connected, or none was tried. */
  trouble(): ConnectionError | undefined {
    const places = this.#places()
    return places.length === 0 ? undefined : noBrokerReachable(places)
  }

  /** Cuts the connections of lanes whose names begin so (see `NodeConnections.closeLanes`). */
  async closeLanes(prefix: string, error: KafkaError): Promise<void> {
    await Promise.all([...this.#nodes.values()].map((node) => node.closeLanes(prefix, error)))
  }

  /** Ends all connections; resolves when their sockets are gone. */
  async close(error: KafkaError): Promise<void> {
    this.#closed = error
    await Promise.all([...this.#nodes.values()].map((node) => node.close(error)))
  }

  destroy(error: KafkaError): void {
    for (const node of this.#nodes.values()) node.destroy(error)
  }

  /** The addresses that fail; none while a broker is connected. */
  #places(): readonly Unreachable[] {
    const places: Unreachable[] = []
    for (const node of this.#nodes.values()) {
      const { trouble } = node
      if (trouble !== undefined) places.push(trouble)
      else if (node.connections.some(({ isReady }) => isReady)) return []
    }
    return places
  }

  #leastLoaded(lane: string): Connection | undefined {
    let best: Connection | undefined
    for (const node of this.#nodes.values()) {
      const connection = node.ready(lane)
      if (connection === undefined) continue
      if (best === undefined || connection.pendingCalls < best.pendingCalls) best = connection
    }
    return best
  }

  /** Tries one broker after the other, those that just failed last; each once. */
  async #acquireAny(lane: string, limits: Limits): Promise<Connection> {
    const { clock } = this.#context.platform
    const failures: KafkaError[] = []
    for (const candidate of this.#candidates()) {
      try {
        const connection = await candidate.acquire(lane, limits)
        this.#outage.over()
        return connection
      } catch (error) {
        const stops = limits.signal?.aborted || this.#closed !== undefined
        if (stops || !(error instanceof KafkaError)) throw error
        // Who is refused by one broker is refused by all; trying on would only lock the account.
        if (error.fatal || error instanceof InvalidArgumentError) throw error
        failures.push(error)
        // Who has no time left has not seen a whole round.
        if (clock.monotonic() >= limits.deadlineMs) throw noBroker(failures)
      }
    }
    throw this.#outage.goOn(this.#places()) ?? noBroker(failures)
  }

  #candidates(): NodeConnections[] {
    const nodes: NodeConnections[] = []
    const addresses = new Set<string>()
    for (const { node, host, port } of this.#cache.brokers()) {
      addresses.add(formatAddress({ host, port }))
      nodes.push(this.#nodeOf(node) as NodeConnections)
    }
    const shuffled = this.#shuffle(nodes)
    const { bootstrapServers, metadataRecoveryStrategy } = this.#context.options
    const mayBootstrap = nodes.length === 0 || metadataRecoveryStrategy === 'rebootstrap'
    const bootstraps = (mayBootstrap ? bootstrapServers : [])
      .map((address, index) => ({ address, node: -1 - index }))
      .filter(({ address }) => !addresses.has(formatAddress(address)))
      .map(({ address, node }) => this.#ensure(node, address))
    return [...shuffled, ...this.#shuffle(bootstraps)].sort(
      (one, other) => Number(one.isBackingOff) - Number(other.isBackingOff),
    )
  }

  #nodeOf(node: number): NodeConnections | undefined {
    const broker = this.#cache.broker(node)
    const known = this.#nodes.get(node)
    if (broker === undefined) return known
    if (known !== undefined && formatAddress(known.address) !== formatAddress(broker)) {
      this.#drop(known)
    }
    return this.#ensure(node, { host: broker.host, port: broker.port })
  }

  #ensure(node: number, address: { readonly host: string; readonly port: number }) {
    let connections = this.#nodes.get(node)
    if (connections === undefined) {
      connections = new NodeConnections(node, address, this.#context)
      this.#nodes.set(node, connections)
    }
    return connections
  }

  /** Hands a bootstrap address's connections to the node behind it. */
  #adopt(node: number, address: string): void {
    for (const connections of this.#nodes.values()) {
      if (connections.node >= 0 || formatAddress(connections.address) !== address) continue
      this.#nodes.delete(connections.node)
      connections.rename(node)
      this.#nodes.set(node, connections)
      return
    }
  }

  #drop(connections: NodeConnections): void {
    this.#nodes.delete(connections.node)
    void connections.close(
      new ConnectionError(`${connections.name} is no longer at this address`, {
        node: connections.node,
      }),
    )
  }

  #shuffle<T>(items: readonly T[]): T[] {
    const { random } = this.#context.platform
    const shuffled = [...items]
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = Math.floor(random.next() * (i + 1))
      const swapped = shuffled[i] as T
      shuffled[i] = shuffled[j] as T
      shuffled[j] = swapped
    }
    return shuffled
  }
}

const noBroker = (failures: readonly KafkaError[]): KafkaError => {
  const [first] = failures
  if (first === undefined) {
    return new InvalidArgumentError('bootstrapServers is empty; name at least one broker')
  }
  if (failures.length === 1) return first
  const list = failures.map(({ message }) => `- ${message}`).join('\n')
  return new ConnectionError(`none of ${failures.length} brokers can be reached:\n${list}`, {
    cause: new AggregateError(failures),
    retriable: failures.some(({ retriable }) => retriable),
  })
}
