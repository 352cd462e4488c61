import { compressionNames, patchBatch } from '@ottla/protocol'
import { type BatchHeader, codecOf } from './batch-header.js'
import { writeInt32, writeInt64 } from './bytes.js'
import { checkClientHeader, checkRecords, readHeaders } from './check-batch.js'
import { convertBatches, storedCompression } from './convert-batch.js'
import type { LogConfig } from './log-config.js'
import { LogError } from './log-error.js'

/** Batches that may be written: their bytes, and their headers in the same order. */
export interface Prepared {
  readonly bytes: Uint8Array
  readonly headers: readonly BatchHeader[]
}

/**
 * A client's batch, checked and in the form it is stored in: as it came if possible, else written anew with the topic's codec
 * and in the newest format.
 *
 * @throws LogError with the code that a Produce response carries.
 */
export function prepareClient(batches: Uint8Array, config: LogConfig, nowMs: number): Prepared {
  const headers = readHeaders(batches, config.maxMessageBytes)
  const first = headers[0] as BatchHeader
  if (first.magic === 2) {
    if (headers.length > 1) {
      throw new LogError(
        'INVALID_RECORD',
        'one record batch per partition may be produced at a time',
      )
    }
    checkClientHeader(first)
    const sent = compressionNames[codecOf(first)] ?? 'none'
    const bytes = batches.subarray(0, first.sizeInBytes)
    if (storedCompression(config.compressionType, sent) === sent) {
      return checkInPlace(bytes, first, config, nowMs)
    }
  }
  const bytes = convertBatches(batches, config, nowMs)
  return { bytes, headers: readHeaders(bytes, config.maxMessageBytes) }
}

function checkInPlace(
  bytes: Uint8Array,
  header: BatchHeader,
  config: LogConfig,
  nowMs: number,
): Prepared {
  const maxTimestamp = checkRecords(bytes, header, config, nowMs)
  if (maxTimestamp === header.maxTimestamp) return { bytes, headers: [header] }
  patchBatch(bytes, 0, { maxTimestamp })
  return { bytes, headers: [{ ...header, maxTimestamp }] }
}

/** The broker's own batches: only whole and intact, as this process has made them. */
export function prepareCoordinator(batches: Uint8Array, config: LogConfig): Prepared {
  return { bytes: batches, headers: readHeaders(batches, config.maxMessageBytes) }
}

/**
 * A leader's batches, which keep their offsets and epochs.
 *
 * @throws LogError CORRUPT_MESSAGE, or INVALID_RECORD if they start below `nextOffset` or overlap.
 */
export function prepareReplica(batches: Uint8Array, nextOffset: number): Prepared {
  const headers = readHeaders(batches, Number.MAX_SAFE_INTEGER)
  let next = nextOffset
  let size = 0
  for (const { baseOffset, lastOffset, sizeInBytes } of headers) {
    if (baseOffset < next) {
      throw new LogError(
        'INVALID_RECORD',
        `a replicated batch starts at ${baseOffset}, below ${next}`,
      )
    }
    next = lastOffset + 1
    size += sizeInBytes
  }
  return { bytes: batches.subarray(0, size), headers }
}

/** What {@link assignOffsets} writes into batches. */
export interface Assignment {
  readonly nextOffset: number
  readonly leaderEpoch: number
  readonly nowMs: number
  readonly config: LogConfig
}

/**
 * Writes offsets and leader epoch into the batches, which lie outside the checksum, and on topics that want it the append time,
 * which does not.
 */
export function assignOffsets({ bytes, headers }: Prepared, assignment: Assignment): Prepared {
  const { leaderEpoch, nowMs } = assignment
  const isAppendTime = assignment.config.messageTimestampType === 'LogAppendTime'
  let at = 0
  let next = assignment.nextOffset
  const assigned = headers.map((header) => {
    const lastOffset = next + header.lastOffset - header.baseOffset
    writeInt64(bytes, at, next)
    writeInt32(bytes, at + 12, leaderEpoch)
    if (isAppendTime) patchBatch(bytes, at, { logAppendTime: nowMs })
    const maxTimestamp = isAppendTime ? nowMs : header.maxTimestamp
    const result = { ...header, baseOffset: next, lastOffset, leaderEpoch, maxTimestamp }
    at += header.sizeInBytes
    next = lastOffset + 1
    return result
  })
  return { bytes: at === bytes.byteLength ? bytes : bytes.subarray(0, at), headers: assigned }
}
