import { crc32 } from '../bytes/crc32.js'
import { writeInt64Number } from '../bytes/int64.js'
import type { CompressionName } from '../compression/codec.js'
import { compressionNames } from '../compression/codec.js'
import { compress } from '../compression/compress.js'
import { InvalidArgumentError } from '../errors.js'
import { attributeBits, logOverhead } from './layout.js'
import { messageLayout as layout, messageFormat } from './message-cursor.js'
import type { RecordBytes, RecordInput } from './record.js'
import { bytesSize, writeUtf8 } from './record-writer.js'

/** A message set to write. */
export interface MessageSetInput {
  readonly magic: 0 | 1
  /** Headers do not exist in these formats. */
  readonly records: Iterable<Omit<RecordInput, 'headers'>>
  /** Offset of the record with offset delta 0. Default 0, as producers write it. */
  readonly baseOffset?: bigint | undefined
  /** Wraps all records into one compressed message. There is no zstd in these formats. */
  readonly compression?: Exclude<CompressionName, 'zstd'> | undefined
  /** All records were appended at this time (magic 1). */
  readonly logAppendTime?: number | undefined
}

interface Message {
  readonly offset: bigint
  readonly attributes: number
  readonly timestamp: number
  readonly key: RecordBytes
  readonly value: RecordBytes
}

/**
 * Writes a message set of magic 0 or 1, as brokers and clients before Kafka 0.11 did. Compressed, it is one wrapper message with
 * the offset of the last record; the offsets inside count from 0 in magic 1 and are absolute in magic 0.
 */
export const encodeMessageSet = (input: MessageSetInput): Uint8Array => {
  const { magic, baseOffset = 0n, compression = 'none', logAppendTime } = input
  const relative = compression !== 'none' && magic === 1
  const timeBits = logAppendTime === undefined || magic === 0 ? 0 : attributeBits.logAppendTime
  const parts: Buffer[] = []
  let next = 0
  let maxTimestamp = -1
  for (const { key = null, value, timestamp = -1, offsetDelta = next } of input.records) {
    const offset = BigInt(offsetDelta) + (relative ? 0n : baseOffset)
    const message = {
      offset,
      attributes: timeBits,
      timestamp: logAppendTime ?? timestamp,
      key,
      value,
    }
    parts.push(encodeMessage(magic, message))
    maxTimestamp = Math.max(maxTimestamp, message.timestamp)
    next = offsetDelta + 1
  }
  const messages = Buffer.concat(parts)
  if (compression === 'none') return messages
  if (parts.length === 0) {
    throw new InvalidArgumentError('a compressed message must hold at least one record')
  }
  return encodeMessage(magic, {
    offset: baseOffset + BigInt(next - 1),
    attributes: compressionNames.indexOf(compression) | timeBits,
    timestamp: maxTimestamp,
    key: null,
    value: compress(compression, messages, { magic }),
  })
}

const encodeMessage = (magic: 0 | 1, message: Message): Buffer => {
  const { key, value } = message
  const keySize = bytesSize(key)
  const valueSize = bytesSize(value)
  const format = messageFormat(magic)
  const out = Buffer.allocUnsafeSlow(format.value + Math.max(keySize, 0) + Math.max(valueSize, 0))
  const view = new DataView(out.buffer, out.byteOffset, out.length)
  view.setBigInt64(layout.offset, message.offset)
  view.setInt32(layout.size, out.length - logOverhead)
  view.setInt8(layout.magic, magic)
  view.setInt8(layout.attributes, message.attributes)
  if (magic === 1) writeInt64Number(view, layout.timestamp, message.timestamp)
  const end = writeField(out, view, format.key, key, keySize)
  writeField(out, view, end, value, valueSize)
  view.setUint32(layout.crc, crc32(out, layout.magic))
  return out
}

const writeField = (
  out: Buffer,
  view: DataView,
  at: number,
  value: RecordBytes,
  size: number,
): number => {
  view.setInt32(at, size)
  if (typeof value === 'string') writeUtf8(out, value, at + 4, size)
  else if (value !== null) out.set(value, at + 4)
  return at + 4 + Math.max(size, 0)
}
