import { decodeControlKey, decodeEndTransactionMarker, decodeRecords } from '@ottla/protocol'
import { type BatchHeader, isControl, isTransactional } from './batch-header.js'
import { scanBatches } from './batch-scan.js'
import {
  decodeProducerSnapshot,
  encodeProducerSnapshot,
  snapshotOffsets,
  snapshotPath,
} from './producer-snapshot.js'
import { ProducerState } from './producer-state.js'
import type { Segment } from './segment.js'
import type { Storage } from './storage/storage.js'

/** So much of the log before a snapshot is looked through for batches that may be repeated. */
const recalledBytes = 1024 * 1024

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
    recall(source, offset)
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

/**
 * A snapshot holds the last batch of each producer only, but all five that were in flight when the broker stopped may come
 * again. A producer whose repetition is refused begins a new epoch, and what it sends again is stored twice: so the
 * batches before the last one are looked up in the log.
 */
function recall({ segments, producers, startOffset }: ProducerSource, offset: number): void {
  if (producers.size === 0) return
  const recent = new ProducerState()
  for (const { segment, start, end } of lastBytesBefore(segments, offset)) {
    scanBatches(segment.file, start, end, { whole: false, reuse: true }, ({ header }) => {
      const isData = header.producerId >= 0 && !isControl(header)
      if (isData && header.baseOffset >= startOffset) recent.update(header, false)
      return true
    })
  }
  producers.recall(recent)
}

/** A stretch of a segment, from batch to batch. */
interface Stretch {
  readonly segment: Segment
  readonly start: number
  readonly end: number
}

/** Where the bytes before an offset are that are looked through, oldest first. */
function lastBytesBefore(segments: readonly Segment[], offset: number): Stretch[] {
  const stretches: Stretch[] = []
  let left = recalledBytes
  for (let index = segments.length - 1; index >= 0 && left > 0; index--) {
    const segment = segments[index] as Segment
    if (segment.baseOffset >= offset) continue
    const end = segment.positionOf(offset)
    const start = segment.offsetIndex.batchStartBefore(Math.max(0, end - left))
    left -= end - start
    stretches.unshift({ segment, start, end })
  }
  return stretches
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
