import { createHash } from 'node:crypto'
import { type Broker, startBroker } from '@ottla/broker'
import { Consumer, type ConsumerOptions } from '@ottla/consumer'
import { Cluster, clientOptions } from '@ottla/network'
import { createSimulatedPlatform, type SimulatedPlatform } from '@ottla/network/simulation'
import { Producer } from '@ottla/producer'
import { CreateTopics } from '@ottla/protocol'

/** A cluster of one and its clients, each on a machine of its own, in a time and a network that belong to a seed. */
export class World {
  readonly platform: SimulatedPlatform
  readonly #events: string[] = []
  #broker: Broker | undefined

  private constructor(seed: number) {
    this.platform = createSimulatedPlatform(seed, { latencyMs: [0.2, 8] })
  }

  /** Starts the broker on the machine `broker`. */
  static async create(seed: number): Promise<World> {
    const world = new World(seed)
    world.#broker = await world.run(
      startBroker({ listen: 'broker:9092', platform: world.platform.host('broker') }),
    )
    return world
  }

  get bootstrapServers(): string {
    return 'broker:9092'
  }

  /** A whole number below `count`, by the seed. */
  pick(count: number): number {
    return Math.floor(this.platform.random.next() * count)
  }

  /** Lets time pass until the promise settles. */
  run<T>(promise: Promise<T>): Promise<T> {
    return this.platform.clock.runUntil(promise)
  }

  /** Writes down what happened, and when. */
  note(event: string): void {
    this.#events.push(`${this.platform.clock.monotonic().toFixed(3)} ${event}`)
  }

  /** Everything noted, in one number: equal for equal runs. */
  get hash(): string {
    return createHash('sha256').update(this.#events.join('\n')).digest('hex')
  }

  get events(): readonly string[] {
    return this.#events
  }

  /** Resets the connections of a machine, as a router that restarts does. */
  kill(machine: string): void {
    this.note(`kill ${machine}: ${this.platform.network.killConnections(machine)} connections`)
  }

  async createTopic(name: string, numPartitions: number): Promise<void> {
    const { bootstrapServers } = this
    const platform = this.platform.host('admin')
    const cluster = new Cluster(clientOptions.resolve({ bootstrapServers, platform }))
    const topics = [{ name, numPartitions, replicationFactor: 1, assignments: [], configs: [] }]
    const input = { topics, timeoutMs: 10_000, validateOnly: false }
    const { response } = await this.run(cluster.request(CreateTopics, input))
    if (response.topics[0]?.errorCode !== 0)
      throw new Error(
        `topic ${name} was not created: error ${response.topics[0]?.errorCode} ${response.topics[0]?.errorMessage}`,
      )
    await this.run(cluster.close())
  }

  producer(machine: string): Producer {
    const { bootstrapServers } = this
    return new Producer({ bootstrapServers, platform: this.platform.host(machine) })
  }

  consumer(machine: string, options: Partial<ConsumerOptions>): Consumer {
    return new Consumer({
      bootstrapServers: this.bootstrapServers,
      platform: this.platform.host(machine),
      clientId: machine,
      autoOffsetReset: 'earliest',
      ...options,
    })
  }

  /** Stops the broker; what is then left was left by someone. */
  async close(): Promise<void> {
    await this.run(this.#broker?.close() ?? Promise.resolve())
    const { clock, network } = this.platform
    // Frames and resets on their way arrive.
    await clock.advance(100)
    const left = { timers: clock.pendingTimers, connections: network.openConnections }
    if (left.timers + left.connections > 0) {
      throw new Error(`left behind: ${JSON.stringify(left)}`)
    }
  }
}
