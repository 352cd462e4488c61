import { WireError } from '../errors.js'
import { writeUuid } from './uuid.js'
import { uvarintSize, zigzag } from './varint.js'

/** How a {@link Writer} allocates. */
export interface WriterOptions {
  /** Size of the first buffer in bytes (default 1024); it doubles when full. */
  readonly initialBytes?: number
  /**
   * Byte fields of at least this many bytes are kept by reference instead of copied; see {@link
   * Writer.parts}.
   */
  readonly referenceBytes?: number
}

/** Longest string either encoding may carry, in bytes (Kafka checks the same limit). */
const MAX_STRING_BYTES = 32767
const MAX_INT64 = 0x7fffffffffffffffn
const MIN_INT64 = -0x8000000000000000n

/**
 * A byte field that stays where it is; it belongs between the written bytes before and after `at`.
 */
interface Reference {
  at: number
  readonly bytes: Uint8Array
}

/**
 * Appends Kafka's primitive types to a growing buffer. Numbers out of range and text that is too
 * long throw a `WireError` without a place; a message's codec adds the field path. Call {@link
 * reset} to use the buffer again.
 */
export class Writer {
  #bytes: Buffer
  #view: DataView
  #length = 0
  #references: Reference[] = []
  #referenced = 0
  readonly #referenceBytes: number

