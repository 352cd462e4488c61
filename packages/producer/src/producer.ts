import { EventEmitter } from 'node:events'
import type { Writable } from 'node:stream'
import { type CallOptions, Cluster, logDiagnostics, show, waitFor } from '@ottla/network'
import {
  ClosedError,
  InvalidArgumentError,
  type KafkaError,
  type RecordBytes,
  TimeoutError,
} from '@ottla/protocol'
import { abortable } from './abortable.js'
import { Accumulator } from './accumulator.js'
import type { ProducerBatch } from './batch.js'
import { type DeliveryCallback, tell } from './delivery.js'
import { diagnostics, publish } from './diagnostics.js'
import { Dispatcher } from './dispatcher.js'
import { Failures } from './failures.js'
import { Intake } from './intake.js'
import {
  type ProducerOptions,
  type ResolvedProducerOptions,
  resolveProducerOptions,
} from './options.js'
import { createPartitioner } from './partitioner.js'
import type { ProducerRecord, RecordMetadata } from './record.js'
import { Router } from './router.js'
import { ManySends, SingleSend } from './send.js'
import { RecordSerializer } from './serializer.js'
import {
  createWebWritable,
  createWritable,
  type RecordSink,
  type WritableOptions,
} from './writable.js'

/** What `Producer.events` tells; nothing of it can be learned there only. */
export interface ProducerEvents {
  /** Records were given up. `send` rejects for its own, callbacks and `flush` tell of the others. */
  failed: [event: { topic: string; partition?: number; records: number; error: KafkaError }]
  /** A batch will be sent again. */
  retry: [event: { topic: string; partition: number; records: number; error: KafkaError }]
}

/** How long a call waits: until the signal aborts. */
export interface WaitLimits {
  readonly signal?: AbortSignal | undefined
}

/** How much is under way. */
export interface ProducerStats {
  /** Bytes of records that wait for their delivery, of `bufferMemory`. */
  readonly bufferedBytes: number
  readonly batches: number
  readonly requestsInFlight: number
}

/**
 * Sends records to Kafka. Batches by itself: everything sent in one turn of the event loop goes together, and while
 * requests are in flight the next batches grow. Idempotent by default: each record is stored once and in the order of the
 * calls per partition, through retries, leader changes and broken connections.
 *
 * ```ts
 * const producer = new Producer({ bootstrapServers: 'localhost:9092' })
 * try {
 *   const { partition, offset } = await producer.send({ topic: 'trucks', key: 'truck-42', value: '52.52,13.40' })
 * } finally {
 *   await producer.close()
 * }
 * ```
 */
export class Producer<Key = RecordBytes, Value = RecordBytes> {
  /** For logs and metrics; errors reach their caller without it. */
  readonly events: EventEmitter<ProducerEvents> = new EventEmitter<ProducerEvents>()
  readonly #options: ResolvedProducerOptions
  readonly #cluster: Cluster
  readonly #ownsCluster: boolean
  readonly #accumulator: Accumulator
  readonly #dispatcher: Dispatcher
  readonly #router: Router
  readonly #failures = new Failures()
  readonly #intake: Intake<Key, Value>
  #closed: Promise<void> | undefined

