import {
  ControlRecordType,
  decodeControlKey,
  decodeRecords,
  type RecordBatchView,
  type RecordCursor,
} from '@ottla/protocol'
import type { RecordArray } from '../batch.js'
import { ConsumerRecord, type RecordOrigin } from '../record.js'
import { type AbortedTransaction, AbortedTransactions } from './aborted-transactions.js'

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
  readonly #batches: Iterator<RecordBatchView>
  readonly #aborted: AbortedTransactions | undefined
  #cursor: RecordCursor | undefined
  #cursorEnd = 0
  #error: unknown
  #origin: RecordOrigin

  constructor(input: ChunkInput, options: ChunkOptions) {
    const { topic, partition, bytes, fetchOffset, abortedTransactions } = input
    const { checkCrcs: checkCrc, maxDecompressedBytes } = options
    this.#topic = topic
    this.#partition = partition
    this.sizeInBytes = bytes.length
    this.highWatermark = BigInt(input.highWatermark)
    this.endOffset = findEnd(bytes, fetchOffset)
    this.nextOffset = fetchOffset
    this.#origin = { topic, partition, leaderEpoch: -1 }
    this.#batches = decodeRecords(bytes, { checkCrc, maxDecompressedBytes })[Symbol.iterator]()
    if (abortedTransactions !== undefined) {
      this.#aborted = new AbortedTransactions(abortedTransactions)
    }
  }

  /** Epoch of the batch read last. */
  get leaderEpoch(): number {
    return this.#origin.leaderEpoch
  }

  /**
   * Reads records into `target` until it has `max`; adds none when the rest holds only what is never shown. Sets `nextOffset` and
   * `isExhausted`. Records before a fault are handed out first; the next call then throws.
   *
   * @throws WireError when a checksum is wrong or records are malformed.
   */
  read(target: RecordArray, max: number): void {
    if (this.#error !== undefined) throw this.#error
    const before = target.length
    try {
      while (target.length < max && !this.isExhausted) this.#readBatch(target, max)
    } catch (error) {
      if (target.length === before) throw error
      this.#error = error
    }
    const last = target[target.length - 1]
    if (this.#cursor !== undefined && last !== undefined) this.nextOffset = last.offsetNumber + 1
  }

  #readBatch(target: RecordArray, max: number): void {
    const cursor = this.#cursor ?? this.#openBatch()
    if (cursor === undefined) {
      this.isExhausted = true
      return
    }
    const origin = this.#origin
    const from = this.nextOffset
    while (target.length < max) {
      if (!cursor.next()) {
        this.#cursor = undefined
        this.nextOffset = this.#cursorEnd
        return
      }
      if (cursor.offsetNumber >= from) target.push(cursor.recordAs(ConsumerRecord, origin))
    }
  }

  /** The records of the next batch that has any to show. */
  #openBatch(): RecordCursor | undefined {
    for (;;) {
      const { done, value: batch } = this.#batches.next()
      if (done) return undefined
      const end = Number(batch.nextOffset)
      if (end <= this.nextOffset) continue
      if (this.#isHidden(batch)) {
        this.nextOffset = end
        continue
      }
      this.#cursorEnd = end
      this.#cursor = batch.records()
      const leaderEpoch = batch.partitionLeaderEpoch
      if (leaderEpoch !== this.#origin.leaderEpoch) {
        this.#origin = { topic: this.#topic, partition: this.#partition, leaderEpoch }
      }
      return this.#cursor
    }
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

/** Walks the headers to where the last complete batch ends. */
const findEnd = (bytes: Uint8Array, fetchOffset: number): number => {
  let end = fetchOffset
  for (const batch of decodeRecords(bytes, { checkCrc: false })) {
    end = Math.max(end, Number(batch.nextOffset))
  }
  return end
}
