import { WireError } from '../errors.js'

/** What all records of a batch share: the memory they lie in and what their deltas count from. */
export class RecordSource {
  /** The memory that positions refer to: the bytes handed over, or the batch's decompressed records. */
  readonly bytes: Uint8Array
  /** The memory under `bytes` and where they begin in it, which views are made from. */
  readonly memory: ArrayBufferLike
  readonly memoryStart: number
  readonly baseOffset: bigint
  readonly baseOffsetNumber: number
  readonly baseTimestamp: number
  /** What the bytes are, for error messages: `RecordBatch`, `MessageSet`, or one of them decompressed. */
  readonly name: string

  constructor(bytes: Uint8Array, baseOffset: bigint, baseTimestamp: number, name: string) {
    this.bytes = bytes
    this.memory = bytes.buffer
    this.memoryStart = bytes.byteOffset
    this.baseOffset = baseOffset
    this.baseOffsetNumber = Number(baseOffset)
    this.baseTimestamp = baseTimestamp
    this.name = name
  }

  /** The error for bad bytes at a position. */
  fault(message: string, offset: number): WireError {
    return new WireError({ message, messageName: this.name, offset })
  }
}
