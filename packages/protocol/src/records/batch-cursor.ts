import { RecordCursor } from './record-positions.js'
import type { RecordSource } from './record-source.js'
import { VarintReader } from './varint-reader.js'

/**
 * Cursor over the records of a v2 batch. `next` is the hot loop of every consumer: varints of one and two bytes are read in place,
 * longer ones, which are rare, by `VarintReader`.
 */
export class BatchCursor extends RecordCursor {
  private readonly count: number
  private readonly limit: number
  private readonly long: VarintReader
  private readonly fixedTime: boolean
  private index = 0

  /**
   * Records from `start` up to `limit` in the source; as many as the batch header says. With `fixedTime` (log append time) all
   * have the source's base timestamp.
   */
  constructor(
    source: RecordSource,
    start: number,
    limit: number,
    count: number,
    fixedTime: boolean,
  ) {
    super(source)
    this.fixedTime = fixedTime
    this.end = start
    this.limit = limit
    this.count = count
    this.long = new VarintReader(source, start, limit)
  }

  next(): boolean {
    if (this.index === this.count) return this.finish()
    const { bytes } = this.source
    const start = this.end
    let at = start
    const byte = bytes[at++] as number
    let size = (byte >>> 1) ^ -(byte & 1)
    if (byte > 0x7f) {
      const high = bytes[at++] as number
      size = (((byte & 0x7f) | (high << 7)) >>> 1) ^ -(byte & 1)
      if (high > 0x7f) {
        size = this.longVarint(start)
        at = this.long.at
      }
    }
    const end = at + size
    // No record is shorter: attributes, two deltas, two lengths, header count take a byte each.
    if (!(size >= 6 && end <= this.limit)) throw this.badSize(size, start, at)
    this.parse(start, at, end)
    this.end = end
    this.index++
    return true
  }

  /** Reads the fields of the record that begins at `start`, behind its length, up to `end`. */
  private parse(start: number, from: number, end: number): void {
    const { bytes } = this.source
    let at = from + 1 // The attributes of a record: none are defined.
    let byte = bytes[at++] as number
    let delta = (byte >>> 1) ^ -(byte & 1)
    if (byte > 0x7f) {
      const high = bytes[at++] as number
      delta = (((byte & 0x7f) | (high << 7)) >>> 1) ^ -(byte & 1)
      if (high > 0x7f) {
        delta = this.longVarlong(at - 2)
        at = this.long.at
      }
    }
    this.timestampDelta = this.fixedTime ? 0 : delta

    byte = bytes[at++] as number
    delta = (byte >>> 1) ^ -(byte & 1)
    if (byte > 0x7f) {
      const high = bytes[at++] as number
      delta = (((byte & 0x7f) | (high << 7)) >>> 1) ^ -(byte & 1)
      if (high > 0x7f) {
        delta = this.longVarint(at - 2)
        at = this.long.at
      }
    }
    this.offsetDelta = delta

    byte = bytes[at++] as number
    let length = (byte >>> 1) ^ -(byte & 1)
    if (byte > 0x7f) {
      const high = bytes[at++] as number
      length = (((byte & 0x7f) | (high << 7)) >>> 1) ^ -(byte & 1)
      if (high > 0x7f) {
        length = this.longVarint(at - 2)
        at = this.long.at
      }
    }
    if (length < -1 || length > end - at) throw this.badLength('key', length, at, end)
    this.keyStart = at
    this.keyLength = length
    if (length > 0) at += length

    byte = bytes[at++] as number
    length = (byte >>> 1) ^ -(byte & 1)
    if (byte > 0x7f) {
      const high = bytes[at++] as number
      length = (((byte & 0x7f) | (high << 7)) >>> 1) ^ -(byte & 1)
      if (high > 0x7f) {
        length = this.longVarint(at - 2)
        at = this.long.at
      }
    }
    if (length < -1 || length > end - at) throw this.badLength('value', length, at, end)
    this.valueStart = at
    this.valueLength = length
    if (length > 0) at += length

    if (at >= end || (bytes[at] === 0 && at + 1 !== end)) throw this.badEnd(start, at, end)
  }

  private longVarint(at: number): number {
    this.long.at = at
    return this.long.varint()
  }

  private longVarlong(at: number): number {
    this.long.at = at
    return this.long.varlong()
  }

  private finish(): boolean {
    if (this.end === this.limit) return false
    throw this.source.fault(
      `${this.limit - this.end} bytes follow the last of ${this.count} records`,
      this.end,
    )
  }

  private badSize(size: number, start: number, at: number): Error {
    if (start >= this.limit) {
      return this.source.fault(
        `the batch announces ${this.count} records and ends after ${this.index}`,
        start,
      )
    }
    return this.source.fault(
      `record ${this.index} has size ${size} with ${this.limit - at} bytes left in the batch`,
      start,
    )
  }

  private badLength(what: string, length: number, at: number, end: number): Error {
    return this.source.fault(
      `the ${what} of record ${this.index} has length ${length} with ${end - at} bytes left`,
      at,
    )
  }

  private badEnd(start: number, at: number, end: number): Error {
    return this.source.fault(
      `record ${this.index} says it ends ${end - start} bytes on; its fields take ${at - start}`,
      at,
    )
  }
}
