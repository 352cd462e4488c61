import { Admin, type AdminOptions } from '@ottla/admin'
import {
  Consumer,
  type ConsumerOptions,
  consumerOptionNames,
  type DeadLetterProducer,
} from '@ottla/consumer'
import { type ClientOptions, Cluster, clientOptions, defineOptions } from '@ottla/network'
import {
  ClosedError,
  InvalidArgumentError,
  Producer,
  type ProducerOptions,
  producerOptionNames,
  type RecordBytes,
} from '@ottla/producer'

/** What all clients of an `Ottla` share: where the brokers are and how to talk to them. */
export interface OttlaOptions extends ClientOptions {}

/** A client's own options: the shared ones are given to `Ottla`. */
export type OwnOptions<Options> = Omit<Options, keyof ClientOptions>

/** Of `timeoutMs` consumers get so much, however long a handler takes: sending what producers hold takes time too. */
const consumersShare = 0.75

/** Anything this class makes. */
interface Closable {
  close(options?: { readonly timeoutMs?: number | undefined }): Promise<void>
}

const closedError = (): ClosedError => new ClosedError('this Ottla is closed; create a new one')

const definition = defineOptions('Ottla', clientOptions.table)

/** Options of one kind of client, given to all: says whose they are. */
const refuseOwnOptions = (options: object): void => {
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(clientOptions.table, name)) continue
    const owners = [
      ...(producerOptionNames.includes(name) ? ['kafka.producer(…)'] : []),
      ...(consumerOptionNames.includes(name) ? ['kafka.consumer(…)'] : []),
    ]
    if (owners.length === 0) continue
    throw new InvalidArgumentError(
      `Ottla has no option ${name}: give it to ${owners.join(' or ')}, as not all clients have it.`,
    )
  }
}

/**
 * Kafka: producers, consumers and admin clients that share connections and metadata.
 *
 * ```ts
 * const kafka = new Ottla({ bootstrapServers: 'localhost:9092' })
 * const producer = kafka.producer({ compression: 'lz4' })
 * try {
 *   await producer.send({ topic: 'trucks', key: 'truck-42', value: '52.52,13.40' })
 * } finally {
 *   await kafka.close()
 * }
 * ```
 */
export class Ottla {
  readonly #options: OttlaOptions
  readonly #cluster: Cluster
  /** Weakly: an application may make and close many; what still works is held by its own timers and connections. */
  readonly #clients = new Set<WeakRef<Closable>>()
  #closed: Promise<void> | undefined
  #deadLetterProducer: Producer | undefined
  /** No consumer is left that could need a dead-letter producer. */
  #isDrained = false

  /** @throws InvalidArgumentError naming the option, the value and what is expected. */
  constructor(options: OttlaOptions) {
    if (typeof options === 'object' && options !== null) refuseOwnOptions(options)
    this.#cluster = new Cluster(definition.resolve(options))
    this.#options = options
  }

  /**
   * A producer on the shared connections.
   *
   * @throws InvalidArgumentError, ClosedError after `close`
   */
  producer<Key = RecordBytes, Value = RecordBytes>(
    options: OwnOptions<ProducerOptions<Key, Value>> = {},
  ): Producer<Key, Value> {
    return this.#add(new Producer<Key, Value>(this.#merge(options), this.#cluster))
  }

  /**
   * A consumer on the shared connections. Dead-letter topics of its runs are written to by a producer that is made for them when
   * first needed.
   *
   * @throws InvalidArgumentError, ClosedError after `close`
   */
  consumer<Key = Buffer, Value = Buffer>(
    options: OwnOptions<ConsumerOptions<Key, Value>> = {},
  ): Consumer<Key, Value> {
    const deadLetterProducer: DeadLetterProducer = {
      send: (record) => this.#deadLetters().send(record),
    }
    const own = { deadLetterProducer, ...this.#merge(options) }
    return this.#add(new Consumer<Key, Value>(own, this.#cluster))
  }

  /**
   * An admin client on the shared connections.
   *
   * @throws InvalidArgumentError, ClosedError after `close`
   */
  admin(options: OwnOptions<AdminOptions> = {}): Admin {
    return this.#add(new Admin(this.#merge(options), this.#cluster))
  }

  /** Connects to some broker, to fail fast where it matters; every client connects by itself. */
  async connect(
    options: {
      readonly timeoutMs?: number | undefined
      readonly signal?: AbortSignal | undefined
    } = {},
  ): Promise<void> {
    await this.#cluster.connect(options)
  }

  /**
   * Closes every client it made, each by its own rules: consumers first, whose handlers may still send what they have to, then the
   * others, then the connections. Takes `timeoutMs` at most, of which consumers get three quarters. Idempotent.
   *
   * @throws what the closing of a client throws (AggregateError if several do), after all is closed.
   */
  close(options: { readonly timeoutMs?: number | undefined } = {}): Promise<void> {
    this.#closed ??= this.#close(options)
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close({ timeoutMs }: { readonly timeoutMs?: number | undefined }): Promise<void> {
    const { clock } = this.#cluster.platform
    const startMs = clock.monotonic()
    const left = (share: number): { readonly timeoutMs?: number | undefined } => {
      if (timeoutMs === undefined) return {}
      return { timeoutMs: Math.max(startMs + timeoutMs - clock.monotonic(), 0) * share }
    }
    const isConsumer = (one: Closable): boolean => one instanceof Consumer
    const drained = await this.#closeThose(isConsumer, left(consumersShare))
    this.#isDrained = true
    const others = await this.#closeThose((one) => !isConsumer(one), left(1))
    await this.#cluster.close(left(1))
    const errors = [...drained, ...others]
    if (errors.length === 1) throw errors[0]
    if (errors.length > 1)
      throw new AggregateError(errors, `${errors.length} clients lost something on closing`)
  }

  /** @returns what closing them threw. */
  async #closeThose(
    which: (one: Closable) => boolean,
    options: { readonly timeoutMs?: number | undefined },
  ): Promise<unknown[]> {
    const those = [...this.#clients].flatMap((one) => one.deref() ?? []).filter(which)
    const results = await Promise.allSettled(those.map((one) => one.close(options)))
    return results.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  }

  /** Also while this closes, for the records at hand. */
  #deadLetters(): Producer {
    if (this.#deadLetterProducer === undefined && this.#isDrained) throw closedError()
    this.#deadLetterProducer ??= this.#add(new Producer(this.#options, this.#cluster))
    return this.#deadLetterProducer
  }

  #merge<Options extends object>(own: Options): Options & OttlaOptions {
    if (this.#closed !== undefined) throw closedError()
    const shared = Object.keys(own).filter((name) => Object.hasOwn(clientOptions.table, name))
    if (shared.length > 0) {
      throw new InvalidArgumentError(
        `${shared.join(', ')} is shared by all clients of an Ottla: give it to new Ottla(…), or make the client by itself.`,
      )
    }
    return { ...this.#options, ...own }
  }

  #add<Client extends Closable>(client: Client): Client {
    for (const one of this.#clients) if (one.deref() === undefined) this.#clients.delete(one)
    this.#clients.add(new WeakRef(client))
    return client
  }
}
