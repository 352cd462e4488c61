import { ConnectionError, InvalidArgumentError } from '@ottla/protocol'
import type { Broker, BrokerListener } from '../broker.js'
import type { EventStream } from '../events.js'
import type { ResolvedOptions } from '../options.js'
import { diskStorage, memoryStorage, type Storage } from '../platform.js'
import { ControlledClock } from './controlled-clock.js'
import { CutOffStorage } from './cut-off-storage.js'
import type { Fault } from './fault-types.js'
import { Faults } from './faults.js'
import type { BeginLife, Life } from './life.js'
import { ControlGate, RequestLog } from './request-log.js'
import { resetLife } from './reset.js'
import { WaitFor } from './wait-for.js'
import { Waiting } from './waiting.js'

const defaultCloseTimeoutMs = 5000
/** How long, and how often, a restart asks for ports that are taken. */
const portTimeoutMs = 5000
const portRetryMs = 50

/** A life with what ends it. */
interface Running {
  readonly life: Life
  readonly clock: ControlledClock
  readonly storage: CutOffStorage
}

/** The broker that `startBroker` returns: one life after another, and the controls that outlast them. */
export class RunningBroker implements Broker {
  readonly faults: Faults
  readonly requests = new RequestLog()
  readonly waitFor: WaitFor
  readonly #options: ResolvedOptions
  readonly #beginLife: BeginLife
  readonly #openStorage: () => Storage
  readonly #waiting: Waiting
  #running: Running | undefined
  /** The newest life, over or not. */
  #last: Running | undefined
  /** Stops, kills and restarts, one after the other. */
  #transition: Promise<void> = Promise.resolve()
  #closing: Promise<void> | undefined

  constructor(options: ResolvedOptions, beginLife: BeginLife) {
    this.#options = options
    this.#beginLife = beginLife
    const { dataDir, platform } = options
    const kept = options.storage ?? (dataDir === undefined ? memoryStorage() : undefined)
    this.#openStorage = () => kept ?? diskStorage(dataDir ?? '')
    this.#waiting = new Waiting(platform.clock)
    this.faults = new Faults({
      clock: () => this.#newest.clock,
      waiting: this.#waiting,
      served: () => this.#servedApis(),
    })
    this.waitFor = new WaitFor({
      waiting: this.#waiting,
      requests: this.requests,
      served: () => this.#servedApis(),
      services: () => this.#running?.life,
      connectionCount: () => this.#running?.life.connectionCount ?? 0,
    })
  }

