import { bufferView } from '../bytes/buffer-view.js'
import { InvalidArgumentError } from '../errors.js'
import { type BatchHeaderInput, finishBatch } from './batch-header.js'
import { batchHeaderBytes } from './layout.js'
import type { RecordBytes, RecordHeaderInput } from './record.js'
import {
  bytesSize,
  headersSize,
  varintSize,
  varlongSize,
  writeBytes,
  writeHeaders,
  writeVarint,
  writeVarlong,
} from './record-writer.js'

/** What a builder is made for. */
export interface RecordBatchBuilderOptions {
  /** The most bytes the batch may have, header included and before compression; a single larger record is taken. */
  readonly maxBytes?: number
  /** Memory to build in, from a pool perhaps; replaced when it is too small. Default: a fresh piece that grows. */
  readonly buffer?: Uint8Array | undefined
  /** What timestamps count from. Default: the first record's. */
  readonly baseTimestamp?: number | undefined
}

/** Longer strings are measured before they are written; shorter ones are written as if they were ASCII, and again if not. */
const guessedCharacters = 512

const noHeaders: readonly RecordHeaderInput[] = []

/**
 * Builds a v2 record batch straight into one piece of memory, with room for the batch's header in front: records are written
 * once, when appended, and nothing is copied until the socket takes the batch (unless it is compressed).
 */
export class RecordBatchBuilder {
  /** Records so far. */
  count = 0
  /** Bytes so far, header included and before compression. */
  byteLength = batchHeaderBytes
  /** Offset delta of the last record; -1 before the first. */
  lastOffsetDelta = -1
  /** What the records' timestamps count from; -1 before the first record. */
  baseTimestamp: number
  /** The largest timestamp; -1 before the first record. */
  maxTimestamp = -1
  private readonly maxBytes: number
  private readonly fixedBase: boolean
  private memory: Buffer

  constructor(options: RecordBatchBuilderOptions = {}) {
    this.maxBytes = options.maxBytes ?? Number.POSITIVE_INFINITY
    this.fixedBase = options.baseTimestamp !== undefined
    this.baseTimestamp = options.baseTimestamp ?? -1
    this.memory =
      options.buffer === undefined
        ? Buffer.allocUnsafeSlow(Math.min(this.maxBytes, 16_384))
        : bufferView(options.buffer)
  }

  /** The memory built in, to give back to a pool when nothing reads the finished batch any more. */
  get buffer(): Uint8Array {
    return this.memory
  }

  /** The records' bytes so far, without the header: what a codec would compress. A view until the next append. */
  get recordsBytes(): Uint8Array {
    return bufferView(this.memory, batchHeaderBytes, this.byteLength)
  }

  /**
   * Appends a record and returns its index, or -1 when the batch is full, and then it is unchanged. `offsetDelta` is the one
   * after the last unless given. Throws InvalidArgumentError for a timestamp that is not a whole number of milliseconds.
   */
  tryAppend(
    key: RecordBytes,
    value: RecordBytes,
    headers: readonly RecordHeaderInput[] = noHeaders,
    timestamp = -1,
    offsetDelta: number = this.lastOffsetDelta + 1,
  ): number {
    const delta = this.count === 0 && !this.fixedBase ? 0 : timestamp - this.baseTimestamp
    if (this.count === 0) varlongSize(timestamp)
    const rest = 1 + varlongSize(delta) + varintSize(offsetDelta)
    const ofHeaders = headers.length === 0 ? 1 : headersSize(headers)
    let keySize = guessSize(key)
    let valueSize = guessSize(value)
    let size = rest + fieldSize(keySize) + fieldSize(valueSize) + ofHeaders
    // A guess is never too large, so what does not fit by guess does not fit.
    if (this.isFull(size)) return -1
    const room = this.byteLength + 5 + size + spare(key) + spare(value)
    let end = -1
    if (room <= this.memory.length) {
      end = this.write(size, delta, offsetDelta, key, keySize, value, valueSize, headers)
    }
    if (end < 0) {
      keySize = bytesSize(key)
      valueSize = bytesSize(value)
      size = rest + fieldSize(keySize) + fieldSize(valueSize) + ofHeaders
      if (this.isFull(size)) return -1
      this.reserve(this.byteLength + 5 + size)
      end = this.write(size, delta, offsetDelta, key, keySize, value, valueSize, headers)
    }
    this.byteLength = end
    this.lastOffsetDelta = offsetDelta
    if (this.count === 0 && !this.fixedBase) this.baseTimestamp = timestamp
    if (timestamp > this.maxTimestamp) this.maxTimestamp = timestamp
    return this.count++
  }

  /**
   * Writes the header, compressing the records first if asked, and returns the batch. Without compression the result is a view
   * of the builder's memory: valid until `reset`. May be called again with another header (a retry under a new producer epoch).
   */
  finish(header: BatchHeaderInput = {}): Uint8Array {
    return finishBatch(this, this.memory, header)
  }

  /** Forgets everything but the memory (or takes another piece of it). */
  reset(buffer?: Uint8Array): void {
    if (buffer !== undefined) this.memory = bufferView(buffer)
    this.count = 0
    this.byteLength = batchHeaderBytes
    this.lastOffsetDelta = -1
    this.maxTimestamp = -1
    if (!this.fixedBase) this.baseTimestamp = -1
  }

  /** One record in one pass: its length is known from the sizes of its parts. -1 when a string's size was guessed wrong. */
  private write(
    size: number,
    timestampDelta: number,
    offsetDelta: number,
    key: RecordBytes,
    keySize: number,
    value: RecordBytes,
    valueSize: number,
    headers: readonly RecordHeaderInput[],
  ): number {
    const out = this.memory
    let at = writeVarint(out, this.byteLength, size)
    out[at++] = 0
    at = writeVarlong(out, at, timestampDelta)
    at = writeVarint(out, at, offsetDelta)
    at = writeVarint(out, at, keySize)
    if (key !== null) {
      at = writeBytes(out, at, key, keySize)
      if (at < 0) return -1
    }
    at = writeVarint(out, at, valueSize)
    if (value !== null) {
      at = writeBytes(out, at, value, valueSize)
      if (at < 0) return -1
    }
    if (headers.length > 0) return writeHeaders(out, at, headers)
    out[at++] = 0
    return at
  }

  private isFull(size: number): boolean {
    const total = this.byteLength + varintSize(size) + size
    if (!(total > 0))
      throw new InvalidArgumentError('key and value must be a string, bytes or null')
    return total > this.maxBytes && this.count > 0
  }

  private reserve(bytes: number): void {
    if (bytes <= this.memory.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(bytes, this.memory.length * 2))
    grown.set(bufferView(this.memory, 0, this.byteLength))
    this.memory = grown
  }
}

/** Bytes of a field of `size` bytes (-1 for null) with its length in front. */
const fieldSize = (size: number): number => varintSize(size) + (size > 0 ? size : 0)

const guessSize = (value: RecordBytes): number => {
  if (value === null) return -1
  if (typeof value !== 'string' || value.length <= guessedCharacters) return value.length
  return Buffer.byteLength(value)
}

/** What a string may take beyond one byte a character. */
const spare = (value: RecordBytes): number => (typeof value === 'string' ? value.length * 2 : 0)
