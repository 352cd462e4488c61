import { BufferView } from '../bytes/buffer-view.js'
import type { RecordHeader, RecordView } from './record.js'
import { readHeaders } from './record-headers.js'
import type { RecordSource } from './record-source.js'

/**
 * A record as positions in its source: seven small integers. Views, bigints and headers are made from them when asked for,
 * so a record that is only counted or skipped costs next to nothing.
 */
export abstract class RecordPositions implements RecordView {
  // Declared only: initializers would write every field twice, which shows at millions of records a second.
  declare protected readonly source: RecordSource
  /** Offset relative to the batch. */
  declare offsetDelta: number
  declare protected timestampDelta: number
  declare protected keyStart: number
  /** Bytes of the key, -1 for null. */
  declare keyLength: number
  declare protected valueStart: number
  /** Bytes of the value, -1 for null. */
  declare valueLength: number
  /** Where the record ends: headers, if any, lie between the value and here. */
  declare protected end: number

  constructor(
    source: RecordSource,
    offsetDelta = -1,
    timestampDelta = 0,
    keyStart = 0,
    keyLength = -1,
    valueStart = 0,
    valueLength = -1,
    end = 0,
  ) {
    this.source = source
    this.offsetDelta = offsetDelta
    this.timestampDelta = timestampDelta
    this.keyStart = keyStart
    this.keyLength = keyLength
    this.valueStart = valueStart
    this.valueLength = valueLength
    this.end = end
  }

  /** Offset in the partition. */
  get offset(): bigint {
    const { offsetDelta } = this
    const { baseOffset } = this.source
    const small = offsetDelta | 0
    // Said to have 64 and 32 bits, both are added in registers: half the time. Message sets may have larger gaps.
    if (small === offsetDelta) return BigInt.asIntN(64, baseOffset + BigInt(small))
    return baseOffset + BigInt(offsetDelta)
  }

  /** Offset in the partition as a number; exact below 2^53. */
  get offsetNumber(): number {
    return this.source.baseOffsetNumber + this.offsetDelta
  }

  /** Milliseconds since 1970; -1 for none. */
  get timestamp(): number {
    return this.source.baseTimestamp + this.timestampDelta
  }

  /** A view of the key's bytes, made anew on each access. */
  get key(): Buffer | null {
    if (this.keyLength < 0) return null
    const { memory, memoryStart } = this.source
    return new BufferView(memory, memoryStart + this.keyStart, this.keyLength)
  }

  /** A view of the value's bytes, made anew on each access. */
  get value(): Buffer | null {
    if (this.valueLength < 0) return null
    const { memory, memoryStart } = this.source
    return new BufferView(memory, memoryStart + this.valueStart, this.valueLength)
  }

  /** The headers, parsed on each access. Throws WireError when they are malformed. */
  get headers(): readonly RecordHeader[] {
    const start = this.valueStart + Math.max(this.valueLength, 0)
    return readHeaders(this.source, start, this.end)
  }
}

/** A record that stays: what iterating a batch yields. */
export class LazyRecord extends RecordPositions {}

/** A class that extends `LazyRecord` by what its constructor takes first. */
export type RecordClass<Kind, Extra> = new (
  extra: Extra,
  source: RecordSource,
  offsetDelta: number,
  timestampDelta: number,
  keyStart: number,
  keyLength: number,
  valueStart: number,
  valueLength: number,
  end: number,
) => Kind

/**
 * Walks the records of one batch without an object per record: `while (cursor.next()) use(cursor.value)`. The cursor shows
 * one record at a time; `record()` gives the present one an object of its own.
 */
export abstract class RecordCursor extends RecordPositions {
  /** Moves to the next record; false at the end. Throws WireError at the first malformed record. */
  abstract next(): boolean

  /** The present record as an object that outlives the next step. */
  record(): RecordView {
    return new LazyRecord(
      this.source,
      this.offsetDelta,
      this.timestampDelta,
      this.keyStart,
      this.keyLength,
      this.valueStart,
      this.valueLength,
      this.end,
    )
  }

  /** As `record`, as an object of the caller's own class: one object where wrapping would take two. */
  recordAs<Kind, Extra>(kind: RecordClass<Kind, Extra>, extra: Extra): Kind {
    return new kind(
      extra,
      this.source,
      this.offsetDelta,
      this.timestampDelta,
      this.keyStart,
      this.keyLength,
      this.valueStart,
      this.valueLength,
      this.end,
    )
  }
}
