import { EventEmitter } from 'node:events'
import { type CallOptions, Cluster, waitFor } from '@ottla/network'
import { ClosedError, type KafkaError, type RecordHeaderInput, TimeoutError } from '@ottla/protocol'
import { abortable } from './abortable.js'
import { Accumulator } from './accumulator.js'
import type { ProducerBatch } from './batch.js'
import type { Delivery, DeliveryCallback } from './delivery.js'
import { publish } from './diagnostics.js'
import { Dispatcher } from './dispatcher.js'
import {
  type ProducerOptions,
  type ResolvedProducerOptions,
  resolveProducerOptions,
} from './options.js'
import { createPartitioner } from './partitioner.js'
import { listHeaders, noHeaders, type ProducerRecord, type RecordMetadata } from './record.js'
import { checkHeaders, checkRecord, checkSize, mostRecordBytes } from './record-check.js'
import { Router } from './router.js'
import { DeliveryError, ManySends, SingleSend } from './send.js'

/** What `Producer.events` tells; nothing of it can be learned there only. */
export interface ProducerEvents {
  /** Records were given up. `send` rejects for its own, callbacks and `flush` tell of the others. */
  failed: [event: { topic: string; partition?: number; records: number; error: KafkaError }]
  /** A batch will be sent again. */
  retry: [event: { topic: string; partition: number; records: number; error: KafkaError }]
}

/** How much is under way. */
export interface ProducerStats {
  /** Bytes of records that wait for their delivery, of `bufferMemory`. */
  readonly bufferedBytes: number
  readonly batches: number
  readonly requestsInFlight: number
}

/** `flush` keeps so many reasons; the count of records goes on. */
const maxFailuresKept = 100

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
export class Producer {
  /** For logs and metrics; errors reach their caller without it. */
  readonly events: EventEmitter<ProducerEvents> = new EventEmitter<ProducerEvents>()
  readonly #options: ResolvedProducerOptions
  readonly #cluster: Cluster
  readonly #ownsCluster: boolean
  readonly #accumulator: Accumulator
  readonly #dispatcher: Dispatcher
  readonly #router: Router
  #failures: KafkaError[] = []
  #failedRecords = 0
  #isClosing = false
  #closed: Promise<void> | undefined

