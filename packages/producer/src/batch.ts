import {
  type CompressionName,
  type KafkaError,
  RecordBatchBuilder,
  type RecordBytes,
  type RecordHeaderInput,
} from '@ottla/protocol'
import { type Delivery, type DeliveryCallback, tellDelivered, tellFailed } from './delivery.js'
import { RecordMetadata } from './record.js'
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
  #deliveries: (Delivery | DeliveryCallback | undefined)[] | undefined
  #timestamps: number[] = []
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
    if (this.#deliveries === undefined) return this.count
    let count = 0
    for (const delivery of this.#deliveries) if (typeof delivery !== 'object') count++
    return count
  }

  /** Appends a record unless the batch is full; an empty one takes a record of any size. */
  tryAppend(
    key: RecordBytes,
    value: RecordBytes,
    headers: readonly RecordHeaderInput[],
    timestamp: number,
    delivery: Delivery | DeliveryCallback | undefined,
  ): boolean {
    const index = this.#builder.tryAppend(key, value, headers, timestamp)
    if (index < 0) return false
    // Most batches of a fast path have nobody to tell one by one: they keep no list.
    if (delivery !== undefined || this.#deliveries !== undefined) {
      this.#addDelivery(index, delivery, timestamp)
    }
    return true
  }

  #addDelivery(
    index: number,
    delivery: Delivery | DeliveryCallback | undefined,
    timestamp: number,
  ): void {
    if (this.#deliveries === undefined) {
      this.#deliveries = []
      for (let earlier = 0; earlier < index; earlier++) {
        this.#deliveries.push(undefined)
        this.#timestamps.push(-1)
      }
    }
    this.#deliveries.push(delivery)
    this.#timestamps.push(timestamp)
  }

  /** Who waits for the record of an index, for a batch that takes the record over. */
  deliveryOf(index: number): Delivery | DeliveryCallback | undefined {
    return this.#deliveries?.[index]
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
    // Number arithmetic, and one bigint for each record that somebody asks about.
    const base = Number(baseOffset)
    for (let index = 0; index < deliveries.length; index++) {
      const delivery = deliveries[index]
      if (delivery === undefined) continue
      const offset = base < 0 ? -1n : BigInt(base + index)
      const timestamp = logAppendTimeMs >= 0 ? logAppendTimeMs : (this.#timestamps[index] as number)
      tellDelivered(delivery, new RecordMetadata(this.topic, this.partition, offset, timestamp))
    }
  }

  /** Tells everybody that the records were not delivered. */
  fail(error: KafkaError): void {
    if (this.isSettled) return
    this.failure = error
    this.#settle()
    const deliveries = this.#deliveries
    if (deliveries === undefined) return
    this.#deliveries = undefined
    for (const delivery of deliveries) if (delivery !== undefined) tellFailed(delivery, error)
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
