import {
  ClosedError,
  InvalidArgumentError,
  KafkaError,
  type RecordHeaderInput,
  TimeoutError,
} from '@ottla/protocol'
import type { Accumulator } from './accumulator.js'
import type { Delivery, DeliveryCallback } from './delivery.js'
import type { Dispatcher } from './dispatcher.js'
import { listHeaders, noHeaders, type ProducerRecord } from './record.js'
import { checkHeaders, checkRecord, checkSize } from './record-check.js'
import type { Router } from './router.js'
import type { RecordSerializer } from './serializer.js'

/** What the intake needs of the options. */
export interface IntakeSettings {
  readonly maxRequestSize: number
  readonly deliveryTimeoutMs: number
}

/**
 * Where records come in: has them serialized, checks them, and lets them stand in line while memory is full. What comes
 * in goes on in the order of the calls, whatever a call waits for.
 */
export class Intake<Key, Value> {
  readonly #accumulator: Accumulator
  readonly #router: Router
  readonly #dispatcher: Dispatcher
  readonly #settings: IntakeSettings
  readonly #serializer: RecordSerializer<Key, Value> | undefined
  /** Ends when all that came so far is serialized and taken; undefined when nothing waits for a serializer. */
  #serializing: Promise<void> | undefined
  #isClosed = false

  constructor(
    accumulator: Accumulator,
    router: Router,
    dispatcher: Dispatcher,
    settings: IntakeSettings,
    serializer: RecordSerializer<Key, Value> | undefined,
  ) {
    this.#accumulator = accumulator
    this.#router = router
    this.#dispatcher = dispatcher
    this.#settings = settings
    this.#serializer = serializer
  }

  /** Takes nothing more. */
  close(): void {
    this.#isClosed = true
  }

