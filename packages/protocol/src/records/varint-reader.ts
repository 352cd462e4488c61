import type { RecordSource } from './record-source.js'

/**
 * Reads the zigzag varints of a v2 record, bounded by `end`. The straight-line loop of the cursor inlines the short forms
 * and comes here for the long ones.
 */
export class VarintReader {
  readonly source: RecordSource
  at: number
  end: number

  constructor(source: RecordSource, at: number, end: number) {
    this.source = source
    this.at = at
    this.end = end
  }

  /** A signed 32-bit number, at most five bytes. */
  varint(): number {
    const { bytes } = this.source
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte(bytes)
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1)
    }
    throw this.source.fault('a varint is longer than five bytes', this.at)
  }

  /** A signed 64-bit number, at most ten bytes; exact up to 2^53. */
  varlong(): number {
    const { bytes } = this.source
    // The lowest bit is the sign. The number is put together without it, so that it need not hold one bit more.
    const first = this.byte(bytes)
    let value = (first & 0x7f) >>> 1
    let byte = first
    let scale = 64
    for (let index = 1; index < 10 && byte > 0x7f; index++) {
      byte = this.byte(bytes)
      // The tenth byte carries the 64th bit only.
      value += (index === 9 ? byte & 1 : byte & 0x7f) * scale
      scale *= 128
    }
    if (byte < 0x80) return first & 1 ? -1 - value : value
    throw this.source.fault('a varlong is longer than ten bytes', this.at)
  }

  /** A length: -1 for null, or as many bytes as are there at least. */
  length(): number {
    const start = this.at
    const length = this.varint()
    if (length < -1 || length > this.end - this.at) {
      throw this.source.fault(
        `a length of ${length} exceeds the ${this.end - this.at} bytes left`,
        start,
      )
    }
    return length
  }

  private byte(bytes: Uint8Array): number {
    if (this.at >= this.end) throw this.source.fault('a record ends inside a varint', this.at)
    return bytes[this.at++] as number
  }
}
