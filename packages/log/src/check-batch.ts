import {
  attributeBits,
  batchHeaderBytes,
  type CompressionName,
  compressionNames,
  decompress,
  UnsupportedCompressionError,
} from '@ottla/protocol'
import {
  type BatchHeader,
  codecOf,
  entryPrefixBytes,
  entrySize,
  headerBytes,
  isControl,
  parseBatchHeader,
} from './batch-header.js'
import { isChecksumRight } from './batch-scan.js'
import type { LogConfig } from './log-config.js'
import { LogError } from './log-error.js'
import type { RecordRules } from './record-rules.js'
import { walkRecords } from './walk-records.js'

/** Bytes of offset and length, without which nothing is known of an entry. */
const overhead = 12

/**
 * Headers of the whole batches in `bytes`, each with a right checksum and no larger than allowed. An incomplete one at the
 * end is left out, as Kafka does.
 *
 * @throws LogError CORRUPT_MESSAGE, MESSAGE_TOO_LARGE, or INVALID_RECORD if there is no whole batch.
 */
export function readHeaders(bytes: Uint8Array, maxMessageBytes: number): BatchHeader[] {
  const headers: BatchHeader[] = []
  let at = 0
  while (bytes.byteLength - at >= overhead) {
    const size = entrySize(bytes, at)
    if (size < 0)
      throw new LogError('CORRUPT_MESSAGE', `the batch at byte ${at} has an impossible length`)
    if (size > maxMessageBytes) {
      throw new LogError(
        'MESSAGE_TOO_LARGE',
        `a batch of ${size} bytes exceeds max.message.bytes, which is ${maxMessageBytes}`,
      )
    }
    if (size > bytes.byteLength - at) break
    headers.push(readHeader(bytes, at, size))
    at += size
  }
  if (headers.length === 0) throw new LogError('INVALID_RECORD', 'there is no whole record batch')
  return headers
}

function readHeader(bytes: Uint8Array, at: number, size: number): BatchHeader {
  const magic = size < entryPrefixBytes ? -1 : (bytes[at + entryPrefixBytes - 1] as number)
  const header = size < headerBytes(magic) ? undefined : parseBatchHeader(bytes, at)
  if (header === undefined) {
    throw new LogError(
      'CORRUPT_MESSAGE',
      `the batch at byte ${at} has magic ${magic} and ${size} bytes`,
    )
  }
  if (!isChecksumRight(bytes, at, header)) {
    throw new LogError('CORRUPT_MESSAGE', `the checksum of the batch at byte ${at} is wrong`)
  }
  return header
}

/**
 * What Kafka demands of a client's v2 batch besides its records.
 *
 * @throws LogError INVALID_RECORD, INVALID_TIMESTAMP or UNSUPPORTED_COMPRESSION_TYPE.
 */
export function checkClientHeader(header: BatchHeader): void {
  const { baseOffset, count } = header
  const span = header.lastOffset - baseOffset + 1
  if (baseOffset !== 0) throw invalid(`a produced batch starts at offset 0, not ${baseOffset}`)
  if (count <= 0) throw invalid(`a produced batch has records; this one counts ${count}`)
  if (span !== count) throw invalid(`the batch counts ${count} records and spans ${span} offsets`)
  if (isControl(header)) throw invalid('clients may not write control records')
  if (header.producerId >= 0 && header.baseSequence < 0) {
    throw invalid(`producer ${header.producerId} sent the sequence ${header.baseSequence}`)
  }
  if ((header.attributes & attributeBits.logAppendTime) !== 0) {
    throw new LogError(
      'INVALID_TIMESTAMP',
      'the timestamp type LogAppendTime is set by brokers only',
    )
  }
  if (compressionNames[codecOf(header)] === undefined) {
    throw new LogError('UNSUPPORTED_COMPRESSION_TYPE', `codec ${codecOf(header)} does not exist`)
  }
}

/**
 * Checks the records of a client's batch, decompressed if need be.
 *
 * @returns the largest timestamp of the records.
 * @throws LogError INVALID_RECORD, INVALID_TIMESTAMP or UNSUPPORTED_COMPRESSION_TYPE.
 */
export function checkRecords(
  bytes: Uint8Array,
  header: BatchHeader,
  config: LogConfig,
  nowMs: number,
): number {
  const rules = recordRules(header.baseTimestamp, config, nowMs)
  const codec = codecOf(header)
  if (codec === 0) {
    return walkRecords(bytes, batchHeaderBytes, header.sizeInBytes, header.count, rules)
  }
  const block = bytes.subarray(batchHeaderBytes, header.sizeInBytes)
  const records = decompressed(
    compressionNames[codec] ?? 'none',
    block,
    config.maxDecompressedBytes,
  )
  return walkRecords(records, 0, records.byteLength, header.count, rules)
}

/** What a topic's configuration demands of every record. */
export function recordRules(baseTimestamp: number, config: LogConfig, nowMs: number): RecordRules {
  const isCreateTime = config.messageTimestampType === 'CreateTime'
  return {
    baseTimestamp,
    keyRequired: config.cleanupCompact,
    earliestTimestamp: isCreateTime ? nowMs - config.messageTimestampBeforeMaxMs : -Infinity,
    latestTimestamp: isCreateTime ? nowMs + config.messageTimestampAfterMaxMs : Infinity,
  }
}

function decompressed(codec: CompressionName, block: Uint8Array, maxBytes: number): Uint8Array {
  try {
    return decompress(codec, block, { maxBytes })
  } catch (cause) {
    throw recordsError(codec, cause)
  }
}

/** The error for records that cannot be unpacked. */
export function recordsError(codec: string, cause: unknown): LogError {
  const said = cause instanceof Error ? cause.message : String(cause)
  return cause instanceof UnsupportedCompressionError
    ? new LogError('UNSUPPORTED_COMPRESSION_TYPE', said, { cause })
    : new LogError('INVALID_RECORD', `the ${codec} records cannot be read: ${said}`, { cause })
}

function invalid(text: string): LogError {
  return new LogError('INVALID_RECORD', text)
}
