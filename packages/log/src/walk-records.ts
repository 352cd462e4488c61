import { LogError } from './log-error.js'
import { type RecordRules, type Refusals, refuseKey, refuseTimestamp } from './record-rules.js'

/** What was walked last leaves behind: results without an object. */
let cursor = 0
let keyLength = 0
/** Smallest and largest timestamp delta. */
let earliest = 0
let latest = 0

/** Position after something that cannot be read; it stays a small integer, so that the loop stays quick. */
const beyond = 0x7fff_ffff

/** The varint of the length -1: there is no key, or no value. */
const nullLength = 1

/** Bytes that are read unchecked in a record of the short form, apart from its key and value. */
const quickBytes = 16

/**
 * Walks the records of a v2 batch in `bytes[start, end)` without touching keys and values: lengths fit, offsets count up
 * from 0, exactly `count` records fill the bytes. About 12 ns a record; without it one malformed record, once stored,
 * would stop every consumer of the partition.
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
  const { baseTimestamp } = rules
  let oldest = Number.POSITIVE_INFINITY
  let newest = -1
  let shortestKey = 0
  let at = start
  for (let index = 0; index < count; ) {
    const before = index
    index = walkShort(bytes, at, end, index, count)
    if (index === before) {
      walkAny(bytes, at, end, index)
      index += 1
    }
    at = cursor
    if (baseTimestamp + earliest < oldest) oldest = baseTimestamp + earliest
    if (baseTimestamp + latest > newest) newest = baseTimestamp + latest
    if (keyLength < shortestKey) shortestKey = keyLength
  }
  if (at !== end) {
    throw new LogError(
      'INVALID_RECORD',
      `${end - at} bytes follow the ${count} records of the batch`,
    )
  }
  const isOutside = oldest < rules.earliestTimestamp || newest > rules.latestTimestamp
  if (isOutside || (rules.keyRequired && shortestKey < 0)) refuse(bytes, start, end, count, rules)
  return newest
}

/** Walks once more to name the records at fault. A record without a timestamp (-1) is at fault for nothing. */
function refuse(
  bytes: Uint8Array,
  start: number,
  end: number,
  count: number,
  rules: RecordRules,
): void {
  let errors: Refusals | undefined
  cursor = start
  for (let index = 0; index < count; index++) {
    walkAny(bytes, cursor, end, index)
    const timestamp = rules.baseTimestamp + latest
    const isOutside = timestamp < rules.earliestTimestamp || timestamp > rules.latestTimestamp
    if (rules.keyRequired && keyLength < 0) errors = refuseKey(errors, index)
    else if (isOutside && timestamp !== -1) {
      errors = refuseTimestamp(errors, index, timestamp, rules)
    }
  }
  if (errors !== undefined) throw errors.toError()
}

/**
 * Walks records whose varints have one or two bytes, as all up to 8 KB have, and that have no headers: straight through, in
 * local variables. Stops at any other record and at one that looks wrong: {@link walkAny} reads every form and says what is
 * wrong.
 *
 * @returns the index of the record after the last one walked.
 */
function walkShort(
  bytes: Uint8Array,
  start: number,
  end: number,
  first: number,
  count: number,
): number {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  let shortestKey = 0
  let lastTimestamp = -1
  let recordStart = start
  let index = first
  for (; index < count && end - recordStart >= quickBytes; index++) {
    let at = recordStart
    let length = bytes[at++] as number
    if (length >= 0x80) length = (length & 0x7f) | ((bytes[at++] as number) << 7)
    // An odd varint is a negative number; a third byte makes a value of 2^14 or more. The same for each of them.
    if (length >= 0x4000 || (length & 1) === 1) break
    /** Of the record's bytes. */
    const last = at + (length >>> 1) - 1
    if (last >= end) break
    at += 1
    let timestamp = bytes[at++] as number
    if (timestamp >= 0x80) timestamp = (timestamp & 0x7f) | ((bytes[at++] as number) << 7)
    if (timestamp !== lastTimestamp) {
      if (timestamp >= 0x4000) break
      lastTimestamp = timestamp
      const delta = (timestamp >>> 1) ^ -(timestamp & 1)
      if (delta < min) min = delta
      if (delta > max) max = delta
    }
    let offset = bytes[at++] as number
    if (offset >= 0x80) offset = (offset & 0x7f) | ((bytes[at++] as number) << 7)
    if (offset !== index << 1 || offset >= 0x4000) break
    let key = bytes[at++] as number
    if (key === nullLength) shortestKey = -1
    else {
      if (key >= 0x80) key = (key & 0x7f) | ((bytes[at++] as number) << 7)
      if (key >= 0x4000 || (key & 1) === 1) break
      at += key >>> 1
      if (at > last) break
    }
    let value = bytes[at++] as number
    if (value !== nullLength) {
      if (value >= 0x80) value = (value & 0x7f) | ((bytes[at++] as number) << 7)
      if (value >= 0x4000 || (value & 1) === 1) break
      at += value >>> 1
    }
    // What is left is the count of headers: none.
    if (at !== last || bytes[at] !== 0) break
    recordStart = last + 1
  }
  cursor = recordStart
  earliest = min
  latest = max
  keyLength = shortestKey
  return index
}

/** A record of any form; throws if it is malformed. */
function walkAny(bytes: Uint8Array, at: number, end: number, index: number): void {
  const length = readVarint(bytes, at, end)
  const bodyStart = cursor
  const bodyEnd = bodyStart + length
  if (length < 0 || bodyEnd > end) {
    throw malformed(
      index,
      `its length is ${length}, ${Math.max(0, end - bodyStart)} bytes are left`,
    )
  }
  latest = readVarlong(bytes, bodyStart + 1, bodyEnd)
  earliest = latest
  const offsetDelta = readVarint(bytes, cursor, bodyEnd)
  if (offsetDelta !== index) throw malformed(index, `its offset delta is ${offsetDelta}`)
  keyLength = readVarint(bytes, cursor, bodyEnd)
  if (keyLength > 0) cursor += keyLength
  const valueLength = readVarint(bytes, cursor, bodyEnd)
  if (valueLength > 0) cursor += valueLength
  const headers = readVarint(bytes, cursor, bodyEnd)
  if (headers !== 0) skipHeaders(bytes, headers, bodyEnd, index)
  if (cursor !== bodyEnd || keyLength < -1 || valueLength < -1) {
    throw malformed(index, `its fields do not fill its ${length} bytes`)
  }
}

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