  assertOpen(): void {
    if (this.#isClosed) throw new ClosedError('this producer is closed; create a new one')
  }

  /** See `Producer.enqueue`. */
  enqueue(record: ProducerRecord<Key, Value>, onDelivery: DeliveryCallback | undefined): boolean {
    this.assertOpen()
    const plain =
      this.#serializer === undefined ? (record as ProducerRecord) : this.#serializedAtOnce(record)
    const bareBytes = checkRecord(plain)
    const headers = headersOf(plain)
    const bytes = this.#checkWhole(plain, bareBytes, headers)
    const { memory } = this.#accumulator
    if (!memory.fits(bytes)) throw bufferFull(plain.topic, memory.limitBytes)
    this.#router.submit(plain, headers, bytes, onDelivery, 0)
    return memory.isOpen
  }

  /**
   * Takes one record when its turn comes.
   *
   * @throws InvalidArgumentError, ClosedError; what is found out later is told by `delivery`.
   */
  send(
    record: ProducerRecord<Key, Value>,
    delivery: Delivery,
    signal: AbortSignal | undefined,
  ): void {
    this.assertOpen()
    const plain = this.#serialized(record)
    if (!(plain instanceof Promise) && this.#serializing === undefined) {
      this.#takeAll([plain], delivery, signal)
      return
    }
    const take = (plain: ProducerRecord): void => this.#takeAll([plain], delivery, signal)
    this.#inTurn(plain, take, (error) => delivery.failed(error, 0))
  }

  /**
   * Takes many records when their turn comes, all or, if one cannot be sent, none.
   *
   * @param delivery told of each record, by its index.
   * @param refuse told why none was taken, if that is found out later.
   * @throws InvalidArgumentError, ClosedError
   */
  sendMany(
    records: readonly ProducerRecord<Key, Value>[],
    delivery: Delivery,
    refuse: (error: KafkaError) => void,
    signal: AbortSignal | undefined,
  ): void {
    this.assertOpen()
    if (this.#serializer === undefined) {
      this.#takeAll(records as readonly ProducerRecord[], delivery, signal)
      return
    }
    const takeAll = (plain: readonly ProducerRecord[]): void =>
      this.#takeAll(plain, delivery, signal)
    const plain = records.map((record) => this.#serialized(record))
    if (arePlain(plain) && this.#serializing === undefined) takeAll(plain)
    else this.#inTurn(Promise.all(plain), takeAll, refuse)
  }

  /** Resolves when everything that came so far is serialized and has found room in memory. */
  async settled(): Promise<void> {
    await this.#serializing
    const { memory } = this.#accumulator
    if (!memory.isExhausted) return
    await new Promise<void>((proceed) => {
      memory.wait({ bytes: 0, deadlineMs: Infinity, proceed, giveUp: () => proceed() })
    })
  }

  #serialized(record: ProducerRecord<Key, Value>): ProducerRecord | Promise<ProducerRecord> {
    if (this.#serializer === undefined) return record as ProducerRecord
    if (typeof record?.topic !== 'string') checkRecord(record as ProducerRecord)
    return this.#serializer.serialize(record)
  }

  /** @throws InvalidArgumentError when a serializer of this record, or of one before it, takes its time. */
  #serializedAtOnce(record: ProducerRecord<Key, Value>): ProducerRecord {
    const plain = this.#serialized(record)
    if (!(plain instanceof Promise) && this.#serializing === undefined) return plain
    if (plain instanceof Promise) plain.catch(() => {})
    throw new InvalidArgumentError(
      'enqueue takes records at once, which asynchronous serializers cannot serve; use send',
      { topic: record.topic },
    )
  }

  /** Serializers run at the same time; what they give is taken in the order of the calls. */
  #inTurn<Plain>(
    plain: Plain | Promise<Plain>,
    take: (plain: Plain) => void,
    refuse: (error: KafkaError) => void,
  ): void {
    const before = this.#serializing
    const ready = Promise.resolve(plain)
    ready.catch(() => {})
    const run = async (): Promise<void> => {
      await before
      try {
        take(await ready)
      } catch (error) {
        refuse(KafkaError.from(error))
      }
    }
    const turn = run().then(() => {
      if (this.#serializing === turn) this.#serializing = undefined
    })
    this.#serializing = turn
  }

  /** Takes all of them or, if one cannot be sent, none. */
  #takeAll(
    records: readonly ProducerRecord[],
    delivery: Delivery,
    signal: AbortSignal | undefined,
  ): void {
    const sizes: number[] = []
    for (const record of records) {
      sizes.push(this.#checkWhole(record, checkRecord(record), headersOf(record)))
    }
    for (let place = 0; place < records.length; place++) {
      const record = records[place] as ProducerRecord
      this.#take(record, sizes[place] as number, delivery, place, signal)
    }
  }

  /** The most bytes that the record may take, of which `bareBytes` are not its headers'. */
  #checkWhole(
    record: ProducerRecord,
    bareBytes: number,
    headers: readonly RecordHeaderInput[],
  ): number {
    const bytes = headers.length === 0 ? bareBytes : bareBytes + checkHeaders(record, headers)
    checkSize(record, headers, bytes, this.#settings.maxRequestSize)
    return bytes
  }

  /** Takes a checked record now or when its turn for memory comes; not one that was called off meanwhile. */
  #take(
    record: ProducerRecord,
    bytes: number,
    delivery: Delivery,
    place: number,
    signal: AbortSignal | undefined,
  ): void {
    if (signal?.aborted) return
    const headers = headersOf(record)
    const { memory } = this.#accumulator
    if (memory.fits(bytes)) {
      this.#router.submit(record, headers, bytes, delivery, place, signal)
      return
    }
    this.#dispatcher.beginTurn()
    memory.wait({
      bytes,
      deadlineMs: this.#dispatcher.turn.nowMs + this.#settings.deliveryTimeoutMs,
      proceed: () => {
        if (!signal?.aborted) this.#router.submit(record, headers, bytes, delivery, place, signal)
      },
      giveUp: (error) => delivery.failed(error, place),
    })
  }
}

const headersOf = ({ headers }: ProducerRecord): readonly RecordHeaderInput[] =>
  headers === undefined ? noHeaders : listHeaders(headers)

const arePlain = (
  records: readonly (ProducerRecord | Promise<ProducerRecord>)[],
): records is readonly ProducerRecord[] => !records.some((record) => record instanceof Promise)

const bufferFull = (topic: string, limitBytes: number): TimeoutError =>
  new TimeoutError(
    `a record for topic ${topic} was not taken: bufferMemory (${limitBytes} bytes) is full. ` +
      'Await drained() after enqueue answered false, or use send, which waits.',
    { code: 'OTTLA_BUFFER_FULL', topic },
  )
