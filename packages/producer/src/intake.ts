import { onAbort, show, waitFor } from '@ottla/network'
import {
  ClosedError,
  InvalidArgumentError,
  KafkaError,
  type RecordHeaderInput,
  TimeoutError,
} from '@ottla/protocol'
import type { Accumulator } from './accumulator.js'
import type { Waiter } from './buffer-memory.js'
import type { Delivery, DeliveryCallback } from './delivery.js'
import type { Dispatcher } from './dispatcher.js'
import { listHeaders, noHeaders, type ProducerRecord } from './record.js'
import { checkHeaders, checkRecord, checkSize } from './record-check.js'
import type { Router } from './router.js'
import type { RecordSerializer } from './serializer.js'
import type { Turn } from './turn.js'

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
    if (onDelivery !== undefined && typeof onDelivery !== 'function') {
      throw new InvalidArgumentError(
        `enqueue takes a function as its second argument, which is told of the delivery, not ${show(onDelivery)}`,
      )
    }
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
    const turn = this.#turn()
    if (!(plain instanceof Promise) && this.#serializing === undefined) {
      this.#takeAll([plain], delivery, signal, turn)
      return
    }
    const take = (plain: ProducerRecord): void => this.#takeAll([plain], delivery, signal, turn)
    this.#inTurn(plain, turn, take, (error) => delivery.failed(error, 0))
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
    const turn = this.#turn()
    if (this.#serializer === undefined) {
      this.#takeAll(records as readonly ProducerRecord[], delivery, signal, turn)
      return
    }
    const takeAll = (plain: readonly ProducerRecord[]): void =>
      this.#takeAll(plain, delivery, signal, turn)
    const plain = this.#allSerialized(records)
    if (arePlain(plain) && this.#serializing === undefined) takeAll(plain)
    else this.#inTurn(Promise.all(plain), turn, takeAll, refuse)
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

  /** @throws what the first serializer throws that does so at once; then nobody waits for the others. */
  #allSerialized(
    records: readonly ProducerRecord<Key, Value>[],
  ): (ProducerRecord | Promise<ProducerRecord>)[] {
    const all: (ProducerRecord | Promise<ProducerRecord>)[] = []
    try {
      for (const record of records) all.push(this.#serialized(record))
    } catch (error) {
      for (const one of all) if (one instanceof Promise) one.catch(() => {})
      throw error
    }
    return all
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

  /**
   * Serializers run at the same time; what they give is taken in the order of the calls. Who takes longer than a delivery may,
   * or than the producer lives, is waited for no more.
   */
  #inTurn<Plain>(
    plain: Plain | Promise<Plain>,
    called: Turn,
    take: (plain: Plain) => void,
    refuse: (error: KafkaError) => void,
  ): void {
    const before = this.#serializing
    const ready = Promise.resolve(plain)
    ready.catch(() => {})
    const { deliveryTimeoutMs } = this.#settings
    const { clock, signal } = this.#dispatcher
    const limits = {
      clock,
      deadlineMs: called.nowMs + deliveryTimeoutMs,
      signal,
      onTimeout: () => serializerTimeout(deliveryTimeoutMs),
    }
    const run = async (): Promise<void> => {
      await before
      try {
        take(await waitFor(ready, limits))
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
    turn: Turn,
  ): void {
    const sizes: number[] = []
    const headers: (readonly RecordHeaderInput[])[] = []
    for (const record of records) {
      const bareBytes = checkRecord(record)
      // Listed once: an iterator gives its headers only once.
      const listed = headersOf(record)
      headers.push(listed)
      sizes.push(this.#checkWhole(record, bareBytes, listed))
    }
    for (let place = 0; place < records.length; place++) {
      const record = records[place] as ProducerRecord
      const listed = headers[place] as readonly RecordHeaderInput[]
      this.#take(record, listed, sizes[place] as number, delivery, place, signal, turn)
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
    headers: readonly RecordHeaderInput[],
    bytes: number,
    delivery: Delivery,
    place: number,
    signal: AbortSignal | undefined,
    turn: Turn,
  ): void {
    if (signal?.aborted) return
    const { memory } = this.#accumulator
    if (memory.fits(bytes)) {
      this.#submit(record, headers, bytes, delivery, place, signal, turn)
      return
    }
    this.#dispatcher.beginTurn()
    const waiter: Waiter = {
      bytes,
      deadlineMs: turn.nowMs + this.#settings.deliveryTimeoutMs,
      proceed: () => {
        ignoreAbort()
        this.#submit(record, headers, bytes, delivery, place, signal, turn)
      },
      giveUp: (error) => {
        ignoreAbort()
        delivery.failed(error, place)
      },
    }
    const ignoreAbort = onAbort(signal, () => memory.leave(waiter))
    memory.wait(waiter)
  }

  /** What the application's partitioner throws fails this record and no other. */
  #submit(
    record: ProducerRecord,
    headers: readonly RecordHeaderInput[],
    bytes: number,
    delivery: Delivery,
    place: number,
    signal: AbortSignal | undefined,
    turn: Turn,
  ): void {
    try {
      this.#router.submit(record, headers, bytes, delivery, place, signal, turn)
    } catch (error) {
      delivery.failed(KafkaError.from(error), place)
    }
  }

  /** The time of the call: what a delivery may take counts from here, whatever the record waits for. */
  #turn(): Turn {
    this.#dispatcher.beginTurn()
    return this.#dispatcher.turn
  }
}

const headersOf = ({ headers }: ProducerRecord): readonly RecordHeaderInput[] =>
  headers === undefined ? noHeaders : listHeaders(headers)

const arePlain = (
  records: readonly (ProducerRecord | Promise<ProducerRecord>)[],
): records is readonly ProducerRecord[] => !records.some((record) => record instanceof Promise)

const serializerTimeout = (timeoutMs: number): TimeoutError =>
  new TimeoutError(
    `a record was not delivered within deliveryTimeoutMs (${timeoutMs} ms): its serializer, or that of a record before it, ` +
      'has not finished',
    { code: 'OTTLA_DELIVERY_TIMEOUT' },
  )

const bufferFull = (topic: string, limitBytes: number): TimeoutError =>
  new TimeoutError(
    `a record for topic ${topic} was not taken: bufferMemory (${limitBytes} bytes) is full. ` +
      'Await drained() after enqueue answered false, or use send, which waits.',
    { code: 'OTTLA_BUFFER_FULL', topic },
  )
