import type { Log } from '@ottla/log'
import { decodeRecords, encodeRecordBatch } from '@ottla/protocol'
import {
  decodeRecord,
  encodeRecord,
  type MetadataRecord,
  type MetadataRecordInput,
} from '../image/metadata-record.js'
import type { MetadataSnapshot } from './metadata-snapshot.js'

/** Topic of the metadata log, which clients cannot create. */
export const metadataTopic = '__cluster_metadata'

/** Directory of the metadata log. */
export const metadataDirectory = '__cluster_metadata-0'

/** A record with its place in the log. */
export interface LoggedRecord {
  readonly offset: number
  readonly epoch: number
  /** Undefined for kinds this broker keeps no state for. */
  readonly record: MetadataRecord | undefined
}

const readBytes = 1 << 20

/**
 * The cluster's metadata as a log: Kafka's records in Kafka's framing in an ordinary v2 log, so that Kafka's own tools
 * read it. Whoever appends is the leader of the quorum.
 */
export class MetadataLog {
  readonly #log: Log
  readonly #snapshot: MetadataSnapshot | undefined

  /** @param snapshot the newest there is, which stands for the records below it. */
  constructor(log: Log, snapshot?: MetadataSnapshot) {
    this.#log = log
    this.#snapshot = snapshot
  }

  /** Offset of the next record. */
  get endOffset(): number {
    return this.#log.logEndOffset
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
    this.appendBatch(encodeRecordBatch({ records: values }), epoch, nowMs)
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
      for (const { record } of decodeLogged(bytes)) yield { offset: endOffset - 1, epoch, record }
      offset = Math.max(offset, endOffset)
    }
    while (offset < log.logEndOffset) {
      const slice = log.read(offset, { maxBytes: readBytes, maxOffset: log.logEndOffset })
      if (slice.bytes.length === 0) return
      for (const logged of decodeLogged(slice.bytes)) if (logged.offset >= offset) yield logged
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
      yield { offset: Number(offset), epoch, record: decodeRecord(value) }
    }
  }
}
