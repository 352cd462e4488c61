import {
  ControlRecordType,
  decodeControlKey,
  type RecordBatchView,
  type RecordCursor,
  readBatchHeader,
  UnsupportedCompressionError,
} from '@ottla/protocol'
import type { RecordArray } from '../batch.js'
import { FetchedRecord, type RecordOrigin } from '../record.js'
import { type AbortedTransaction, AbortedTransactions } from './aborted-transactions.js'
import { CorruptRecordsError } from './corrupt-records-error.js'

/** Places made in the array for records before they are read: growing with each would copy them again and again. */
const roomAtOnce = 1024

/** How the batches of a chunk are read. */
export interface ChunkOptions {
  readonly checkCrcs: boolean
  readonly maxDecompressedBytes: number
}

/** One partition's share of a fetch response. */
export interface ChunkInput {
  readonly topic: string
  readonly partition: number
  readonly bytes: Uint8Array
  /** What was asked for: batches may begin below it. */
  readonly fetchOffset: number
  readonly highWatermark: number
  /** Given under `read_committed`. */
  readonly abortedTransactions?: readonly AbortedTransaction[] | undefined
}

/**
 * Batches of one partition as they were fetched, still in bytes. Only headers are read on arrival, to know where the next
 * fetch begins; checksums, decompression and parsing wait until the records are wanted.
 */
export class FetchedChunk {
  readonly sizeInBytes: number
  readonly highWatermark: bigint
  /** Where the next fetch begins. Equal to `fetchOffset` when the bytes hold no complete batch. */
  readonly endOffset: number
  /** Where reading stands: records before it were read or are never shown. */
  nextOffset: number
  isExhausted = false

  readonly #topic: string
  readonly #partition: number
  readonly #checkCrcs: boolean
  readonly #batches: readonly RecordBatchView[]
  readonly #aborted: AbortedTransactions | undefined
  #nextBatch = 0
  #cursor: RecordCursor | undefined
  #cursorEnd = 0
  /** Records in the array that `read` fills, which is longer meanwhile. */
  #filled = 0
  #error: unknown
  #origin: RecordOrigin

  /** @throws CorruptRecordsError when the first batch's header makes no sense. */
  constructor(input: ChunkInput, options: ChunkOptions) {
    const { topic, partition, bytes, fetchOffset, abortedTransactions } = input
    this.#topic = topic
    this.#partition = partition
    this.#checkCrcs = options.checkCrcs
    this.sizeInBytes = bytes.length
    this.highWatermark = BigInt(input.highWatermark)
    this.nextOffset = fetchOffset
    this.#origin = { topic, partition, leaderEpoch: -1 }
    this.#batches = this.#readHeaders(bytes, options.maxDecompressedBytes)
    this.endOffset = Math.max(fetchOffset, Number(this.#batches.at(-1)?.nextOffset ?? 0n))
    if (abortedTransactions !== undefined) {
      this.#aborted = new AbortedTransactions(abortedTransactions)
    }
  }

  /** Epoch of the last batch, which may not have been read yet; -1 if it has none. */
  get endEpoch(): number {
    return this.#batches.at(-1)?.partitionLeaderEpoch ?? -1
  }

  /** Epoch of the batch read last. */
  get leaderEpoch(): number {
    return this.#origin.leaderEpoch
  }

  /**
   * Reads records into `target` until it has `max`; adds none when the rest holds only what is never shown. Sets `nextOffset` and
   * `isExhausted`. Records before a fault are handed out first; the next call then throws.
   *
   * @throws CorruptRecordsError when a checksum is wrong or records are malformed; UnsupportedCompressionError.
   */
  read(target: RecordArray, max: number): void {
    if (this.#error !== undefined) throw this.#error
    const before = target.length
    target.length = Math.min(max, before + roomAtOnce)
    this.#filled = before
    try {
      while (this.#filled < max && !this.isExhausted) this.#readBatch(target, max)
    } catch (error) {
      this.#finish(target, before)
      this.#error = this.#explain(error)
      if (target.length === before) throw this.#error
    }
    this.#finish(target, before)
  }

  /** Within a batch, reading goes on after the last record read. */
  #finish(target: RecordArray, before: number): void {
    target.length = this.#filled
    const last = target[target.length - 1]
    if (this.#cursor === undefined || last === undefined || target.length === before) return
    this.nextOffset = last.offsetNumber + 1
  }

  #explain(error: unknown): unknown {
    if (error instanceof UnsupportedCompressionError || !(error instanceof Error)) return error
    return new CorruptRecordsError(this.#origin, this.nextOffset, this.#cursorEnd, error)
  }

  #readBatch(target: RecordArray, max: number): void {
    const cursor = this.#cursor ?? this.#openBatch()
    if (cursor === undefined) {
      this.isExhausted = true
      return
    }
    const origin = this.#origin
    const from = this.nextOffset
    while (this.#filled < max) {
      if (!cursor.next()) {
        this.#cursor = undefined
        this.nextOffset = this.#cursorEnd
        return
      }
      // Not `push`: on a class derived from Array V8 compiles it to a call, which takes longer than all the rest.
      if (cursor.offsetNumber >= from) {
        target[this.#filled++] = cursor.recordAs(FetchedRecord, origin)
      }
    }
  }

  /** The records of the next batch that has any to show. */
  #openBatch(): RecordCursor | undefined {
    for (;;) {
      const batch = this.#batches[this.#nextBatch]
      if (batch === undefined) return undefined
      this.#nextBatch++
      const end = Number(batch.nextOffset)
      if (end <= this.nextOffset) continue
      this.#cursorEnd = end
      if (this.#checkCrcs && !batch.isValid()) throw new Error(wrongChecksum(batch))
      if (this.#isHidden(batch)) {
        this.nextOffset = end
        continue
      }
      this.#cursor = batch.records()
      const leaderEpoch = batch.partitionLeaderEpoch
      if (leaderEpoch !== this.#origin.leaderEpoch) {
        this.#origin = { topic: this.#topic, partition: this.#partition, leaderEpoch }
      }
      return this.#cursor
    }
  }

  /** Up to the first that makes no sense: what lies before it can be delivered, and the next fetch will begin with it. */
  #readHeaders(bytes: Uint8Array, maxDecompressedBytes: number): RecordBatchView[] {
    const batches: RecordBatchView[] = []
    for (let position = 0; position < bytes.length; ) {
      let batch: RecordBatchView | null
      try {
        batch = readBatchHeader(bytes, position, maxDecompressedBytes)
      } catch (error) {
        if (batches.length > 0) break
        throw new CorruptRecordsError(this.#origin, this.nextOffset, undefined, error as Error)
      }
      // Cut at the limit of the answer.
      if (batch === null) break
      batches.push(batch)
      position += batch.sizeInBytes
    }
    return batches
  }

  #isHidden(batch: RecordBatchView): boolean {
    if (!batch.isControl) return this.#aborted?.isAborted(batch) ?? false
    if (this.#aborted !== undefined && isAbortMarker(batch)) this.#aborted.end(batch)
    return true
  }
}

const isAbortMarker = (batch: RecordBatchView): boolean => {
  for (const { key } of batch) {
    if (decodeControlKey(key).type === ControlRecordType.ABORT) return true
  }
  return false
}

const wrongChecksum = (batch: RecordBatchView): string => {
  const kind = batch.magic === 2 ? 'CRC-32C' : 'CRC-32'
  const stored = batch.crc.toString(16).padStart(8, '0')
  return `the ${kind} of a batch of ${batch.sizeInBytes} bytes is not ${stored} as stored, so they were altered or torn`
}
