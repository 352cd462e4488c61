import { LogError, type RecordError } from './log-error.js'

/** What every record of a client's batch must satisfy. */
export interface RecordRules {
  readonly baseTimestamp: number
  /** Records without a key are refused: the topic is compacted. */
  readonly keyRequired: boolean
  /** Bounds of a record's timestamp; -1 (none) is always allowed. */
  readonly earliestTimestamp: number
  readonly latestTimestamp: number
}

/** Kafka names the first few only. */
const namedErrors = 3

/** Where the long forms of varints leave the position: a second result without an object. */
let cursor = 0
let keyLengthRead = 0

/** Position after something that cannot be read; it stays a small integer, so that the loop stays quick. */
const beyond = 0x7fff_ffff

/** Bytes a record may need before its key with varints of at most two bytes each: what the quick path reads unchecked. */
const quickBytes = 16

/**
 * Walks the records of a v2 batch in `bytes[start, end)` without touching keys and values: lengths fit, offsets count up
 * from 0, exactly `count` records fill the bytes. About 10 ns a record; without it one malformed record, once stored,
 * would stop every consumer of the partition.
 *
 * The loop reads varints of one or two bytes in place, which is what records up to 8 KB have; any other record, and any that
 * looks wrong, goes to {@link walkRecord}, which reads every form and says what is wrong.
 *
 * @returns the largest timestamp, -1 if no record has one.
 * @throws LogError INVALID_RECORD or INVALID_TIMESTAMP.
 */
export function walkRecords(
  bytes: Uint8Array,
  start: number,
  end: number,
  count: number,
  rules: RecordRules,
): number {
  const { baseTimestamp, earliestTimestamp, latestTimestamp } = rules
  const shortestKey = rules.keyRequired ? 0 : -1
  let maxTimestamp = -1
  let errors: Refusals | undefined
  let at = start
  for (let index = 0; index < count; index++) {
    let next = -1
    let timestamp = 0
    let keyLength = 0
    // A loop of one turn: `break` is the way out for a record that is not of the short form.
    while (end - at >= quickBytes) {
      let p = at
      let v = bytes[p++] as number
      if (v >= 0x80) {
        const high = bytes[p++] as number
        if (high >= 0x80) break
        v = (v & 0x7f) | (high << 7)
      }
      const bodyEnd = p + (v >>> 1)
      if ((v & 1) === 1 || bodyEnd > end) break
      v = bytes[++p] as number
      p++
      if (v >= 0x80) {
        const high = bytes[p++] as number
        if (high >= 0x80) break
        v = (v & 0x7f) | (high << 7)
      }
      timestamp = baseTimestamp + ((v >>> 1) ^ -(v & 1))
      v = bytes[p++] as number
      if (v >= 0x80) {
        const high = bytes[p++] as number
        if (high >= 0x80) break
        v = (v & 0x7f) | (high << 7)
      }
      if (v !== index << 1) break
      v = bytes[p++] as number
      if (v >= 0x80) {
        const high = bytes[p++] as number
        if (high >= 0x80) break
        v = (v & 0x7f) | (high << 7)
      }
      keyLength = (v >>> 1) ^ -(v & 1)
      if (keyLength > 0) p += keyLength
      // The value's length and the count of headers take three bytes at most here.
      if (keyLength < -1 || p + 3 > end) break
      v = bytes[p++] as number
      if (v >= 0x80) {
        const high = bytes[p++] as number
        if (high >= 0x80) break
        v = (v & 0x7f) | (high << 7)
      }
      const valueLength = (v >>> 1) ^ -(v & 1)
      if (valueLength > 0) p += valueLength
      if (valueLength < -1 || p !== bodyEnd - 1 || bytes[p] !== 0) break
      next = bodyEnd
      break
    }
    if (next < 0) {
      timestamp = baseTimestamp + walkRecord(bytes, at, end, index)
      keyLength = keyLengthRead
      next = cursor
    }
    if (timestamp > maxTimestamp) maxTimestamp = timestamp
    if (keyLength < shortestKey) errors = refuseKey(errors, index)
    else if ((timestamp < earliestTimestamp || timestamp > latestTimestamp) && timestamp !== -1) {
      errors = refuseTimestamp(errors, index, timestamp, rules)
    }
    at = next
  }
  if (at !== end) {
    throw new LogError(
      'INVALID_RECORD',
      `${end - at} bytes follow the ${count} records of the batch`,
    )
  }
  if (errors !== undefined) throw errors.toError()
  return maxTimestamp
}

/**
 * One record of any form at `at`. Leaves its end in `cursor` and its key's length in `keyLengthRead`.
 *
 * @returns its timestamp delta.
 */
