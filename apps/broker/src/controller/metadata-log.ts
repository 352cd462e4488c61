import type { Log } from '@ottla/log'
import { decodeMetadataFrame, decodeRecords, encodeRecordBatch, NoOpRecord } from '@ottla/protocol'
import {
  decodeRecord,
  encodeRecord,
  type MetadataRecord,
  type MetadataRecordInput,
} from '../image/metadata-record.js'
import type { MetadataSnapshot } from './metadata-snapshot.js'

/** Topic of the metadata log, which clients cannot create. */
export const metadataTopic = '__cluster_metadata'

/** A record with its place in the log. */
export interface LoggedRecord {
  readonly offset: number
  readonly epoch: number
  /** Undefined for kinds this broker keeps no state for. */
  readonly record: MetadataRecord | undefined
  /** The bytes of a record of such a kind, to be kept for whoever opens the directory next. */
  readonly foreign?: Uint8Array | undefined
}

const readBytes = 1 << 20

/**
 * The cluster's metadata as a log: Kafka's records in Kafka's framing in an ordinary v2 log, so that Kafka's own tools
 * read it. Whoever appends is the leader of the quorum.
 */
export class MetadataLog {
  readonly #log: Log
  readonly #snapshot: MetadataSnapshot | undefined
  /** Bytes of records behind the newest snapshot. */
  bytesSinceSnapshot = 0

  /** @param snapshot the newest there is, which stands for the records below it. */
  constructor(log: Log, snapshot?: MetadataSnapshot) {
    this.#log = log
    this.#snapshot = snapshot
  }

  /** Offset of the next record. */
  get endOffset(): number {
    return this.#log.logEndOffset
  }

  /** Offset of the first record that the log still has. */
  get startOffset(): number {
    return this.#log.logStartOffset
  }

  get sizeInBytes(): number {
    return this.#log.sizeInBytes
  }

  /** Gives up the segments that lie below an offset. @returns how many bytes they had. */
  giveUpBefore(offset: number, nowMs: number): number {
    const before = this.#log.sizeInBytes
    this.#log.advanceLogStart(offset)
    this.#log.retain(nowMs)
    return before - this.#log.sizeInBytes
  }

  /** Newest leader epoch in the log; -1 in an empty one. */
  get latestEpoch(): number {
    return this.#log.latestEpoch
  }

  /** Appends records as one atomic batch and brings them to the device, for they decide what every other file means. */
  append(records: readonly MetadataRecordInput[], epoch: number, nowMs: number): LoggedRecord[] {
    const values = records.map((record) => ({
      key: null,
      value: encodeRecord(record),
      timestamp: nowMs,
    }))
    const start = this.#log.logEndOffset
    const batch = encodeRecordBatch({ records: values })
    this.appendBatch(batch, epoch, nowMs)
    this.bytesSinceSnapshot += batch.length
    return values.map(({ value }, index) => ({
      offset: start + index,
      epoch,
      record: decodeRecord(value),
    }))
  }

  /** Appends a batch that is encoded already. */
  appendBatch(batch: Uint8Array, epoch: number, nowMs: number): void {
    this.#log.append(batch, { leaderEpoch: epoch, nowMs, origin: 'coordinator' })
    this.#log.flush()
  }

  /** Every record that counts: those of the newest snapshot, then those of the log behind it. */
  *records(): Generator<LoggedRecord> {
    const log = this.#log
    let offset = log.logStartOffset
    if (this.#snapshot !== undefined) {
      const { bytes, endOffset, epoch } = this.#snapshot
      for (const { record, foreign } of decodeLogged(bytes)) {
        yield { offset: endOffset - 1, epoch, record, foreign }
      }
      offset = Math.max(offset, endOffset)
    }
    while (offset < log.logEndOffset) {
      const slice = log.read(offset, { maxBytes: readBytes, maxOffset: log.logEndOffset })
      if (slice.bytes.length === 0) return
      for (const logged of decodeLogged(slice.bytes)) if (logged.offset >= offset) yield logged
      this.bytesSinceSnapshot += slice.bytes.length
      offset = slice.nextOffset
    }
  }

  close(): void {
    this.#log.close()
  }
}

/** The records in batches that are no control batches. */
function* decodeLogged(bytes: Uint8Array): Generator<LoggedRecord> {
  for (const batch of decodeRecords(bytes)) {
    if (batch.isControl) continue
    for (const { offset, value } of batch) {
      if (value === null) continue
      const epoch = batch.partitionLeaderEpoch
      const record = decodeRecord(value)
      const foreign = record === undefined ? keptOf(value) : undefined
      yield { offset: Number(offset), epoch, record, foreign }
    }
  }
}

/** A copy of a record that means something to others; the leader's sign of life, which Kafka writes, does not. */
const keptOf = (value: Uint8Array): Uint8Array | undefined =>
  decodeMetadataFrame(value).type === NoOpRecord.apiKey ? undefined : Uint8Array.from(value)