  constructor(options: WriterOptions = {}) {
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(16, options.initialBytes ?? 1024))
    this.#view = viewOf(this.#bytes)
    this.#referenceBytes = options.referenceBytes ?? Number.POSITIVE_INFINITY
  }

  /** Bytes written since the last reset, those kept by reference included. */
  get byteLength(): number {
    return this.#length + this.#referenced
  }

  /**
   * Forgets what was written and keeps the buffer. Ends the life of what {@link view} and {@link
   * parts} returned.
   */
  reset(): void {
    this.#length = 0
    this.#referenced = 0
    if (this.#references.length > 0) this.#references = []
  }

  /** Everything written, as a fresh copy of exactly that size. */
  finish(): Uint8Array {
    const out = new Uint8Array(this.byteLength)
    let offset = 0
    for (const part of this.parts()) {
      out.set(part, offset)
      offset += part.length
    }
    return out
  }

  /**
   * Everything written, valid until the next write or reset: the buffer itself, copied only if it
   * holds references.
   */
  view(): Uint8Array {
    return this.#references.length > 0 ? this.finish() : this.#bytes.subarray(0, this.#length)
  }

  /**
   * Everything written as a list for a scatter write (`socket.cork` or `writev`): own bytes and
   * referenced byte fields in turn, nothing copied. Valid until the next write or reset; referenced
   * bytes must not change until they are sent.
   */
  parts(): Uint8Array[] {
    const parts: Uint8Array[] = []
    let start = 0
    for (const { at, bytes } of this.#references) {
      if (at > start) parts.push(this.#bytes.subarray(start, at))
      parts.push(bytes)
      start = at
    }
    if (this.#length > start) parts.push(this.#bytes.subarray(start, this.#length))
    return parts
  }

  /** One byte: 1 for true, 0 for false. */
  boolean(value: boolean): void {
    if (typeof value !== 'boolean') throw expected('a boolean', value)
    const at = this.#reserve(1)
    this.#bytes[at] = value ? 1 : 0
  }

  int8(value: number): void {
    if (typeof value !== 'number' || (value << 24) >> 24 !== value)
      throw expected('an int8 (-128 to 127)', value)
    const at = this.#reserve(1)
    this.#bytes[at] = value
  }

  int16(value: number): void {
    if (typeof value !== 'number' || (value << 16) >> 16 !== value)
      throw expected('an int16 (-32768 to 32767)', value)
    const at = this.#reserve(2)
    this.#view.setInt16(at, value)
  }

  uint16(value: number): void {
    if (typeof value !== 'number' || (value & 0xffff) !== value)
      throw expected('a uint16 (0 to 65535)', value)
    const at = this.#reserve(2)
    this.#view.setUint16(at, value)
  }

  int32(value: number): void {
    if (typeof value !== 'number' || (value | 0) !== value)
      throw expected('an int32 (-2147483648 to 2147483647)', value)
    const at = this.#reserve(4)
    this.#view.setInt32(at, value)
  }

  /** All of `values` as int32, without a count. */
  int32s(values: readonly number[]): void {
    let at = this.#reserve(4 * values.length)
    for (const value of values) {
      if (typeof value !== 'number' || (value | 0) !== value)
        throw expected('an int32 (-2147483648 to 2147483647)', value)
      this.#view.setInt32(at, value)
      at += 4
    }
  }

  uint32(value: number): void {
    if (typeof value !== 'number' || value >>> 0 !== value)
      throw expected('a uint32 (0 to 4294967295)', value)
    const at = this.#reserve(4)
    this.#view.setUint32(at, value)
  }

  int64(value: bigint): void {
    if (typeof value !== 'bigint' || value > MAX_INT64 || value < MIN_INT64) {
      throw expected('an int64 as a bigint', value)
    }
    const at = this.#reserve(8)
    this.#view.setBigInt64(at, value)
  }

  /** An int64 given as a safe integer: about ten times cheaper than through bigint. */
  int64Number(value: number): void {
    if (!Number.isSafeInteger(value)) throw expected('a safe integer', value)
    const at = this.#reserve(8)
    this.#view.setInt32(at, Math.floor(value / 0x100000000))
    this.#view.setUint32(at + 4, value >>> 0)
  }

  float64(value: number): void {
    if (typeof value !== 'number') throw expected('a number', value)
    const at = this.#reserve(8)
    this.#view.setFloat64(at, value)
  }

  /** Unsigned varint of 0 to 2^32-1: 7 bits a byte, low group first. */
  uvarint(value: number): void {
    if (typeof value !== 'number' || value >>> 0 !== value)
      throw expected('a uint32 (0 to 4294967295)', value)
    const size = uvarintSize(value)
    this.#putUvarint(this.#reserve(size), value)
  }

  /** Zigzag varint of an int32, as inside record batches. */
  varint(value: number): void {
    if (typeof value !== 'number' || (value | 0) !== value)
      throw expected('an int32 (-2147483648 to 2147483647)', value)
    this.uvarint(zigzag(value))
  }

  /** Zigzag varint of an int64, as inside record batches. */
  varlong(value: bigint): void {
    if (typeof value !== 'bigint' || value > MAX_INT64 || value < MIN_INT64) {
      throw expected('an int64 as a bigint', value)
    }
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
    let at = this.#reserve(10)
    while (rest > 0x7fn) {
      this.#bytes[at++] = Number(rest & 0x7fn) | 0x80
      rest >>= 7n
    }
    this.#bytes[at] = Number(rest)
    this.#length = at + 1
  }

  /** Sixteen bytes of a dashed uuid, upper or lower case. */
  uuid(value: string): void {
    const at = this.#reserve(16)
    if (typeof value !== 'string' || !writeUuid(this.#bytes, at, value)) {
      throw expected('a dashed uuid (36 characters)', value)
    }
  }

  /** int16 byte length, then UTF-8; null is length -1. */
  string(value: string | null): void {
    if (value === null) {
      this.int16(-1)
      return
    }
    const size = stringBytes(value)
    const at = this.#reserve(2 + size)
    this.#view.setInt16(at, size)
    this.#putText(at + 2, value, size)
  }

  /** uvarint of byte length + 1, then UTF-8; null is 0. */
  compactString(value: string | null): void {
    if (value === null) {
      this.uvarint(0)
      return
    }
    const size = stringBytes(value)
    const prefix = uvarintSize(size + 1)
    const at = this.#reserve(prefix + size)
    this.#putUvarint(at, size + 1)
    this.#putText(at + prefix, value, size)
  }

  /** int32 length, then the bytes; null is length -1. */
  bytes(value: Uint8Array | null): void {
    if (value === null) {
      this.int32(-1)
      return
    }
    if (!(value instanceof Uint8Array)) throw expected('a Uint8Array', value)
    this.int32(value.length)
    this.#append(value)
  }

  /** uvarint of length + 1, then the bytes; null is 0. */
  compactBytes(value: Uint8Array | null): void {
    if (value === null) {
      this.uvarint(0)
      return
    }
    if (!(value instanceof Uint8Array)) throw expected('a Uint8Array', value)
    this.uvarint(value.length + 1)
    this.#append(value)
  }

  /** Bytes as they are, always copied. */
  raw(value: Uint8Array): void {
    const at = this.#reserve(value.length)
    this.#bytes.set(value, at)
  }

  /**
   * Whatever `write` appends, preceded by its size in bytes as an int32: how requests and responses
   * are framed.
   */
  framed(write: () => void): void {
    const start = this.#reserve(4)
    const before = this.byteLength
    write()
    this.#view.setInt32(start, this.byteLength - before)
  }

  /**
   * Whatever `write` appends, preceded by its size in bytes as a uvarint: how a tagged field is
   * framed.
   */
  sized(write: () => void): void {
    const start = this.#reserve(1)
    const before = this.byteLength
    write()
    const size = this.byteLength - before
    const extra = uvarintSize(size) - 1
    if (extra > 0) {
      this.#reserve(extra)
      this.#bytes.copyWithin(start + 1 + extra, start + 1, this.#length - extra)
      for (const reference of this.#references) if (reference.at > start) reference.at += extra
    }
    this.#putUvarint(start, size)
  }

  #append(value: Uint8Array): void {
    if (value.length < this.#referenceBytes) {
      this.raw(value)
    } else {
      this.#references.push({ at: this.#length, bytes: value })
      this.#referenced += value.length
    }
  }

  #putUvarint(at: number, value: number): void {
    let rest = value
    let index = at
    while (rest > 0x7f) {
      this.#bytes[index++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.#bytes[index] = rest
  }

  /**
   * Text of known size: a loop for the short ASCII of topic names and ids, Node's own writer for
   * the rest.
   */
  #putText(at: number, value: string, size: number): void {
    if (size !== value.length || size > 24) {
      this.#bytes.write(value, at, size, 'utf8')
      return
    }
    for (let index = 0; index < size; index++) this.#bytes[at + index] = value.charCodeAt(index)
  }

  /**
   * Claims `size` bytes and returns where they start. It may replace buffer and view: call it
   * before touching either.
   */
  #reserve(size: number): number {
    const at = this.#length
    const end = at + size
    if (end > this.#bytes.length) this.#grow(end)
    this.#length = end
    return at
  }

  #grow(needed: number): void {
    const bytes = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
    bytes.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = bytes
    this.#view = viewOf(bytes)
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function stringBytes(value: string): number {
  if (typeof value !== 'string') throw expected('a string', value)
  const size = utf8Bytes(value)
  if (size > MAX_STRING_BYTES) {
    throw new WireError({ message: `expected a string of at most 32767 bytes, got ${size}` })
  }
  return size
}

/** Size in UTF-8, without the call into Node for short ASCII. */
function utf8Bytes(value: string): number {
  if (value.length > 24) return Buffer.byteLength(value, 'utf8')
  for (let index = 0; index < value.length; index++) {
    if (value.charCodeAt(index) > 0x7f) return Buffer.byteLength(value, 'utf8')
  }
  return value.length
}

/** An error for a value of a wrong type or range, without the place. */
export function expected(what: string, value: unknown): WireError {
  return new WireError({ message: `expected ${what}, got ${describe(value)}` })
}

function describe(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
  }
  if (typeof value === 'bigint') return `${value}n`
  if (value === null || typeof value !== 'object') return String(value)
  return Array.isArray(value) ? 'an array' : `an object (${value.constructor?.name ?? 'no class'})`
}
