import { bufferView } from '../bytes/buffer-view.js'
import { type BatchHeaderInput, finishBatch } from './batch-header.js'
import { batchHeaderBytes } from './layout.js'
import type { RecordBytes, RecordHeaderInput } from './record.js'
import {
  assertTimestamp,
  bytesSize,
  fieldSize,
  headersSize,
  varintSize,
  varlongSize,
  writeField,
  writeHeaders,
  writeUtf8,
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
  /** Up to where a record may reach without growing the memory or asking whether the batch is full. */
  private plainLimit: number

  constructor(options: RecordBatchBuilderOptions = {}) {
    this.maxBytes = options.maxBytes ?? Number.POSITIVE_INFINITY
    this.fixedBase = options.baseTimestamp !== undefined
    this.baseTimestamp = options.baseTimestamp ?? -1
    this.memory =
      options.buffer === undefined
        ? Buffer.allocUnsafeSlow(Math.max(batchHeaderBytes, Math.min(this.maxBytes, 16_384)))
        : bufferView(options.buffer)
    this.plainLimit = Math.min(this.memory.length, this.maxBytes)
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
    if (this.count === 0 && !this.fixedBase) {
      assertTimestamp(timestamp)
      this.baseTimestamp = timestamp
    }
    let end = -1
    const timestampDelta = timestamp - this.baseTimestamp
    // The delta and not the timestamp is passed: a number that is no small integer would be allocated for the call.
    if (headers.length === 0 && timestampDelta === (timestampDelta | 0)) {
      end = this.writePlain(key, value, timestampDelta | 0, offsetDelta)
    }
    if (end < 0) {
      end = this.writeAny(key, value, headers, timestamp, offsetDelta)
      if (end < 0) return -1
    }
    this.byteLength = end
    this.lastOffsetDelta = offsetDelta
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
    if (buffer !== undefined) this.useMemory(bufferView(buffer))
    this.count = 0
    this.byteLength = batchHeaderBytes
    this.lastOffsetDelta = -1
    this.maxTimestamp = -1
    if (!this.fixedBase) this.baseTimestamp = -1
  }

  /**
   * The common case in one straight line: no headers, a timestamp near the base, room enough even if all characters took
   * three bytes. A record's length follows from the lengths of its parts, strings taken for ASCII. Returns where the record
   * ends; -1, with nothing appended, when it is no such case or a string was not ASCII.
   */
  private writePlain(
    key: RecordBytes,
    value: RecordBytes,
    timestampDelta: number,
    offsetDelta: number,
  ): number {
    const keySize = key === null ? -1 : key.length
    const valueSize = value === null ? -1 : value.length
    let size = 2 + varintSize(timestampDelta) + varintSize(offsetDelta)
    size += varintSize(keySize) + varintSize(valueSize) + keySize + valueSize
    if (key === null) size++
    if (value === null) size++
    let room = this.byteLength + 5 + size
    if (typeof key === 'string') room += 2 * keySize
    if (typeof value === 'string') room += 2 * valueSize
    // Written so that NaN, from what is neither string nor bytes, fails too.
    if (!(room <= this.plainLimit)) return -1
    const out = this.memory
    let at = writeVarint(out, this.byteLength, size)
    out[at++] = 0
    at = writeVarint(out, at, timestampDelta)
    at = writeVarint(out, at, offsetDelta)
    at = writeVarint(out, at, keySize)
    if (typeof key === 'string') {
      if (writeUtf8(out, key, at, 3 * keySize) !== keySize) return -1
      at += keySize
    } else if (key !== null) {
      out.set(key, at)
      at += keySize
    }
    at = writeVarint(out, at, valueSize)
    if (typeof value === 'string') {
      if (writeUtf8(out, value, at, 3 * valueSize) !== valueSize) return -1
      at += valueSize
    } else if (value !== null) {
      out.set(value, at)
      at += valueSize
    }
    out[at++] = 0
    return at
  }

  /** Any record, its strings measured first. Returns where it ends, or -1 when the batch is full. */
  private writeAny(
    key: RecordBytes,
    value: RecordBytes,
    headers: readonly RecordHeaderInput[],
    timestamp: number,
    offsetDelta: number,
  ): number {
    const timestampDelta = timestamp - this.baseTimestamp
    const keySize = bytesSize(key)
    const valueSize = bytesSize(value)
    const size =
      1 +
      varlongSize(timestampDelta) +
      varintSize(offsetDelta) +
      fieldSize(keySize) +
      fieldSize(valueSize) +
      headersSize(headers)
    const end = this.byteLength + varintSize(size) + size
    if (end > this.maxBytes && this.count > 0) return -1
    this.reserve(end)
    const out = this.memory
    let at = writeVarint(out, this.byteLength, size)
    out[at++] = 0
    at = writeVarlong(out, at, timestampDelta)
    at = writeVarint(out, at, offsetDelta)
    at = writeField(out, at, key, keySize)
    at = writeField(out, at, value, valueSize)
    return writeHeaders(out, at, headers)
  }

  private reserve(bytes: number): void {
    if (bytes <= this.memory.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(bytes, this.memory.length * 2))
    grown.set(bufferView(this.memory, 0, this.byteLength))
    this.useMemory(grown)
  }

  private useMemory(memory: Buffer): void {
    this.memory = memory
    this.plainLimit = Math.min(memory.length, this.maxBytes)
  }
}
