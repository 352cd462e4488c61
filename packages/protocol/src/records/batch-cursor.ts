import { RecordCursor, type RecordSource } from './record-positions.js'
import { VarintReader } from './varint-reader.js'

/**
 * Cursor over the records of a v2 batch. `next` is the hot loop of every consumer: varints of one and two bytes, nearly all
 * there are, are read in place; longer ones go through `VarintReader`.
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
    const bytes = this.source.bytes
    const start = this.end
    let at = start
    let low = bytes[at++] as number
    let high = 0
    let size: number
    if (low < 0x80) size = (low >>> 1) ^ -(low & 1)
    else if ((high = bytes[at++] as number) < 0x80) {
      size = (((low & 0x7f) | (high << 7)) >>> 1) ^ -(low & 1)
    } else {
      size = this.varintAt(start)
      at = this.long.at
    }
    const end = at + size
    // No record is shorter: attributes, two deltas, two lengths, header count take a byte each.
    if (!(size >= 6 && end <= this.limit)) throw this.badSize(size, start, at)
    at++ // Attributes of a record: none are defined.

    low = bytes[at++] as number
    if (low < 0x80) this.timestampDelta = (low >>> 1) ^ -(low & 1)
    else if ((high = bytes[at++] as number) < 0x80) {
      this.timestampDelta = (((low & 0x7f) | (high << 7)) >>> 1) ^ -(low & 1)
    } else {
      this.long.at = at - 2
      this.timestampDelta = this.long.varlong()
      at = this.long.at
    }
    if (this.fixedTime) this.timestampDelta = 0

    low = bytes[at++] as number
    if (low < 0x80) this.offsetDelta = (low >>> 1) ^ -(low & 1)
    else if ((high = bytes[at++] as number) < 0x80) {
      this.offsetDelta = (((low & 0x7f) | (high << 7)) >>> 1) ^ -(low & 1)
    } else {
      this.offsetDelta = this.varintAt(at - 2)
      at = this.long.at
    }

    low = bytes[at++] as number
    let length: number
    if (low < 0x80) length = (low >>> 1) ^ -(low & 1)
    else if ((high = bytes[at++] as number) < 0x80) {
      length = (((low & 0x7f) | (high << 7)) >>> 1) ^ -(low & 1)
    } else {
      length = this.varintAt(at - 2)
      at = this.long.at
    }
    if (length < -1 || length > end - at) throw this.badLength('key', length, at, end)
    this.keyStart = at
    this.keyLength = length
    if (length > 0) at += length

    low = bytes[at++] as number
    if (low < 0x80) length = (low >>> 1) ^ -(low & 1)
    else if ((high = bytes[at++] as number) < 0x80) {
      length = (((low & 0x7f) | (high << 7)) >>> 1) ^ -(low & 1)
    } else {
      length = this.varintAt(at - 2)
      at = this.long.at
    }
    if (length < -1 || length > end - at) throw this.badLength('value', length, at, end)
    this.valueStart = at
    this.valueLength = length
    if (length > 0) at += length

    if (at >= end || (bytes[at] === 0 && at + 1 !== end)) throw this.badEnd(start, at, end)
    this.end = end
    this.index++
    return true
  }

  private varintAt(at: number): number {
    this.long.at = at
    return this.long.varint()
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