  /**
   * @param cluster connections to share (`Ottla` does); they stay open when the producer closes.
   * @throws InvalidArgumentError naming the option, the value and what is expected.
   */
  constructor(options: ProducerOptions<Key, Value>, cluster?: Cluster) {
    this.#options = resolveProducerOptions(options)
    this.#ownsCluster = cluster === undefined
    this.#cluster = cluster ?? new Cluster(this.#options)
    logDiagnostics(diagnostics)
    const { random } = this.#cluster.platform
    const isAvailable = (topic: string, partition: number): boolean =>
      this.#dispatcher.leaderOf(topic, partition) !== undefined
    this.#accumulator = new Accumulator({
      ...this.#options,
      partitioner: createPartitioner(this.#options.partitioner, isAvailable),
      random: () => random.next(),
      isAvailable,
      onSettled: (batch) => this.#onSettled(batch),
      onRetry: (batch, error) => this.#onRetry(batch, error),
    })
    this.#dispatcher = new Dispatcher(this.#cluster, this.#options, this.#accumulator)
    this.#router = new Router(
      this.#cluster,
      this.#accumulator,
      this.#dispatcher,
      this.#options.deliveryTimeoutMs,
      (topic, error, isEnqueued) =>
        this.#onUndelivered({ topic, records: 1, error }, isEnqueued ? 1 : 0),
    )
    const { keySerializer, valueSerializer } = options
    this.#intake = new Intake(
      this.#accumulator,
      this.#router,
      this.#dispatcher,
      this.#options,
      keySerializer === undefined && valueSerializer === undefined
        ? undefined
        : new RecordSerializer(keySerializer, valueSerializer),
    )
  }

  /** Connects to some broker, to fail fast where it matters; everything else connects by itself. */
  async connect(options: CallOptions = {}): Promise<void> {
    this.#intake.assertOpen()
    await this.#cluster.connect(options)
  }

  /**
   * Sends a record and resolves when the brokers confirmed it (`acks`). Waits in line when `bufferMemory` is full; do not
   * change its bytes before the promise is settled. Sends that run concurrently share batches and requests.
   *
   * `signal` stops the wait; a record that is in a batch already may still be delivered, one whose topic is still looked up
   * is not.
   *
   * @throws InvalidArgumentError (also for a record larger than `maxRequestSize`), TimeoutError after
   * `deliveryTimeoutMs`, BrokerError, ClosedError, the signal's reason.
   */
  send(record: ProducerRecord<Key, Value>, options?: WaitLimits): Promise<RecordMetadata>
  /**
   * Sends records and resolves with their metadata in the same order, once all are confirmed.
   *
   * @throws InvalidArgumentError before anything is sent when one of them cannot be sent; DeliveryError, an AggregateError
   * whose `results` tell of each record, when some were not delivered.
   */
  send(
    records: readonly ProducerRecord<Key, Value>[],
    options?: WaitLimits,
  ): Promise<RecordMetadata[]>
  /** One record or many, as they come. */
  send(
    input: ProducerRecord<Key, Value> | readonly ProducerRecord<Key, Value>[],
    options?: WaitLimits,
  ): Promise<RecordMetadata | RecordMetadata[]>
  send(
    input: ProducerRecord<Key, Value> | readonly ProducerRecord<Key, Value>[],
    { signal }: WaitLimits = {},
  ): Promise<RecordMetadata | RecordMetadata[]> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    if (!isMany(input)) {
      const one = new Promise<RecordMetadata>((resolve, reject) => {
        // What is thrown here rejects the promise.
        this.#intake.send(input, new SingleSend(resolve, reject), signal)
      })
      return this.#withdrawable(one, signal)
    }
    const all = new Promise<RecordMetadata[]>((resolve, reject) => {
      const many = new ManySends(input, resolve, reject)
      this.#intake.sendMany(input, many, reject, signal)
    })
    return this.#withdrawable(all, signal)
  }

  /**
   * The fast path: takes a record without a promise. Its bytes are copied before the call returns. False means that a quarter of
   * `bufferMemory` is in use: await `drained()` before the next.
   *
   * @param onDelivery told what became of the record; without it `flush` and `close` tell of failures.
   * @throws InvalidArgumentError, ClosedError; TimeoutError with code `OTTLA_BUFFER_FULL` when `bufferMemory` is full, as
   * `drained` was not awaited. The record was not taken then.
   */
  enqueue(record: ProducerRecord<Key, Value>, onDelivery?: DeliveryCallback): boolean {
    return this.#intake.enqueue(record, onDelivery)
  }

  /** Resolves when a good part of `bufferMemory` is free again; at once if `enqueue` would answer true. */
  drained({ signal }: WaitLimits = {}): Promise<void> {
    const { memory } = this.#accumulator
    return abortable(new Promise<void>((resolve) => void memory.onDrained(resolve)), signal)
  }

  /**
   * Sends everything taken so far without lingering and resolves when each record of it is delivered or given up.
   *
   * @throws DeliveryError when something given to `enqueue` since the last `flush` was not delivered; the signal's reason.
   */
  async flush({ signal }: WaitLimits = {}): Promise<void> {
    await abortable(this.#flush(), signal)
    this.#failures.throwIfAny()
  }

  /**
   * A Node stream that sends what is written to it: records, whose fields win over `defaults`, or strings and bytes, which
   * are values. It takes no more while a quarter of `bufferMemory` is in use. The first record that cannot be delivered
   * destroys it with that error; it finishes when all are delivered. The producer stays open.
   *
   * ```ts
   * await pipeline(createReadStream('app.log'), split, producer.writable({ topic: 'logs' }))
   * ```
   */
  writable(defaults: WritableOptions<Key, Value> = {}): Writable {
    return createWritable(this.#sink, defaults)
  }

  /** The same as a web stream: `await readable.pipeTo(producer.webWritable({ topic: 'logs' }))`. */
  webWritable(defaults: WritableOptions<Key, Value> = {}): WritableStream<unknown> {
    return createWebWritable(this.#sink, defaults)
  }

  /** How much is under way now. */
  get stats(): ProducerStats {
    return {
      bufferedBytes: this.#accumulator.memory.usedBytes,
      batches: this.#accumulator.incomplete.size,
      requestsInFlight: this.#dispatcher.requestsInFlight,
    }
  }

  /**
   * Flushes for at most `timeoutMs` (default `requestTimeoutMs`), gives up what is left, and closes the connections unless
   * they are shared. Takes nothing new meanwhile. Idempotent; leaves no timer and no socket.
   *
   * @throws DeliveryError, after all is closed, when something given to `enqueue` was not delivered and not told by `flush`.
   */
  close({
    timeoutMs = this.#options.requestTimeoutMs,
  }: {
    readonly timeoutMs?: number | undefined
  } = {}): Promise<void> {
    if (!(timeoutMs >= 0)) {
      const message = `close takes timeoutMs from 0 on, not ${show(timeoutMs)}`
      return Promise.reject(new InvalidArgumentError(message))
    }
    this.#closed ??= this.#close(timeoutMs)
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #withdrawable<T>(sent: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    if (signal === undefined) return sent
    return abortable(sent, signal, () => this.#router.withdraw(signal))
  }

  get #sink(): RecordSink<Key, Value> {
    return {
      send: (record, delivery) => this.#intake.send(record, delivery, undefined),
      drained: () => this.drained(),
      flushed: () => this.#flush(),
    }
  }

  async #flush(): Promise<void> {
    // Three rooms, in the order in which records pass through them: the intake, metadata, batches. What is in batches already
    // leaves at once, whatever the other rooms wait for.
    void this.#flushBatches()
    await this.#intake.settled()
    await this.#router.settled()
    await this.#flushBatches()
  }

  #flushBatches(): Promise<void> {
    this.#dispatcher.beginTurn()
    return new Promise((done) => this.#accumulator.flush(done))
  }

  async #close(timeoutMs: number): Promise<void> {
    this.#intake.close()
    const { clock } = this.#cluster.platform
    const deadlineMs = clock.monotonic() + timeoutMs
    const onTimeout = (): TimeoutError => new TimeoutError('flush')
    await waitFor(this.#flush(), { clock, deadlineMs, onTimeout }).catch(() => {})
    const notDelivered = `the producer was closed before the record was delivered (within ${timeoutMs} ms)`
    this.#dispatcher.stop(new ClosedError(notDelivered))
    await this.#router.settled()
    if (this.#ownsCluster) {
      await this.#cluster.close({ timeoutMs: Math.max(deadlineMs - clock.monotonic(), 0) })
    }
    this.#failures.throwIfAny()
  }

  #onSettled(batch: ProducerBatch): void {
    const { topic, partition, failure, count } = batch
    if (failure === undefined) {
      publish('ottla:producer:delivered', () => ({
        ...this.#describe(batch),
        baseOffset: batch.baseOffset,
        durationMs: this.#cluster.platform.clock.monotonic() - batch.createdAtMs,
      }))
      return
    }
    publish('ottla:producer:failed', () => ({ ...this.#describe(batch), error: failure }))
    const event = { topic, partition, records: count, error: failure }
    this.#onUndelivered(event, batch.enqueuedCount)
  }

  #onRetry(batch: ProducerBatch, error: KafkaError): void {
    publish('ottla:producer:retry', () => ({ ...this.#describe(batch), error }))
    const { topic, partition, count } = batch
    if (this.events.listenerCount('retry') > 0) {
      tell(() => this.events.emit('retry', { topic, partition, records: count, error }))
    }
  }

  #onUndelivered(event: ProducerEvents['failed'][0], enqueued: number): void {
    this.#failures.add(enqueued, event.error)
    if (this.events.listenerCount('failed') > 0) tell(() => this.events.emit('failed', event))
  }

  #describe({ topic, partition, count, byteLength, attempts }: ProducerBatch) {
    const { clientId } = this.#options
    return { clientId, topic, partition, records: count, bytes: byteLength, attempts }
  }
}

const isMany = <Key, Value>(
  input: ProducerRecord<Key, Value> | readonly ProducerRecord<Key, Value>[],
): input is readonly ProducerRecord<Key, Value>[] => Array.isArray(input)
