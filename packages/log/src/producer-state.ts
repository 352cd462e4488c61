import { type BatchHeader, sequenceAfter } from './batch-header.js'
import { LogError } from './log-error.js'
import type { ActiveProducer } from './types.js'

/** An append that an idempotent producer may repeat. */
export interface RememberedBatch {
  readonly lastSequence: number
  readonly lastOffset: number
  readonly offsetDelta: number
  readonly timestamp: number
}

/** How many appends per producer a repetition is recognised for (the most an idempotent producer has in flight). */
const rememberedBatches = 5

/** What the log knows of one producer id. */
export interface ProducerEntry {
  readonly producerId: number
  producerEpoch: number
  /** Oldest first, at most five. */
  batches: RememberedBatch[]
  coordinatorEpoch: number
  lastTimestamp: number
  /** -1: no transaction is open. */
  transactionStart: number
}

/** First sequence of a remembered batch. */
const firstSequence = ({ lastSequence, offsetDelta }: RememberedBatch): number =>
  lastSequence >= offsetDelta
    ? lastSequence - offsetDelta
    : lastSequence - offsetDelta + 0x8000_0000

/** Idempotent and transactional producers of one partition (KIP-98, KIP-360). */
export class ProducerState {
  /** Who wrote last comes last. Made for the first of them: an empty map is most of an idle partition's state. */
  private known: Map<number, ProducerEntry> | undefined
  private newestId = -1
  /** While something is undecided: what every entry it touched was before. */
  private before: Map<number, ProducerEntry | undefined> | undefined

  private get entries(): Map<number, ProducerEntry> {
    this.known ??= new Map()
    return this.known
  }

  get size(): number {
    return this.known?.size ?? 0
  }

  get all(): Iterable<ProducerEntry> {
    return this.known?.values() ?? []
  }

  /**
   * Checks a client's batch before it is appended.
   *
   * @returns the append it repeats, or undefined if it is new.
   * @throws LogError INVALID_PRODUCER_EPOCH, OUT_OF_ORDER_SEQUENCE_NUMBER or INVALID_TXN_STATE.
   */
  check(header: BatchHeader, isTransactional: boolean): RememberedBatch | undefined {
    const entry = this.entries.get(header.producerId)
    // Without state any sequence is accepted: retention may have removed all that this producer wrote.
    if (entry === undefined) return undefined
    const delta = header.lastOffset - header.baseOffset
    const repeated = findRepeated(entry, header, delta)
    if (repeated !== undefined) return repeated
    this.checkEpoch(header)
    const last = entry.batches.at(-1)?.lastSequence ?? -1
    if (header.producerEpoch !== entry.producerEpoch) {
      if (header.baseSequence !== 0 && entry.producerEpoch !== -1) {
        throw new LogError(
          'OUT_OF_ORDER_SEQUENCE_NUMBER',
          `producer ${header.producerId} starts its epoch ${header.producerEpoch} with sequence ${header.baseSequence} instead of 0`,
        )
      }
    } else if (entry.producerEpoch !== -1 && header.baseSequence !== sequenceAfter(last, 1)) {
      throw new LogError(
        'OUT_OF_ORDER_SEQUENCE_NUMBER',
        `producer ${header.producerId} sent sequence ${header.baseSequence} after ${last}`,
      )
    }
    if (entry.transactionStart >= 0 && !isTransactional) {
      throw new LogError(
        'INVALID_TXN_STATE',
        `producer ${header.producerId} has an open transaction and sent a batch that is not part of it`,
      )
    }
    return undefined
  }

  /**
   * Refuses a producer whose epoch is older than the one known.
   *
   * @throws LogError INVALID_PRODUCER_EPOCH.
   */
  checkEpoch(header: BatchHeader): void {
    const known = this.entries.get(header.producerId)?.producerEpoch ?? -1
    if (header.producerEpoch >= known) return
    throw new LogError(
      'INVALID_PRODUCER_EPOCH',
      `producer ${header.producerId} sent epoch ${header.producerEpoch}, but ${known} is known already`,
    )
  }

  /** From here on {@link undo} can take everything back, until {@link commit}. */
  remember(): void {
    this.before ??= new Map()
  }

  /** What was taken in since {@link remember} is in the log. */
  commit(): void {
    this.before = undefined
  }

  /** What was taken in since {@link remember} has failed to get into the log. */
  undo(): void {
    for (const [producerId, entry] of this.before ?? []) {
      if (entry === undefined) this.entries.delete(producerId)
      else this.entries.set(producerId, entry)
    }
    this.newestId = -1
    this.before = undefined
  }