  /**
   * @param cluster connections to share (`Ottla` does); they stay open when the producer closes.
   * @throws InvalidArgumentError naming the option, the value and what is expected.
   */
  constructor(options: ProducerOptions, cluster?: Cluster) {
    this.#options = resolveProducerOptions(options)
    this.#ownsCluster = cluster === undefined
    this.#cluster = cluster ?? new Cluster(this.#options)
    const { random } = this.#cluster.platform
    this.#accumulator = new Accumulator({
      ...this.#options,
      partitioner: createPartitioner(this.#options.partitioner),
      random: () => random.next(),
      isAvailable: (topic, partition) => this.#dispatcher.leaderOf(topic, partition) !== undefined,
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
  }

  /** Connects to some broker, to fail fast where it matters; everything else connects by itself. */
  async connect(options: CallOptions = {}): Promise<void> {
    this.#assertOpen()
    await this.#cluster.connect(options)
  }

  /**
   * Sends a record and resolves when the brokers confirmed it (`acks`). Waits in line when `bufferMemory` is full; do not
   * change its bytes before the promise is settled. Sends that run concurrently share batches and requests.
   *
   * `signal` stops the wait; a record that is in a batch already may still be delivered.
   *
   * @throws InvalidArgumentError (also for a record larger than `maxRequestSize`), TimeoutError after
   * `deliveryTimeoutMs`, BrokerError, ClosedError, the signal's reason.
   */
  send(record: ProducerRecord, options?: { readonly signal?: AbortSignal }): Promise<RecordMetadata>
  /**
   * Sends records and resolves with their metadata in the same order, once all are confirmed.
   *
   * @throws InvalidArgumentError before anything is sent when one of them cannot be sent; DeliveryError, an AggregateError
   * whose `results` tell of each record, when some were not delivered.
   */
  send(
    records: readonly ProducerRecord[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<RecordMetadata[]>
  send(
    input: ProducerRecord | readonly ProducerRecord[],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<RecordMetadata | RecordMetadata[]> {
    const { signal } = options
    return isMany(input)
      ? abortable(this.#sendMany(input, signal), signal)
      : abortable(this.#sendOne(input, signal), signal)
  }

  /**
   * The fast path: takes a record without a promise. Its bytes are copied before the call returns. False means that a quarter of
   * `bufferMemory` is in use: await `drained()` before the next.
   *
   * @param onDelivery told what became of the record; without it `flush` and `close` tell of failures.
   * @throws InvalidArgumentError, ClosedError; TimeoutError with code `OTTLA_BUFFER_FULL` when `bufferMemory` is full, as
   * `drained` was not awaited. The record was not taken then.
   */
  enqueue(record: ProducerRecord, onDelivery?: DeliveryCallback): boolean {
    this.#assertOpen()
    const headers = this.#checkedHeaders(record)
    const bytes = this.#checkedBytes(record, headers)
    const { memory } = this.#accumulator
    if (!memory.fits(bytes)) throw bufferFull(record.topic, memory.limitBytes)
    this.#router.submit(record, headers, bytes, onDelivery)
    return memory.isOpen
  }

  /** Resolves when a good part of `bufferMemory` is free again; at once if `enqueue` would answer true. */
  drained({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const { memory } = this.#accumulator
    return abortable(new Promise<void>((resolve) => void memory.onDrained(resolve)), signal)
  }

  /**
   * Sends everything taken so far without lingering and resolves when each record of it is delivered or given up.
   *
   * @throws DeliveryError when something given to `enqueue` since the last `flush` was not delivered; the signal's reason.
   */
  async flush({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    await abortable(this.#flush(), signal)
    this.#throwFailures()
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
    readonly timeoutMs?: number
  } = {}): Promise<void> {
    this.#closed ??= this.#close(timeoutMs)
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #checkedHeaders(record: ProducerRecord): readonly RecordHeaderInput[] {
    checkRecord(record)
    if (record.headers === undefined) return noHeaders
    const headers = listHeaders(record.headers)
    checkHeaders(record, headers)
    return headers
  }

  #checkedBytes(record: ProducerRecord, headers: readonly RecordHeaderInput[]): number {
    const bytes = mostRecordBytes(record, headers)
    checkSize(record, headers, bytes, this.#options.maxRequestSize)
    return bytes
  }

  #sendOne(record: ProducerRecord, signal: AbortSignal | undefined): Promise<RecordMetadata> {
    return new Promise((resolve, reject) => {
      // What is thrown here rejects the promise.
      this.#assertOpen()
      const headers = this.#checkedHeaders(record)
      const bytes = this.#checkedBytes(record, headers)
      this.#submit(record, headers, bytes, new SingleSend(resolve, reject), signal)
    })
  }

  #sendMany(
    records: readonly ProducerRecord[],
    signal: AbortSignal | undefined,
  ): Promise<RecordMetadata[]> {
    return new Promise((resolve, reject) => {
      this.#assertOpen()
      // All are checked before the first is taken.
      const checked = records.map((record) => {
        const headers = this.#checkedHeaders(record)
        return { record, headers, bytes: this.#checkedBytes(record, headers) }
      })
      const many = new ManySends(records, resolve, reject)
      checked.forEach(({ record, headers, bytes }, index) => {
        this.#submit(record, headers, bytes, many.at(index), signal)
      })
    })
  }

  /** Takes a record now or when its turn for memory comes. */
  #submit(
    record: ProducerRecord,
    headers: readonly RecordHeaderInput[],
    bytes: number,
    delivery: Delivery,
    signal: AbortSignal | undefined,
  ): void {
    const { memory } = this.#accumulator
    if (memory.fits(bytes)) {
      this.#router.submit(record, headers, bytes, delivery)
      return
    }
    this.#dispatcher.beginTurn()
    memory.wait({
      bytes,
      deadlineMs: this.#dispatcher.nowMs + this.#options.deliveryTimeoutMs,
      proceed: () => {
        if (!signal?.aborted) this.#router.submit(record, headers, bytes, delivery)
      },
      giveUp: (error) => delivery.failed(error),
    })
  }

  async #flush(): Promise<void> {
    // Three rooms, in the order in which records pass through them: memory, metadata, batches.
    const { memory } = this.#accumulator
    if (memory.isExhausted) {
      await new Promise<void>((proceed) => {
        memory.wait({ bytes: 0, deadlineMs: Infinity, proceed, giveUp: () => proceed() })
      })
    }
    await this.#router.settled()
    this.#dispatcher.beginTurn()
    await new Promise<void>((done) => this.#accumulator.flush(done))
  }

  async #close(timeoutMs: number): Promise<void> {
    this.#isClosing = true
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
    this.#throwFailures()
  }

  #assertOpen(): void {
    if (this.#isClosing) throw new ClosedError('this producer is closed; create a new one')
  }

  #throwFailures(): void {
    if (this.#failedRecords === 0) return
    const failures = this.#failures
    const count = this.#failedRecords
    this.#failures = []
    this.#failedRecords = 0
    const reasons = [...new Set(failures.map((error) => error.message))].slice(0, 3).join(' | ')
    throw new DeliveryError(`${count} enqueued record(s) were not delivered: ${reasons}`, failures)
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
      this.events.emit('retry', { topic, partition, records: count, error })
    }
  }

  #onUndelivered(event: ProducerEvents['failed'][0], enqueued: number): void {
    if (enqueued > 0) {
      this.#failedRecords += enqueued
      if (this.#failures.length < maxFailuresKept) this.#failures.push(event.error)
    }
    if (this.events.listenerCount('failed') > 0) this.events.emit('failed', event)
  }

  #describe({ topic, partition, count, byteLength, attempts }: ProducerBatch) {
    const { clientId } = this.#options
    return { clientId, topic, partition, records: count, bytes: byteLength, attempts }
  }
}

const isMany = (
  input: ProducerRecord | readonly ProducerRecord[],
): input is readonly ProducerRecord[] => Array.isArray(input)

const bufferFull = (topic: string, limitBytes: number): TimeoutError =>
  new TimeoutError(
    `a record for topic ${topic} was not taken: bufferMemory (${limitBytes} bytes) is full. ` +
      'Await drained() after enqueue answered false, or use send, which waits.',
    { code: 'OTTLA_BUFFER_FULL', topic },
  )
