import { type Channel, channel } from 'node:diagnostics_channel'

/** Which broker an event is from; several may run in one process. */
export interface EventSource {
  readonly clusterId: string
  readonly nodeId: number
}

/** What happened, by the name of the event. Each is published on the diagnostics channel `ottla:broker:<name>`. */
export interface BrokerEvents {
  /** A request was answered (or, with acks=0, done). */
  request: {
    readonly api: string
    readonly apiVersion: number
    readonly clientId: string | null
    readonly correlationId: number
    readonly remoteAddress: string
    /** Who asked: `User:alice`. */
    readonly principal: string
    readonly requestBytes: number
    readonly responseBytes: number
    /** From arrival to hand-over to the socket. */
    readonly durationMs: number
  }
  /** A client connected. */
  connection: {
    readonly connectionId: number
    readonly remoteAddress: string
    readonly listener: string
  }
  /**
   * A connection ended; `reason` is undefined when the client simply left. `endedByBroker` tells apart what the broker did
   * not put up with from what happened to the network.
   */
  disconnection: {
    readonly connectionId: number
    readonly remoteAddress: string
    readonly reason: string | undefined
    readonly endedByBroker: boolean
  }
  /** Batches were appended to a partition. */
  append: PartitionPlace & {
    readonly firstOffset: number
    readonly lastOffset: number
    readonly sizeInBytes: number
  }
  /** A high watermark rose. */
  highWatermark: PartitionPlace & { readonly highWatermark: number }
  /** A partition has a (new) leader, or a new ISR. */
  election: PartitionPlace & {
    readonly leader: number
    readonly leaderEpoch: number
    readonly isr: readonly number[]
  }
  /** A topic came or went. */
  topic: {
    readonly topic: string
    readonly topicId: string
    readonly change: 'created' | 'deleted'
  }
  /** A group changed its state. */
  group: {
    readonly groupId: string
    readonly from: string
    readonly to: string
    readonly generationId: number
    readonly memberIds: readonly string[]
    readonly reason: string
  }
  /** Something the broker could not do and goes on without; the place for a log line. */
  problem: { readonly what: string; readonly error: unknown }
}

interface PartitionPlace {
  readonly topic: string
  readonly partition: number
}

/** Name of an event. */
export type BrokerEventName = keyof BrokerEvents

/** An event as subscribers get it. */
export type BrokerEvent<Name extends BrokerEventName> = BrokerEvents[Name] & EventSource

const eventNames = [
  'request',
  'connection',
  'disconnection',
  'append',
  'highWatermark',
  'election',
  'topic',
  'group',
  'problem',
] as const satisfies readonly BrokerEventName[]

const channels = Object.fromEntries(
  eventNames.map((name) => [name, channel(`ottla:broker:${name}`)]),
) as Record<BrokerEventName, Channel>

/**
 * One broker's event stream. `wants` is a single property read, so code on the hot path asks before it builds an event
 * and pays nothing while nobody listens.
 */
export class EventStream {
  readonly #source: EventSource
  readonly #subscriptions = new Set<() => void>()

  constructor(source: EventSource) {
    this.#source = source
  }

  /** Whether anyone listens to this event (of any broker in the process). */
  wants(name: BrokerEventName): boolean {
    return channels[name].hasSubscribers
  }

  /** Publishes an event to whoever listens. */
  publish<Name extends BrokerEventName>(name: Name, event: BrokerEvents[Name]): void {
    const target = channels[name]
    if (target.hasSubscribers) target.publish({ ...this.#source, ...event })
  }

  /**
   * Calls the listener, synchronously, for this broker's events of one name. Errors it throws go to the process's
   * `uncaughtException`, as with every diagnostics channel.
   * @returns a function that ends the subscription.
   */
  on<Name extends BrokerEventName>(
    name: Name,
    listener: (event: BrokerEvent<Name>) => void,
  ): () => void {
    const receive = (message: unknown): void => {
      const event = message as BrokerEvent<Name>
      const { clusterId, nodeId } = this.#source
      if (event.clusterId === clusterId && event.nodeId === nodeId) listener(event)
    }
    channels[name].subscribe(receive)
    const stop = (): void => {
      channels[name].unsubscribe(receive)
      this.#subscriptions.delete(stop)
    }
    this.#subscriptions.add(stop)
    return stop
  }

  /** Ends every subscription made through `on`. */
  close(): void {
    for (const stop of [...this.#subscriptions]) stop()
  }
}
