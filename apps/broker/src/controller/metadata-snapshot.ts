import {
  ControlRecordType,
  decodeRecords,
  encodeControlKey,
  encodeRecordBatch,
  SnapshotFooterRecord,
  SnapshotHeaderRecord,
} from '@ottla/protocol'
import type { Storage } from '../platform.js'
import { metadataDirectory } from '../storage/metadata-directory.js'

/** A snapshot by its name. */
export interface SnapshotFile {
  /** The records of the log below this are in it. */
  readonly endOffset: number
  readonly epoch: number
}

/** The cluster's metadata as it was at an offset of its log (KIP-630): a file of record batches. */
export interface MetadataSnapshot extends SnapshotFile {
  readonly bytes: Uint8Array
}

/** End offset in twenty digits, epoch in ten. While one is written, it has another suffix. */
const snapshotName = /^(\d{20})-(\d{10})\.checkpoint$/

/** Where a snapshot lies in the storage. */
export const snapshotPath = ({ endOffset, epoch }: SnapshotFile): string => {
  const name = `${String(endOffset).padStart(20, '0')}-${String(epoch).padStart(10, '0')}`
  return `${metadataDirectory}/${name}.checkpoint`
}

/** The snapshots there are, oldest first. */
export const listSnapshots = (storage: Storage): SnapshotFile[] =>
  storage
    .list(metadataDirectory)
    .sort()
    .flatMap((name) => {
      const match = snapshotName.exec(name)
      return match === null ? [] : [{ endOffset: Number(match[1]), epoch: Number(match[2]) }]
    })

/** The newest snapshot; undefined if there is none. */
export const readNewestSnapshot = (storage: Storage): MetadataSnapshot | undefined => {
  const newest = listSnapshots(storage).at(-1)
  return newest && { ...newest, bytes: storage.readAll(snapshotPath(newest)) }
}

/** Records of one batch of a snapshot. */
const recordsPerBatch = 1000

/** A snapshot of these records: a batch with the header, batches of records, a batch with the footer. */
export const encodeSnapshot = (
  values: readonly Uint8Array[],
  epoch: number,
  nowMs: number,
): Uint8Array => {
  const header = { version: 0, lastContainedLogTimestamp: BigInt(nowMs) }
  const batches: Uint8Array[] = []
  let baseOffset = 0
  const add = (
    records: { readonly key: Uint8Array | null; readonly value: Uint8Array }[],
    isControl: boolean,
  ): void => {
    const stamped = records.map((record) => ({ ...record, timestamp: nowMs }))
    const place = { baseOffset: BigInt(baseOffset), partitionLeaderEpoch: epoch, isControl }
    batches.push(encodeRecordBatch({ records: stamped, ...place }))
    baseOffset += records.length
  }
  const control = (type: ControlRecordType, value: Uint8Array): void =>
    add([{ key: encodeControlKey(type), value }], true)
  control(ControlRecordType.SNAPSHOT_HEADER, SnapshotHeaderRecord.at(0).encode(header))
  for (let index = 0; index < values.length; index += recordsPerBatch) {
    const part = values.slice(index, index + recordsPerBatch)
    add(
      part.map((value) => ({ key: null, value })),
      false,
    )
  }
  const footer = SnapshotFooterRecord.at(0).encode({ version: 0 })
  control(ControlRecordType.SNAPSHOT_FOOTER, footer)
  return Buffer.concat(batches)
}

/** When the newest record of a snapshot was written, from its header. */
export const snapshotTimeMs = (bytes: Uint8Array): number => {
  for (const batch of decodeRecords(bytes)) {
    for (const { value } of batch) {
      if (!batch.isControl || value === null) return Number(batch.maxTimestamp)
      const { lastContainedLogTimestamp } = SnapshotHeaderRecord.at(0).decode(value)
      return Number(lastContainedLogTimestamp)
    }
  }
  return 0
}
