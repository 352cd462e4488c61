import { bufferView } from '../bytes/buffer-view.js'
import { crc32c } from '../bytes/crc32c.js'
import { readInt64Number } from '../bytes/int64.js'
import { type CompressionName, compressionNames } from '../compression/codec.js'
import { decompress } from '../compression/compress.js'
import { WireError } from '../errors.js'
import { BatchCursor } from './batch-cursor.js'
import { attributeBits, batchHeaderBytes, batchLayout as layout } from './layout.js'
import type { RecordView, TimestampType } from './record.js'
import type { RecordBatchView } from './record-batch-view.js'
import { RecordIterator } from './record-iterator.js'
import type { RecordCursor } from './record-positions.js'
import { RecordSource } from './record-source.js'

const recordBatch = 'RecordBatch'

/**
 * A record batch of magic 2 (KIP-98). Only its length and magic have been checked when it is made; fields are read from the
 * bytes when asked for.
 */
export class RecordBatch implements RecordBatchView {
  readonly magic = 2
  readonly position: number
  readonly sizeInBytes: number
  private readonly memory: Uint8Array
  private readonly view: DataView
  private readonly maxDecompressedBytes: number

  constructor(
    memory: Uint8Array,
    view: DataView,
    position: number,
    sizeInBytes: number,
    maxDecompressedBytes: number,
  ) {
    this.memory = memory
    this.view = view
    this.position = position
    this.sizeInBytes = sizeInBytes
    this.maxDecompressedBytes = maxDecompressedBytes
  }

  get baseOffset(): bigint {
    return this.view.getBigInt64(this.position + layout.baseOffset)
  }

  get baseOffsetNumber(): number {
    return readInt64Number(this.view, this.position + layout.baseOffset)
  }

  get lastOffset(): bigint {
    return this.baseOffset + BigInt(this.lastOffsetDelta)
  }

  get nextOffset(): bigint {
    return this.baseOffset + BigInt(this.lastOffsetDelta + 1)
  }

  get lastOffsetDelta(): number {
    return this.view.getInt32(this.position + layout.lastOffsetDelta)
  }

  get partitionLeaderEpoch(): number {
    return this.view.getInt32(this.position + layout.partitionLeaderEpoch)
  }

  get crc(): number {
    return this.view.getUint32(this.position + layout.crc)
  }

  get attributes(): number {
    return this.view.getInt16(this.position + layout.attributes)
  }

  get compression(): CompressionName {
    const id = this.attributes & attributeBits.compression
    const name = compressionNames[id]
    if (name === undefined) {
      throw new WireError({
        message: `compression codec ${id} does not exist`,
        messageName: recordBatch,
        offset: this.position + layout.attributes,
      })
    }
    return name
  }

  get timestampType(): TimestampType {
    return this.attributes & attributeBits.logAppendTime ? 'LogAppendTime' : 'CreateTime'
  }

  get isTransactional(): boolean {
    return (this.attributes & attributeBits.transactional) !== 0
  }

  get isControl(): boolean {
    return (this.attributes & attributeBits.control) !== 0
  }

  get hasDeleteHorizon(): boolean {
    return (this.attributes & attributeBits.deleteHorizon) !== 0
  }

  get baseTimestamp(): number {
    return readInt64Number(this.view, this.position + layout.baseTimestamp)
  }

  get maxTimestamp(): number {
    return readInt64Number(this.view, this.position + layout.maxTimestamp)
  }

  get producerId(): bigint {
    return this.view.getBigInt64(this.position + layout.producerId)
  }

  get producerEpoch(): number {
    return this.view.getInt16(this.position + layout.producerEpoch)
  }

  get baseSequence(): number {
    return this.view.getInt32(this.position + layout.baseSequence)
  }

  get lastSequence(): number {
    const base = this.baseSequence
    return base < 0 ? -1 : (base + this.lastOffsetDelta) & 0x7fff_ffff
  }

  get count(): number {
    return this.view.getInt32(this.position + layout.recordCount)
  }

  get bytes(): Buffer {
    return bufferView(this.memory, this.position, this.position + this.sizeInBytes)
  }

  isValid(): boolean {
    const from = this.position + layout.attributes
    return crc32c(this.memory, from, this.position + this.sizeInBytes) === this.crc
  }

  records(): RecordCursor {
    const { count, compression, baseOffset } = this
    const start = this.position + batchHeaderBytes
    const limit = this.position + this.sizeInBytes
    if (count < 0) {
      throw new WireError({
        message: `the record count is ${count}`,
        messageName: recordBatch,
        offset: this.position + layout.recordCount,
      })
    }
    const logAppendTime = (this.attributes & attributeBits.logAppendTime) !== 0
    const baseTimestamp = logAppendTime ? this.maxTimestamp : this.baseTimestamp
    if (compression === 'none') {
      const source = new RecordSource(this.memory, baseOffset, baseTimestamp, recordBatch)
      return new BatchCursor(source, start, limit, count, logAppendTime)
    }
    const records = decompress(compression, bufferView(this.memory, start, limit), {
      maxBytes: this.maxDecompressedBytes,
    })
    const name = `${recordBatch} at byte ${this.position}, its ${compression} records decompressed`
    const source = new RecordSource(records, baseOffset, baseTimestamp, name)
    return new BatchCursor(source, 0, records.length, count, logAppendTime)
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
}
