import { bufferView } from '../bytes/buffer-view.js'
import { crc32 } from '../bytes/crc32.js'
import { readInt64Number } from '../bytes/int64.js'
import { type CompressionName, compressionNames } from '../compression/codec.js'
import { decompress } from '../compression/compress.js'
import { WireError } from '../errors.js'
import { attributeBits } from './layout.js'
import {
  InnerMessages,
  messageLayout as layout,
  messageFormat,
  SingleMessage,
} from './message-cursor.js'
import type { RecordView, TimestampType } from './record.js'
import type { RecordBatchView } from './record-batch-view.js'
import { RecordIterator } from './record-iterator.js'
import type { RecordCursor } from './record-positions.js'
import { RecordSource } from './record-source.js'

/** What the size field of a message says at least: checksum, magic, attributes, two lengths. */
export const smallestMessageBytes = 14

const messageSet = 'MessageSet'

/**
 * One entry of a message set (magic 0 and 1): a message that stands alone, or a wrapper whose value is a compressed message set
 * (KIP-31, KIP-32). The wrapper is decompressed once, when something inside is asked for.
 */
export class MessageSetBatch implements RecordBatchView {
  readonly magic: 0 | 1
  readonly position: number
  readonly sizeInBytes: number
  readonly partitionLeaderEpoch = -1
  readonly isTransactional = false
  readonly isControl = false
  readonly hasDeleteHorizon = false
  readonly producerId = -1n
  readonly producerEpoch = -1
  readonly baseSequence = -1
  readonly lastSequence = -1
  private readonly memory: Uint8Array
  private readonly view: DataView
  private readonly maxDecompressedBytes: number
  private readonly checkCrc: boolean
  private opened: InnerMessages | undefined

  constructor(
    memory: Uint8Array,
    view: DataView,
    position: number,
    sizeInBytes: number,
    magic: 0 | 1,
    maxDecompressedBytes: number,
    checkCrc: boolean,
  ) {
    this.memory = memory
    this.view = view
    this.position = position
    this.sizeInBytes = sizeInBytes
    this.magic = magic
    this.maxDecompressedBytes = maxDecompressedBytes
    this.checkCrc = checkCrc
    const shortest = messageFormat(magic).value
    if (sizeInBytes < shortest) {
      throw new WireError({
        message: `a message of magic ${magic} takes ${shortest} bytes at least, not ${sizeInBytes}`,
        messageName: messageSet,
        offset: position,
      })
    }
  }

  get baseOffset(): bigint {
    return this.compression === 'none' ? this.lastOffset : this.inner().baseOffset(this.lastOffset)
  }

  get baseOffsetNumber(): number {
    return Number(this.baseOffset)
  }

  get lastOffset(): bigint {
    return this.view.getBigInt64(this.position + layout.offset)
  }

  get nextOffset(): bigint {
    return this.lastOffset + 1n
  }

  get lastOffsetDelta(): number {
    return Number(this.lastOffset - this.baseOffset)
  }

  get crc(): number {
    return this.view.getUint32(this.position + layout.crc)
  }

  get attributes(): number {
    return this.view.getInt8(this.position + layout.attributes)
  }

  get compression(): CompressionName {
    const id = this.attributes & attributeBits.compression
    const name = compressionNames[id]
    if (name === undefined || name === 'zstd') {
      throw new WireError({
        message: `compression codec ${id} does not exist in magic ${this.magic}`,
        messageName: messageSet,
        offset: this.position + layout.attributes,
      })
    }
    return name
  }

  get timestampType(): TimestampType {
    if (this.magic === 0) return 'NoTimestampType'
    return this.attributes & attributeBits.logAppendTime ? 'LogAppendTime' : 'CreateTime'
  }

  get baseTimestamp(): number {
    return this.maxTimestamp
  }

  /** The message's own timestamp; a wrapper holds the largest of its messages. */
  get maxTimestamp(): number {
    return this.magic === 0 ? -1 : readInt64Number(this.view, this.position + layout.timestamp)
  }

  get count(): number {
    return this.compression === 'none' ? 1 : this.inner().count
  }

  get bytes(): Buffer {
    return bufferView(this.memory, this.position, this.position + this.sizeInBytes)
  }

  isValid(): boolean {
    const from = this.position + layout.magic
    return crc32(this.memory, from, this.position + this.sizeInBytes) === this.crc
  }

  records(): RecordCursor {
    const wrapper = this.single(this.memory, this.position, this.lastOffset, messageSet)
    if (this.compression === 'none') return wrapper
    const inner = this.inner()
    return inner.cursor(
      inner.baseOffset(this.lastOffset),
      this.timestampType === 'LogAppendTime' ? this.maxTimestamp : undefined,
    )
  }

  toArray(): RecordView[] {
    const records: RecordView[] = []
    const cursor = this.records()
    while (cursor.next()) records.push(cursor.record())
    return records
  }

  [Symbol.iterator](): Iterator<RecordView> {
    return new RecordIterator(this.records())
  }

  private single(bytes: Uint8Array, at: number, offset: bigint, name: string): SingleMessage {
    const source = new RecordSource(bytes, offset, 0, name)
    return new SingleMessage(source, this.view, at, at + this.sizeInBytes)
  }

  private inner(): InnerMessages {
    if (this.opened !== undefined) return this.opened
    const wrapper = this.single(this.memory, this.position, this.lastOffset, messageSet)
    wrapper.next()
    const block = wrapper.value
    if (block === null) {
      throw new WireError({
        message: 'a compressed message has no value',
        messageName: messageSet,
        offset: this.position,
      })
    }
    const { compression, magic } = this
    const bytes = decompress(compression, block, { maxBytes: this.maxDecompressedBytes, magic })
    const name = `${messageSet} at byte ${this.position}, its ${compression} messages decompressed`
    this.opened = new InnerMessages(bytes, name, magic, this.checkCrc)
    return this.opened
  }
}
