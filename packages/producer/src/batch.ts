import {
  type CompressionName,
  type KafkaError,
  RecordBatchBuilder,
  type RecordBytes,
  type RecordHeaderInput,
} from '@ottla/protocol'
import { Deliveries, type RefusedRecords } from './deliveries.js'
import { nobody, type Recipient, type Waiting } from './delivery.js'
import type { BatchStamp } from './sequence.js'

/** What a batch is opened with. */
export interface BatchOptions {
  readonly topic: string
  readonly partition: number
  /** Monotonic time: lingering and the delivery timeout count from here. */
  readonly createdAtMs: number
  /** Size at which it is full, before compression. */
  readonly maxBytes: number
  readonly compression: CompressionName
  /** Memory to build in, if some is at hand. */
  readonly buffer?: Uint8Array | undefined
  /** Called once, when everybody was told what became of the records. */
  readonly onSettled: (batch: ProducerBatch) => void
}

/** One batch of one partition, from its first record to its last delivery report. */
export class ProducerBatch {
  readonly topic: string
  readonly partition: number
  readonly createdAtMs: number
  /** Place among the batches of its partition, given when it first leaves. */
  order = -1
  /** How often it was sent. */
  attempts = 0
  /** How many of these ended before the batch was written to a connection. */
  unwrittenAttempts = 0
  /** Not to be sent before. */
  retryAtMs = 0
  /** The id and sequences it carries, when idempotent. */
  stamp: BatchStamp | undefined
  /** It was sent, and no answer has told that the log does not have it. */
  maybeStored = false
  /** Everybody was told. It may still be in flight after its delivery timeout. */
  isSettled = false
  /** It was split: its records are in other batches now. */
  isDissolved = false
  /** Why it was last sent again. */
  lastError: KafkaError | undefined
  /** Why it was given up, once it is. */
  failure: KafkaError | undefined
  /** Offset of its first record once it is delivered; -1 when unknown. */
  baseOffset = -1n
  readonly #builder: RecordBatchBuilder
  readonly #compression: CompressionName
  readonly #onSettled: (batch: ProducerBatch) => void
  #deliveries: Deliveries | undefined
  #bytes: Uint8Array | undefined
  #encodedStamp: BatchStamp | undefined

  constructor(options: BatchOptions) {
    this.topic = options.topic
    this.partition = options.partition
    this.createdAtMs = options.createdAtMs
    this.#compression = options.compression
    this.#onSettled = options.onSettled
    this.#builder = new RecordBatchBuilder({ maxBytes: options.maxBytes, buffer: options.buffer })
  }

  get count(): number {
    return this.#builder.count
  }

  /** Bytes before compression: what counts against the buffer memory. */
  get byteLength(): number {
    return this.#builder.byteLength
  }

  /** The memory it was built in, to be used again once nothing reads it. */
  get buffer(): Uint8Array {
    return this.#builder.buffer
  }

  /** Records that came without anybody to tell, or with a callback: `enqueue`d ones. */
  get enqueuedCount(): number {
    return this.#deliveries?.enqueuedCount(this.count) ?? this.count
  }

  /** Appends a record unless the batch is full; an empty one takes a record of any size. `place`: see `Delivery`. */
  tryAppend(
    key: RecordBytes,
    value: RecordBytes,
    headers: readonly RecordHeaderInput[],
    timestamp: number,
    waiting: Waiting,
    place: number,
  ): boolean {
    const index = this.#builder.tryAppend(key, value, headers, timestamp)
    if (index < 0) return false
    // Batches without anybody to tell keep no list.
    if (waiting !== undefined || this.#deliveries !== undefined) {
      if (this.#deliveries === undefined) this.#deliveries = startDeliveries(index)
      this.#deliveries.add(index, waiting, place, timestamp)
    }
    return true
  }

  /** Who waits for the record of an index, at which place, for a batch that takes the record over. */
  waitingFor(index: number): Recipient {
    return this.#deliveries?.at(index) ?? nobody
  }

  /**
   * The batch as it goes out, with its stamp. The same bytes each time, unless the stamp changed.
   *
   * @throws UnsupportedCompressionError when the codec's package is missing.
   */
  encode(): Uint8Array {
    if (this.#bytes === undefined || this.#encodedStamp !== this.stamp) {
      this.#bytes = this.#builder.finish({ compression: this.#compression, ...this.stamp })
      this.#encodedStamp = this.stamp
    }
    return this.#bytes
  }

  /** Tells everybody that the records are stored; `baseOffset` is -1 where it is not known. */
  deliver(baseOffset: bigint, logAppendTimeMs: number): void {
    if (this.isSettled) return
    this.baseOffset = baseOffset
    this.#settle()
    const deliveries = this.#deliveries
    if (deliveries === undefined) return
    this.#deliveries = undefined
    deliveries.delivered(this.count, this, baseOffset, logAppendTimeMs)
  }

  /** Tells everybody that the records were not delivered. `refused`: those that the error is about, if not all. */
  fail(error: KafkaError, refused?: RefusedRecords): void {
    if (this.isSettled) return
    this.failure = error
    this.#settle()
    const deliveries = this.#deliveries
    if (deliveries === undefined) return
    this.#deliveries = undefined
    deliveries.failed(this.count, error, refused)
  }

  /** Others took its records over: nobody is told. */
  dissolve(): void {
    this.#deliveries = undefined
    this.isDissolved = true
    this.#settle()
  }

  #settle(): void {
    this.isSettled = true
    this.#onSettled(this)
  }
}

/** A list that begins late: nobody waits for the records before. */
const startDeliveries = (index: number): Deliveries => {
  const deliveries = new Deliveries()
  if (index > 0) deliveries.add(0, undefined, 0, -1)
  return deliveries
}
