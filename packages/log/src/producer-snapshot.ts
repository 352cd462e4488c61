import { crc32c } from '@ottla/protocol'
import { readInt16, readInt32, readInt64, writeInt16, writeInt32, writeInt64 } from './bytes.js'
import { filePath, offsetOfFile, snapshotSuffix } from './file-names.js'
import type { ProducerEntry } from './producer-state.js'
import type { Storage } from './storage/storage.js'

/** Version int16, CRC-32C uint32 of what follows, count int32. */
const headBytes = 10
/** Id, epoch, last sequence, last offset, offset delta, timestamp, coordinator epoch, transaction start. */
const entryBytes = 46
const version = 1

/** A `.snapshot` file: the producers of a partition as they were at an offset, with the last batch of each. */
export function encodeProducerSnapshot(entries: Iterable<ProducerEntry>): Uint8Array {
  const list = [...entries]
  const bytes = new Uint8Array(headBytes + list.length * entryBytes)
  writeInt16(bytes, 0, version)
  writeInt32(bytes, 6, list.length)
  let at = headBytes
  for (const entry of list) {
    const last = entry.batches.at(-1)
    writeInt64(bytes, at, entry.producerId)
    writeInt16(bytes, at + 8, entry.producerEpoch)
    writeInt32(bytes, at + 10, last?.lastSequence ?? -1)
    writeInt64(bytes, at + 14, last?.lastOffset ?? -1)
    writeInt32(bytes, at + 22, last?.offsetDelta ?? 0)
    writeInt64(bytes, at + 26, entry.lastTimestamp)
    writeInt32(bytes, at + 34, entry.coordinatorEpoch)
    writeInt64(bytes, at + 38, entry.transactionStart)
    at += entryBytes
  }
  writeInt32(bytes, 2, crc32c(bytes, 6, bytes.byteLength))
  return bytes
}

/** The producers in a `.snapshot` file; undefined if the file is damaged or of another version. */
export function decodeProducerSnapshot(bytes: Uint8Array): ProducerEntry[] | undefined {
  if (bytes.byteLength < headBytes || readInt16(bytes, 0) !== version) return undefined
  const count = readInt32(bytes, 6)
  const isIntact =
    readInt32(bytes, 2) >>> 0 === crc32c(bytes, 6, bytes.byteLength) &&
    bytes.byteLength === headBytes + count * entryBytes
  if (!isIntact) return undefined
  return Array.from({ length: count }, (_, index) =>
    decodeEntry(bytes, headBytes + index * entryBytes),
  )
}

function decodeEntry(bytes: Uint8Array, at: number): ProducerEntry {
  const lastOffset = readInt64(bytes, at + 14)
  const timestamp = readInt64(bytes, at + 26)
  const last = {
    lastSequence: readInt32(bytes, at + 10),
    lastOffset,
    offsetDelta: readInt32(bytes, at + 22),
    timestamp,
  }
  return {
    producerId: readInt64(bytes, at),
    producerEpoch: readInt16(bytes, at + 8),
    batches: lastOffset < 0 ? [] : [last],
    coordinatorEpoch: readInt32(bytes, at + 34),
    lastTimestamp: timestamp,
    transactionStart: readInt64(bytes, at + 38),
  }
}

/** Offsets of the snapshots in a partition's directory, rising. */
export function snapshotOffsets(storage: Storage, directory: string): number[] {
  const offsets: number[] = []
  for (const name of storage.list(directory)) {
    const offset = offsetOfFile(name, snapshotSuffix)
    if (offset !== undefined) offsets.push(offset)
  }
  return offsets
}

/** Path of the snapshot at an offset. */
export const snapshotPath = (directory: string, offset: number): string =>
  filePath(directory, offset, snapshotSuffix)