function walkRecord(bytes: Uint8Array, at: number, end: number, index: number): number {
  const length = readVarint(bytes, at, end)
  const bodyStart = cursor
  const bodyEnd = bodyStart + length
  if (length < 0 || bodyEnd > end) {
    throw malformed(
      index,
      `its length is ${length}, ${Math.max(0, end - bodyStart)} bytes are left`,
    )
  }
  const timestampDelta = readVarlong(bytes, bodyStart + 1, bodyEnd)
  const offsetDelta = readVarint(bytes, cursor, bodyEnd)
  if (offsetDelta !== index) throw malformed(index, `its offset delta is ${offsetDelta}`)
  keyLengthRead = readVarint(bytes, cursor, bodyEnd)
  if (keyLengthRead > 0) cursor += keyLengthRead
  const valueLength = readVarint(bytes, cursor, bodyEnd)
  if (valueLength > 0) cursor += valueLength
  const headers = readVarint(bytes, cursor, bodyEnd)
  if (headers !== 0) skipHeaders(bytes, headers, bodyEnd, index)
  if (cursor !== bodyEnd || keyLengthRead < -1 || valueLength < -1) {
    throw malformed(index, `its fields do not fill its ${length} bytes`)
  }
  return timestampDelta
}

/** Records refused so far; the first ones are named. */
export class Refusals {
  private readonly named: RecordError[] = []
  private count = 0
  private readonly isTimestamp: boolean

  constructor(isTimestamp: boolean) {
    this.isTimestamp = isTimestamp
  }

  add(batchIndex: number, message: string): this {
    this.count += 1
    if (this.named.length < namedErrors) this.named.push({ batchIndex, message })
    return this
  }

  /** The kind of the first refusal decides the code, as in Kafka. */
  toError(): LogError {
    const shown = this.named.map(({ batchIndex, message }) => `record ${batchIndex}: ${message}`)
    return new LogError(
      this.isTimestamp ? 'INVALID_TIMESTAMP' : 'INVALID_RECORD',
      `${this.count} records were refused: ${shown.join('; ')}`,
      { recordErrors: this.named },
    )
  }
}

export const refuseKey = (errors: Refusals | undefined, index: number): Refusals =>
  (errors ?? new Refusals(false)).add(index, 'a compacted topic takes no record without a key')

export const refuseTimestamp = (
  errors: Refusals | undefined,
  index: number,
  timestamp: number,
  rules: RecordRules,
): Refusals =>
  (errors ?? new Refusals(true)).add(
    index,
    `its timestamp ${timestamp} is outside [${rules.earliestTimestamp}, ${rules.latestTimestamp}]`,
  )

function malformed(index: number, fault: string): LogError {
  return new LogError('INVALID_RECORD', `record ${index} of the batch is malformed: ${fault}`)
}

function skipHeaders(bytes: Uint8Array, headers: number, end: number, index: number): void {
  if (headers < 0 || headers > end - cursor)
    throw malformed(index, `it announces ${headers} headers`)
  for (let header = 0; header < headers; header++) {
    const keyLength = readVarint(bytes, cursor, end)
    if (keyLength < 0) throw malformed(index, 'a header has no key')
    cursor += keyLength
    const valueLength = readVarint(bytes, cursor, end)
    if (valueLength < -1) throw malformed(index, 'a header value has a negative length')
    if (valueLength > 0) cursor += valueLength
    if (cursor > end) throw malformed(index, 'a header reaches beyond the record')
  }
}

/** Zigzag varint at `at`; leaves the position after it in `cursor`. Past `end` it reads as a length no record has. */
function readVarint(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) {
    cursor = beyond
    return -2
  }
  const first = bytes[at] as number
  if (first < 0x80) {
    cursor = at + 1
    return (first >>> 1) ^ -(first & 1)
  }
  let value = first & 0x7f
  for (let shift = 7; shift < 35 && ++at < end; shift += 7) {
    const byte = bytes[at] as number
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) {
      cursor = at + 1
      return (value >>> 1) ^ -(value & 1)
    }
  }
  cursor = beyond
  return -2
}

/** Zigzag varlong as a number, exact up to 2^53. */
function readVarlong(bytes: Uint8Array, at: number, end: number): number {
  let value = 0
  let scale = 1
  let odd = 0
  for (let index = 0; index < 10 && at < end; index++) {
    const byte = bytes[at++] as number
    if (index === 0) odd = byte & 1
    value += (byte & 0x7f) * scale
    if (byte < 0x80) {
      cursor = at
      return odd === 1 ? -(value + 1) / 2 : value / 2
    }
    scale *= 128
  }
  cursor = beyond
  return 0
}
