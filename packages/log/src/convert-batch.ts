import {
  type CompressionName,
  decodeRecords,
  encodeRecordBatch,
  KafkaError,
  type RecordInput,
} from '@ottla/protocol'
import { recordRules, recordsError } from './check-batch.js'
import type { LogCompressionType, LogConfig } from './log-config.js'
import { LogError } from './log-error.js'
import { type Refusals, refuseKey, refuseTimestamp } from './record-rules.js'

/** The codec a batch is stored with, given what the topic says and what the producer used. */
export const storedCompression = (
  configured: LogCompressionType,
  sent: CompressionName,
): CompressionName =>
  configured === 'producer' ? sent : configured === 'uncompressed' ? 'none' : configured

/**
 * Writes a client's records as one v2 batch: of messages of magic 0 or 1, or of a batch whose codec the topic does not want.
 * Offsets start at 0, producer id, epoch and sequence stay.
 *
 * @throws LogError INVALID_RECORD, INVALID_TIMESTAMP or UNSUPPORTED_COMPRESSION_TYPE.
 */
export function convertBatches(bytes: Uint8Array, config: LogConfig, nowMs: number): Uint8Array {
  try {
    return convert(bytes, config, nowMs)
  } catch (cause) {
    if (cause instanceof LogError || !(cause instanceof KafkaError)) throw cause
    throw recordsError('produced', cause)
  }
}

function convert(bytes: Uint8Array, config: LogConfig, nowMs: number): Uint8Array {
  const rules = recordRules(0, config, nowMs)
  const options = { checkCrc: true, maxDecompressedBytes: config.maxDecompressedBytes }
  const records: RecordInput[] = []
  let errors: Refusals | undefined
  let sent: CompressionName = 'none'
  let producer:
    | { producerId: bigint; producerEpoch: number; baseSequence: number; isTransactional: boolean }
    | undefined
  for (const batch of decodeRecords(bytes, options)) {
    sent = batch.compression
    producer ??= {
      producerId: batch.producerId,
      producerEpoch: batch.producerEpoch,
      baseSequence: batch.baseSequence,
      isTransactional: batch.isTransactional,
    }
    for (const { key, value, headers, timestamp } of batch) {
      const isOutside = timestamp < rules.earliestTimestamp || timestamp > rules.latestTimestamp
      if (rules.keyRequired && key === null) errors = refuseKey(errors, records.length)
      else if (isOutside && timestamp !== -1) {
        errors = refuseTimestamp(errors, records.length, timestamp, rules)
      }
      records.push({ key, value, headers, timestamp })
    }
  }
  if (errors !== undefined) throw errors.toError()
  if (records.length === 0) throw new LogError('INVALID_RECORD', 'the batch holds no records')
  const compression = storedCompression(config.compressionType, sent)
  return encodeRecordBatch({ records, compression, ...producer })
}
