import { InvalidArgumentError } from '../errors.js'
import type { RecordBytes, RecordHeaderInput } from './record.js'

interface Utf8Writer {
  utf8Write(text: string, at: number, maxBytes: number): number
}

/**
 * Writes a string as UTF-8, at most `maxBytes`, and returns how many bytes were written. Node's own primitive below
 * `buffer.write`, without that one's checks: a third quicker for short strings.
 */
export const writeUtf8: (buffer: Buffer, text: string, at: number, maxBytes: number) => number =
  typeof Reflect.get(Buffer.prototype, 'utf8Write') === 'function'
    ? (buffer, text, at, maxBytes) => (buffer as Buffer & Utf8Writer).utf8Write(text, at, maxBytes)
    : (buffer, text, at, maxBytes) => buffer.write(text, at, maxBytes, 'utf8')

/** Bytes of a signed 32-bit number as a zigzag varint. */
export const varintSize = (value: number): number => {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0
  if (zigzag < 0x80) return 1
  if (zigzag < 0x4000) return 2
  if (zigzag < 0x20_0000) return 3
  return zigzag < 0x1000_0000 ? 4 : 5
}

/** Throws InvalidArgumentError unless the value is a whole number that a double holds exactly. */
export const assertTimestamp = (value: number): void => {
  if (Number.isSafeInteger(value)) return
  throw new InvalidArgumentError(`a timestamp must be a whole number of milliseconds, not ${value}`)
}

/** Bytes of a safe integer as a zigzag varlong. */
export const varlongSize = (value: number): number => {
  if (value === (value | 0)) return varintSize(value)
  assertTimestamp(value)
  let size = 1
  for (let rest = Math.floor(magnitude(value) / 64); rest > 0; rest = Math.floor(rest / 128)) size++
  return size
}

/** What zigzag doubles; doubling the number itself would lose the low bit of the largest ones. */
const magnitude = (value: number): number => (value < 0 ? -1 - value : value)

/** Writes a signed 32-bit number as a zigzag varint and returns where it ends. */
export const writeVarint = (out: Uint8Array, at: number, value: number): number => {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  let end = at
  while (rest > 0x7f) {
    out[end++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  out[end++] = rest
  return end
}

/** Writes a safe integer as a zigzag varlong and returns where it ends. */
export const writeVarlong = (out: Uint8Array, at: number, value: number): number => {
  if (value === (value | 0)) return writeVarint(out, at, value)
  let end = at
  let rest = magnitude(value)
  let low = ((rest % 64) << 1) | (value < 0 ? 1 : 0)
  rest = Math.floor(rest / 64)
  while (rest > 0) {
    out[end++] = low | 0x80
    low = rest % 128
    rest = Math.floor(rest / 128)
  }
  out[end++] = low
  return end
}

/** Bytes of a key or value; -1 for null. Throws InvalidArgumentError for anything else. */
export const bytesSize = (value: RecordBytes): number => {
  if (value === null) return -1
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (value instanceof Uint8Array) return value.length
  throw new InvalidArgumentError('keys, values and header values must be strings, bytes or null')
}

/** Bytes of a field of `size` bytes (-1 for null) with its length in front. */
export const fieldSize = (size: number): number => varintSize(size) + Math.max(size, 0)

/** Writes a key or value of `size` bytes (-1 for null) with its length in front, and returns where it ends. */
export const writeField = (out: Buffer, at: number, value: RecordBytes, size: number): number => {
  const start = writeVarint(out, at, size)
  if (value === null) return start
  if (typeof value === 'string') writeUtf8(out, value, start, size)
  else out.set(value, start)
  return start + size
}

/** Bytes of a record's headers with their count. */
export const headersSize = (headers: readonly RecordHeaderInput[]): number => {
  let size = varintSize(headers.length)
  for (const [name, value] of headers) {
    if (typeof name !== 'string') throw new InvalidArgumentError('a header name must be a string')
    size += fieldSize(bytesSize(name)) + fieldSize(bytesSize(value))
  }
  return size
}

/** Writes the count and the headers and returns where they end. There must be room. */
export const writeHeaders = (
  out: Buffer,
  at: number,
  headers: readonly RecordHeaderInput[],
): number => {
  let end = writeVarint(out, at, headers.length)
  for (const [name, value] of headers) {
    end = writeField(out, end, name, bytesSize(name))
    end = writeField(out, end, value, bytesSize(value))
  }
  return end
}
