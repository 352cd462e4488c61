import { WireError } from '../errors.js'
import { readUuid } from './uuid.js'
import { unzigzag } from './varint.js'

/**
 * Reads Kafka's primitive types from bytes, from `offset` up to `end`. Byte fields come back as
 * views (`subarray`), so they live as long as the input's memory and change with it. Every length
 * is checked against the bytes that remain before anything is allocated. Bad bytes throw a
 * `WireError` with their offset; a message's codec adds name and field path.
 */
export class Reader {
  readonly input: Uint8Array
  /** Where the next read starts. */
  offset: number
  /** Where the readable part ends; at most `bytes.length`. */
  end: number
  readonly #view: DataView
  readonly #text: Buffer

  constructor(bytes: Uint8Array, offset = 0, end: number = bytes.length) {
    if (!(offset >= 0 && offset <= end && end <= bytes.length)) {
      throw new WireError({ message: `no bytes ${offset} to ${end} in ${bytes.length} bytes` })
    }
    this.input = bytes
    this.offset = offset
    this.end = end
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#text = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get remaining(): number {
    return this.end - this.offset
  }

  /** One byte: 0 is false, anything else true. */
  boolean(): boolean {
    return this.input[this.#take(1)] !== 0
  }

  int8(): number {
    return this.#view.getInt8(this.#take(1))
  }

  int16(): number {
    return this.#view.getInt16(this.#take(2))
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2))
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4))
  }

  /** `count` int32 values: the loop of every list of node ids and partitions. */
  int32s(count: number): number[] {
    const at = this.#take(4 * count)
    const values = new Array<number>(count)
    for (let index = 0; index < count; index++) values[index] = this.#view.getInt32(at + 4 * index)
    return values
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4))
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#take(8))
  }

  /** An int64 as a number; throws beyond ±2^53, where numbers are no longer exact. */
  int64Number(): number {
    const at = this.#take(8)
    const value = this.#view.getInt32(at) * 0x100000000 + this.#view.getUint32(at + 4)
    if (!Number.isSafeInteger(value)) throw this.fail('int64 beyond the safe integers', at)
    return value
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8))
  }

  /** Unsigned varint of at most five bytes and 32 bits. */
  uvarint(): number {
    const start = this.offset
    const first = this.input[this.#take(1)] as number
    if (first < 0x80) return first
    let value = first & 0x7f
    for (let shift = 7; shift < 35; shift += 7) {
      const byte = this.input[this.#take(1)] as number
      if (shift === 28 && byte > 0x0f) break
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
    throw this.fail('varint of more than 32 bits', start)
  }

  /** Zigzag varint of an int32, as inside record batches. */
  varint(): number {
    return unzigzag(this.uvarint())
  }

  /** Zigzag varint of an int64 (at most ten bytes), as inside record batches. */
  varlong(): bigint {
    const start = this.offset
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.input[this.#take(1)] as number
      if (shift === 63n && byte > 1) break
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return (value >> 1n) ^ -(value & 1n)
    }
    throw this.fail('varint of more than 64 bits', start)
  }

  /** Sixteen bytes as a dashed lower-case uuid. */
  uuid(): string {
    return readUuid(this.input, this.#take(16))
  }

  /** int16 byte length, then UTF-8; -1 is null. */
  string(): string | null {
    const at = this.offset
    const length = this.int16()
    if (length < 0) return this.#absent(length, at)
    return this.#string(length)
  }

  /** uvarint of byte length + 1, then UTF-8; 0 is null. */
  compactString(): string | null {
    const at = this.offset
    const length = this.uvarint() - 1
    if (length < 0) return null
    if (length > 0x7fff) throw this.fail(`string of ${length} bytes (at most 32767)`, at)
    return this.#string(length)
  }

  /** int32 length, then bytes, as a view; -1 is null. */
  bytes(): Uint8Array | null {
    const at = this.offset
    const length = this.int32()
    if (length < 0) return this.#absent(length, at)
    return this.raw(length)
  }

  /** uvarint of length + 1, then bytes, as a view; 0 is null. */
  compactBytes(): Uint8Array | null {
    const length = this.uvarint() - 1
    return length < 0 ? null : this.raw(length)
  }

  /** int32 count of an array; -1 is null. The caller checks it with {@link checkCount}. */
  count(): number {
    const at = this.offset
    const count = this.int32()
    if (count < -1) throw this.fail(`negative count ${count}`, at)
    return count
  }

  /** uvarint of count + 1; -1 is null. The caller checks it with {@link checkCount}. */
  compactCount(): number {
    return this.uvarint() - 1
  }

  /**
   * Refuses `count` elements of at least `minBytes` each (0 counts as 1) when fewer bytes remain.
   */
  checkCount(count: number, minBytes: number): void {
    if (count * Math.max(1, minBytes) > this.remaining) {
      throw this.fail(`array of ${count} elements in ${this.remaining} bytes`, this.offset)
    }
  }

  /** The next `length` bytes as a view. */
  raw(length: number): Uint8Array {
    const at = this.#take(length)
    return this.input.subarray(at, at + length)
  }

  /** A `WireError` at a byte of this input. */
  fail(message: string, offset: number = this.offset): WireError {
    return new WireError({ message, offset })
  }

  #string(length: number): string {
    const at = this.#take(length)
    if (length > 12) return this.#text.toString('utf8', at, at + length)
    const bytes = this.input
    let text = ''
    for (let index = at; index < at + length; index++) {
      const byte = bytes[index] as number
      if (byte > 0x7f) return this.#text.toString('utf8', at, at + length)
      text += String.fromCharCode(byte)
    }
    return text
  }

  #absent(length: number, at: number): null {
    if (length === -1) return null
    throw this.fail(`negative length ${length}`, at)
  }

  #take(size: number): number {
    const at = this.offset
    if (size > this.end - at) {
      throw this.fail(`expected ${size} more bytes, ${this.end - at} remain`)
    }
    this.offset = at + size
    return at
  }
}
