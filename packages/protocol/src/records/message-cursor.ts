import { crc32 } from '../bytes/crc32.js'
import { readInt64Number } from '../bytes/int64.js'
import { attributeBits, logOverhead } from './layout.js'
import { RecordCursor } from './record-positions.js'
import { RecordSource } from './record-source.js'

/** Where the fields of a message (magic 0 and 1) lie; the timestamp is in magic 1 only. */
export const messageLayout = {
  offset: 0,
  size: 8,
  crc: 12,
  magic: 16,
  attributes: 17,
  timestamp: 18,
} as const

/** Where the key's length lies, and the size of a message with neither key nor value. */
export const messageFormat = (magic: 0 | 1): { readonly key: number; readonly value: number } =>
  magic === 0 ? { key: 18, value: 26 } : { key: 26, value: 34 }

/** Shared by the cursors: finds key and value of the message in `[at, end)`. */
abstract class MessageCursor extends RecordCursor {
  protected readonly view: DataView

  constructor(source: RecordSource, view: DataView) {
    super(source)
    this.view = view
  }

  protected parse(at: number, end: number): void {
    const magic = this.view.getInt8(at + messageLayout.magic) === 0 ? 0 : 1
    this.timestampDelta =
      magic === 0 ? -1 : readInt64Number(this.view, at + messageLayout.timestamp)
    this.keyStart = at + messageFormat(magic).key + 4
    this.keyLength = this.lengthAt(this.keyStart - 4, end - 4)
    this.valueStart = this.keyStart + Math.max(this.keyLength, 0) + 4
    this.valueLength = this.lengthAt(this.valueStart - 4, end)
    this.end = this.valueStart + Math.max(this.valueLength, 0)
    if (this.end !== end) {
      throw this.source.fault(`${end - this.end} bytes follow the value of a message`, this.end)
    }
  }

  private lengthAt(at: number, end: number): number {
    const length = this.view.getInt32(at)
    if (length < -1 || length > end - at - 4) {
      throw this.source.fault(`a length of ${length} with ${end - at - 4} bytes left`, at)
    }
    return length
  }
}

/** Cursor over one message that stands alone. */
export class SingleMessage extends MessageCursor {
  private readonly from: number
  private readonly to: number
  private done = false

  constructor(source: RecordSource, view: DataView, from: number, to: number) {
    super(source, view)
    this.from = from
    this.to = to
  }

  next(): boolean {
    if (this.done) return false
    this.done = true
    this.parse(this.from, this.to)
    this.offsetDelta = 0
    return true
  }
}

/** The message set inside a wrapper, decompressed. Its frame is checked when this is made; keys and values by the cursor. */
export class InnerMessages {
  readonly count: number
  private readonly bytes: Uint8Array
  private readonly view: DataView
  private readonly name: string
  private readonly magic: 0 | 1
  private readonly firstOffset: bigint
  private readonly lastOffset: bigint

  constructor(bytes: Uint8Array, name: string, magic: 0 | 1, checkCrc: boolean) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.name = name
    this.magic = magic
    let count = 0
    let last = 0
    for (let at = 0; at < bytes.length; count++) {
      last = at
      at = this.checkMessage(at, checkCrc)
    }
    if (count === 0) throw this.source(0n).fault('a compressed message holds no messages', 0)
    this.count = count
    this.firstOffset = this.view.getBigInt64(0)
    this.lastOffset = this.view.getBigInt64(last)
  }

  /**
   * Offset of the first message. In magic 0 the inner offsets are absolute. In magic 1 they are relative, and the wrapper has the
   * offset of the last one; a producer's wrapper has 0, its inner offsets count as they are.
   */
  baseOffset(wrapperOffset: bigint): bigint {
    if (this.magic === 0 || wrapperOffset === 0n) return this.firstOffset
    return wrapperOffset - (this.lastOffset - this.firstOffset)
  }

  /** Cursor over the messages; `appendTime` replaces their timestamps (log append time). */
  cursor(baseOffset: bigint, appendTime: number | undefined): RecordCursor {
    const source = this.source(baseOffset)
    return new InnerCursor(source, this.view, this.firstOffset, appendTime)
  }

  private source(baseOffset: bigint): RecordSource {
    return new RecordSource(this.bytes, baseOffset, 0, this.name)
  }

  /** Checks the frame of the message at `at` and returns where the next begins. */
  private checkMessage(at: number, checkCrc: boolean): number {
    const { bytes, view } = this
    const left = bytes.length - at
    const total = left < logOverhead ? -1 : view.getInt32(at + messageLayout.size) + logOverhead
    // Some producers put messages of magic 0 into a wrapper of magic 1: each says its own.
    const magic =
      total < messageFormat(0).value || total > left ? -1 : view.getInt8(at + messageLayout.magic)
    if ((magic !== 0 && magic !== 1) || total < messageFormat(magic).value) {
      throw this.source(0n).fault(
        `no whole message of magic 0 or 1 lies in the ${left} bytes left`,
        at,
      )
    }
    if (view.getInt8(at + messageLayout.attributes) & attributeBits.compression) {
      throw this.source(0n).fault('a compressed message inside a compressed message', at)
    }
    const end = at + total
    if (
      checkCrc &&
      crc32(bytes, at + messageLayout.magic, end) !== view.getUint32(at + messageLayout.crc)
    ) {
      throw this.source(0n).fault('the CRC-32 of a message inside a wrapper is wrong', at)
    }
    return end
  }
}

class InnerCursor extends MessageCursor {
  private readonly firstOffset: bigint
  private readonly appendTime: number | undefined

  constructor(
    source: RecordSource,
    view: DataView,
    firstOffset: bigint,
    appendTime: number | undefined,
  ) {
    super(source, view)
    this.firstOffset = firstOffset
    this.appendTime = appendTime
  }

  next(): boolean {
    const at = this.end
    if (at >= this.source.bytes.length) return false
    this.parse(at, at + this.view.getInt32(at + messageLayout.size) + logOverhead)
    this.offsetDelta = Number(this.view.getBigInt64(at) - this.firstOffset)
    if (this.appendTime !== undefined) this.timestampDelta = this.appendTime
    return true
  }
}
