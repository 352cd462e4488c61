/** What a key, a value or a header's value may be when written. Strings are written as UTF-8. */
export type RecordBytes = string | Uint8Array | null

/** A header to write: name and value. Names need not be unique; order is kept. */
export type RecordHeaderInput = readonly [name: string, value: RecordBytes]

/** A record to write. */
export interface RecordInput {
  readonly key?: RecordBytes
  readonly value: RecordBytes
  readonly headers?: readonly RecordHeaderInput[]
  /** Milliseconds since 1970; -1 (the default) for none. */
  readonly timestamp?: number
  /** Offset relative to the batch; by default the one after the record before. */
  readonly offsetDelta?: number
}

/** A header as read: name and value, a view of the batch's memory. */
export type RecordHeader = readonly [name: string, value: Buffer | null]

/**
 * A record as read. Key, value and header values are views made on each access: they share the memory of the bytes the
 * batch was read from (or of the decompressed block) and keep it alive.
 */
export interface RecordView {
  readonly offset: bigint
  /** The offset as a number; exact below 2^53. */
  readonly offsetNumber: number
  /** Offset relative to the batch's base offset. */
  readonly offsetDelta: number
  /** Milliseconds since 1970; -1 for none. */
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  /** Bytes of the key, -1 for null; costs nothing. */
  readonly keyLength: number
  /** Bytes of the value, -1 for null; costs nothing. */
  readonly valueLength: number
  readonly headers: readonly RecordHeader[]
}

/** Who set a batch's timestamps, by the names of `message.timestamp.type`; magic 0 has none. */
export type TimestampType = 'NoTimestampType' | 'CreateTime' | 'LogAppendTime'
