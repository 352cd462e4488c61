import { attributeBits, decodeRecords, encodeRecordBatch, type RecordInput } from '@ottla/protocol'
import { type BatchHeader, isControl } from '../batch-header.js'
import type { KeyOffsets } from './key-offsets.js'

/** What decides whether a record is kept. */
export interface FilterRules {
  /** Newest offset of every key below `mappedTo`. */
  readonly newest: KeyOffsets
  /** Records from here on were not looked at: all of them are kept. */
  readonly mappedTo: number
  readonly nowMs: number
  /** `delete.retention.ms` */
  readonly deleteRetentionMs: number
  /** Batches that stay even if no record of theirs does. */
  isKeptEmpty(header: BatchHeader): boolean
}

/**
 * What is left of a batch: itself, if nothing has to change, a new one with the same offsets and sequences, or undefined.
 * A tombstone stays until its batch's delete horizon, which is set when the batch is cleaned for the first time (KIP-534).
 */
export function filterBatch(
  bytes: Uint8Array,
  header: BatchHeader,
  rules: FilterRules,
): Uint8Array | undefined {
  // Formats before magic 2 are as old as the last producer that wrote them: they stay until they are superseded whole.
  if (header.magic < 2 || isControl(header)) return bytes
  const { nowMs, deleteRetentionMs } = rules
  const hasHorizon = (header.attributes & attributeBits.deleteHorizon) !== 0
  const areTombstonesOver = hasHorizon && nowMs >= header.baseTimestamp
  const kept: RecordInput[] = []
  let hasTombstones = false
  let seen = 0
  for (const batch of decodeRecords(bytes, { checkCrc: false })) {
    for (const { key, value, headers, timestamp, offset } of batch) {
      seen += 1
      const at = Number(offset)
      if (at < rules.mappedTo) {
        if (key === null || (rules.newest.get(key) ?? at) > at) continue
        if (value === null && areTombstonesOver) continue
      }
      hasTombstones ||= value === null
      kept.push({ key, value, headers, timestamp, offsetDelta: at - header.baseOffset })
    }
  }
  const needsHorizon = hasTombstones && !hasHorizon
  if (kept.length === 0)
    return rules.isKeptEmpty(header) ? rewrite(bytes, header, [], -1) : undefined
  if (kept.length === seen && !needsHorizon) return bytes
  const newHorizon = needsHorizon ? nowMs + deleteRetentionMs : -1
  return rewrite(bytes, header, kept, hasHorizon ? header.baseTimestamp : newHorizon)
}

/** The batch with other records; offsets, epochs and sequences are what they were. */
function rewrite(
  bytes: Uint8Array,
  { baseOffset, lastOffset, maxTimestamp }: BatchHeader,
  records: readonly RecordInput[],
  deleteHorizon: number,
): Uint8Array {
  const [batch] = decodeRecords(bytes, { checkCrc: false })
  if (batch === undefined) return bytes
  const isAppendTime = batch.timestampType === 'LogAppendTime'
  return encodeRecordBatch({
    records,
    baseOffset: BigInt(baseOffset),
    lastOffsetDelta: lastOffset - baseOffset,
    partitionLeaderEpoch: batch.partitionLeaderEpoch,
    compression: records.length === 0 ? 'none' : batch.compression,
    timestampType: isAppendTime ? 'LogAppendTime' : 'CreateTime',
    isTransactional: batch.isTransactional,
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    baseSequence: batch.baseSequence,
    ...(deleteHorizon >= 0 && { deleteHorizon }),
    ...((isAppendTime || records.length === 0) && { maxTimestamp }),
  })
}