  #servedApis(): readonly string[] {
    return this.services.served.map(({ api }) => api.name)
  }

  /** Begins the first life, or the next. */
  async start(): Promise<void> {
    const { platform } = this.#options
    const former = this.#last
    const clock = new ControlledClock(platform.clock, former?.clock.offsetMs)
    const storage = new CutOffStorage(this.#openStorage())
    const options = { ...this.#options, platform: { ...platform, clock } }
    let life: Life | undefined
    try {
      life = this.#beginLife(options, storage, {
        gate: new ControlGate(this.requests, this.faults, clock),
        events: former?.life.events,
        ports: former?.life.ports ?? [],
      })
      await life.start()
    } catch (error) {
      await life?.close({ timeoutMs: 0 })
      clock.stop()
      storage.close()
      throw error
    }
    const running = { life, clock, storage }
    this.#running = running
    this.#last = running
    if (former === undefined) this.#listen(life.events)
    this.#waiting.recheck()
  }

  get isRunning(): boolean {
    return this.#running !== undefined
  }

  /** The parts of the newest life, for tests of the broker itself. */
  get services(): Life {
    return this.#newest.life
  }

  get events(): EventStream {
    return this.services.events
  }

  get nodeId(): number {
    return this.services.nodeId
  }

  get clusterId(): string {
    return this.services.clusterId
  }

  get listeners(): readonly BrokerListener[] {
    return this.services.listeners
  }

  get bootstrapServers(): string {
    return this.listeners[0]?.bootstrapServers ?? ''
  }

  get host(): string {
    return this.listeners[0]?.host ?? ''
  }

  get port(): number {
    return this.listeners[0]?.port ?? 0
  }

  async reset(): Promise<void> {
    this.faults.clear()
    const { life, storage } = this.#alive('reset')
    await resetLife(life, storage, this.#options)
    this.requests.clear()
    this.#waiting.recheck()
  }

  stop({ timeoutMs = defaultCloseTimeoutMs }: { readonly timeoutMs?: number } = {}): Promise<void> {
    return this.#next(async () => {
      const running = this.#running
      if (running === undefined) return
      // What a fault holds up would keep its connection from ending.
      this.faults.clear()
      this.#running = undefined
      await running.life.close({ timeoutMs })
      running.clock.stop()
      this.#waiting.recheck()
    })
  }

  kill(): Promise<void> {
    return this.#next(async () => {
      const running = this.#running
      if (running === undefined) return
      this.#running = undefined
      await running.life.tearConnections()
      running.clock.stop()
      running.storage.cut()
      this.#waiting.recheck()
    })
  }

  async restart(): Promise<void> {
    if (this.#closing !== undefined) throw new InvalidArgumentError('a closed broker stays closed')
    await this.stop()
    await this.#next(() => this.#startAgain())
  }

  /** A client that tries to reconnect may itself be given the free port for a moment. */
  async #startAgain(): Promise<void> {
    const { clock } = this.#options.platform
    const endMs = clock.monotonic() + portTimeoutMs
    for (;;) {
      try {
        return await this.start()
      } catch (error) {
        const isTaken = error instanceof ConnectionError && error.code === 'OTTLA_ADDRESS_IN_USE'
        if (!isTaken || clock.monotonic() >= endMs) throw error
      }
      await new Promise<void>((resolve) => void clock.setTimer(portRetryMs, resolve))
    }
  }

  async advanceTime(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new InvalidArgumentError(`time moves on by 0 ms or more, not ${ms}`)
    await this.#alive('advanceTime').clock.advance(ms)
  }

  async electLeader(topic: string, partition: number): Promise<number> {
    const { life } = this.#alive('electLeader')
    return this.#lead(topic, partition, life.nodeId)
  }

  async removeLeader(topic: string, partition: number): Promise<void> {
    await this.#lead(topic, partition, -1)
  }

  loadingGroups(): Fault {
    return this.faults.add({ api: groupApis }, { error: 'COORDINATOR_LOAD_IN_PROGRESS' })
  }

  close(options?: { readonly timeoutMs?: number }): Promise<void> {
    this.#closing ??= this.stop(options).then(() => this.#last?.life.events.close())
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get #newest(): Running {
    if (this.#last === undefined) throw new InvalidArgumentError('the broker has not started')
    return this.#last
  }

  #alive(what: string): Running {
    if (this.#running === undefined) {
      throw new InvalidArgumentError(`${what}: the broker is stopped; restart it first`)
    }
    return this.#running
  }

  async #lead(topic: string, partition: number, leader: number): Promise<number> {
    const { controller, image } = this.#alive('electLeader').life
    if (image.topicsByName.get(topic)?.partitions[partition] === undefined) {
      throw new InvalidArgumentError(`there is no partition ${topic}-${partition}`)
    }
    await controller.setLeader(topic, partition, leader)
    return controller.image.topicsByName.get(topic)?.partitions[partition]?.leaderEpoch ?? -1
  }

  /** After what is under way, whether that went well or not. */
  #next(step: () => Promise<void>): Promise<void> {
    const done = this.#transition.then(step)
    this.#transition = done.catch(() => undefined)
    return done
  }

  /** Whoever waits for a state hears of every event that may bring it. */
  #listen(events: EventStream): void {
    const names = [
      'connection',
      'disconnection',
      'highWatermark',
      'election',
      'topic',
      'group',
    ] as const
    for (const name of names) events.on(name, () => this.#waiting.recheck())
  }
}

const groupApis = [
  'JoinGroup',
  'SyncGroup',
  'Heartbeat',
  'LeaveGroup',
  'OffsetCommit',
  'OffsetFetch',
] as const