  /** Takes in a data batch with its final offsets. */
  update(header: BatchHeader, isTransactional: boolean): void {
    const entry = this.entryFor(header.producerId)
    if (entry.producerEpoch !== header.producerEpoch) {
      entry.producerEpoch = header.producerEpoch
      entry.batches = []
    }
    const offsetDelta = header.lastOffset - header.baseOffset
    if (entry.batches.length === rememberedBatches) entry.batches.shift()
    entry.batches.push({
      lastSequence: header.baseSequence < 0 ? -1 : sequenceAfter(header.baseSequence, offsetDelta),
      lastOffset: header.lastOffset,
      offsetDelta,
      timestamp: header.maxTimestamp,
    })
    entry.lastTimestamp = header.maxTimestamp
    if (isTransactional && entry.transactionStart < 0) entry.transactionStart = header.baseOffset
  }

  /** Takes in a transaction marker: the producer's transaction has ended. */
  endTransaction(header: BatchHeader, coordinatorEpoch: number): void {
    const entry = this.entryFor(header.producerId)
    if (header.producerEpoch > entry.producerEpoch) {
      entry.producerEpoch = header.producerEpoch
      entry.batches = []
    }
    entry.coordinatorEpoch = coordinatorEpoch
    entry.lastTimestamp = header.maxTimestamp
    entry.transactionStart = -1
  }

  /** First offset of the oldest open transaction; undefined if none is open. */
  firstUnstableOffset(): number | undefined {
    let first: number | undefined
    for (const { transactionStart } of this.all) {
      if (transactionStart >= 0 && (first === undefined || transactionStart < first)) {
        first = transactionStart
      }
    }
    return first
  }

  /**
   * Forgets producers that were silent for too long and have no open transaction. It looks at those that wrote longest ago
   * and stops at the first that is to stay, so that it costs nothing to ask often.
   */
  expire(nowMs: number, expirationMs: number): void {
    for (const [producerId, { lastTimestamp, transactionStart }] of this.known ?? []) {
      if (transactionStart >= 0) continue
      if (nowMs - lastTimestamp < expirationMs) return
      this.entries.delete(producerId)
    }
  }

  active(): ActiveProducer[] {
    return [...this.all].map((entry) => ({
      producerId: entry.producerId,
      producerEpoch: entry.producerEpoch,
      lastSequence: entry.batches.at(-1)?.lastSequence ?? -1,
      lastTimestamp: entry.lastTimestamp,
      coordinatorEpoch: entry.coordinatorEpoch,
      currentTransactionStartOffset: entry.transactionStart,
    }))
  }

  /** Replaces everything, as a snapshot says. */
  load(entries: Iterable<ProducerEntry>): void {
    this.newestId = -1
    this.known = new Map([...entries].map((entry) => [entry.producerId, entry]))
  }

  /** Remembers what `recent` remembers of producers that both know up to the same batch. */
  recall(recent: ProducerState): void {
    for (const entry of this.all) {
      const other = recent.known?.get(entry.producerId)
      if (other === undefined || other.producerEpoch !== entry.producerEpoch) continue
      const [known, found] = [entry.batches.at(-1), other.batches.at(-1)]
      if (known?.lastOffset === found?.lastOffset) entry.batches = other.batches
    }
  }

  clear(): void {
    this.known = undefined
  }

  private entryFor(producerId: number): ProducerEntry {
    let entry = this.entries.get(producerId)
    if (this.before?.has(producerId) === false) {
      this.before.set(producerId, entry && { ...entry, batches: [...entry.batches] })
    }
    // It wrote last now: that is its place.
    if (entry !== undefined && this.newestId !== producerId) {
      this.entries.delete(producerId)
      this.entries.set(producerId, entry)
    }
    this.newestId = producerId
    if (entry === undefined) {
      entry = {
        producerId,
        producerEpoch: -1,
        batches: [],
        coordinatorEpoch: -1,
        lastTimestamp: -1,
        transactionStart: -1,
      }
      this.entries.set(producerId, entry)
    }
    return entry
  }
}

function findRepeated(
  entry: ProducerEntry,
  header: BatchHeader,
  delta: number,
): RememberedBatch | undefined {
  if (header.producerEpoch !== entry.producerEpoch) return undefined
  const lastSequence = sequenceAfter(header.baseSequence, delta)
  return entry.batches.find(
    (batch) => batch.lastSequence === lastSequence && firstSequence(batch) === header.baseSequence,
  )
}
