import { decodeControlKey, decodeEndTransactionMarker, decodeRecords } from '@ottla/protocol'
import { type BatchHeader, isControl, isTransactional } from './batch-header.js'
import { scanBatches } from './batch-scan.js'
import {
  decodeProducerSnapshot,
  encodeProducerSnapshot,
  snapshotOffsets,
  snapshotPath,
} from './producer-snapshot.js'
import type { ProducerState } from './producer-state.js'
import type { Segment } from './segment.js'
import type { Storage } from './storage/storage.js'

/** What producer state is rebuilt from, and into. */
export interface ProducerSource {
  readonly storage: Storage
  readonly directory: string
  readonly segments: readonly Segment[]
  readonly producers: ProducerState
  readonly startOffset: number
  readonly endOffset: number
}

/**
 * Rebuilds the producer state at the log end: the newest intact snapshot that is not beyond it, then the batches after it.
 * Snapshots beyond the log end are removed.
 *
 * @returns the offset of the snapshot that was used, -1 if there was none.
 */
export function loadProducers(source: ProducerSource): number {
  const { storage, directory, segments, producers, endOffset } = source
  producers.clear()
  let from = -1
  for (const offset of snapshotOffsets(storage, directory).reverse()) {
    const path = snapshotPath(directory, offset)
    const entries = offset > endOffset ? undefined : decodeProducerSnapshot(storage.readAll(path))
    if (entries === undefined) {
      storage.remove(path)
      continue
    }
    producers.load(entries)
    from = offset
    break
  }
  const first = Math.max(from, source.startOffset)
  for (const [index, segment] of segments.entries()) {
    const end = segments[index + 1]?.baseOffset ?? endOffset
    if (end > first) replaySegment(segment, Math.max(first, segment.baseOffset), producers)
  }
  return from
}

function replaySegment(segment: Segment, from: number, producers: ProducerState): void {
  const start = from === segment.baseOffset ? 0 : segment.positionOf(from)
  scanBatches(
    segment.file,
    start,
    segment.sizeInBytes,
    { whole: false, reuse: true },
    ({ header, position }) => {
      if (header.producerId < 0) return true
      const bytes = isControl(header) ? segment.file.read(position, header.sizeInBytes) : undefined
      trackBatch(producers, header, bytes ?? new Uint8Array(0), 0)
      return true
    },
  )
}

/**
 * Takes a batch that is in the log into the producer state. `bytes` holds the whole batch at `at` if it is a control batch:
 * a marker ends the producer's transaction.
 */
export function trackBatch(
  producers: ProducerState,
  header: BatchHeader,
  bytes: Uint8Array,
  at: number,
): void {
  if (!isControl(header)) {
    producers.update(header, isTransactional(header))
    return
  }
  const batch = bytes.subarray(at, at + header.sizeInBytes)
  for (const { key, value } of firstRecords(batch)) {
    const { type } = decodeControlKey(key)
    if (type > 1) return
    producers.endTransaction(header, decodeEndTransactionMarker(value).coordinatorEpoch)
  }
}

function* firstRecords(
  bytes: Uint8Array,
): Iterable<{ readonly key: Uint8Array | null; readonly value: Uint8Array | null }> {
  for (const batch of decodeRecords(bytes, { checkCrc: false })) {
    for (const record of batch) {
      yield record
      return
    }
  }
}

/**
 * Writes the producer snapshot at `offset`. It is not synced: its checksum tells a torn file. The one before it stays, in
 * case this one is torn; older ones go.
 */
export function saveProducers(
  storage: Storage,
  directory: string,
  offset: number,
  producers: ProducerState,
): void {
  const file = storage.openFile(snapshotPath(directory, offset), { create: true })
  file.truncate(0)
  file.append([encodeProducerSnapshot(producers.all)])
  file.close()
  const older = snapshotOffsets(storage, directory).filter((each) => each < offset)
  for (const each of older.slice(0, -1)) storage.remove(snapshotPath(directory, each))
}

/** Removes snapshots that no segment needs any more: those below the first segment. */
export function removeSnapshotsBelow(storage: Storage, directory: string, offset: number): void {
  for (const snapshot of snapshotOffsets(storage, directory)) {
    if (snapshot < offset) storage.remove(snapshotPath(directory, snapshot))
  }
}
