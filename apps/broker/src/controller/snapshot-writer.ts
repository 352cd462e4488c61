import type { BrokerConfig } from '../config/broker-config.js'
import type { MetadataImage } from '../image/image.js'
import { imageRecords } from '../image/image-records.js'
import { encodeRecord } from '../image/metadata-record.js'
import type { Clock, Storage, Timer } from '../platform.js'
import { metadataDirectory } from '../storage/metadata-directory.js'
import type { MetadataLog } from './metadata-log.js'
import {
  encodeSnapshot,
  listSnapshots,
  type SnapshotFile,
  snapshotPath,
  snapshotTimeMs,
} from './metadata-snapshot.js'

/** What a snapshot writer needs. */
export interface SnapshotWriterOptions {
  readonly storage: Storage
  readonly log: MetadataLog
  readonly config: BrokerConfig
  readonly clock: Clock
}

/** The longest that a timer can wait. */
const maxTimerMs = 2 ** 31 - 1

/**
 * Writes the metadata down as a whole from time to time (KIP-630): when enough was appended since the last snapshot, or
 * when something was and enough time has passed. A start reads the newest one and what follows it; what lies before the oldest
 * one that is kept is given up.
 */
export class SnapshotWriter {
  readonly #options: SnapshotWriterOptions
  #image: MetadataImage | undefined
  #timer: Timer | undefined

  constructor(options: SnapshotWriterOptions) {
    this.#options = options
  }

  /** Records were appended; `image` is the state behind them. */
  noteAppended(image: MetadataImage): void {
    const { config, log, clock } = this.#options
    this.#image = image
    const maxBytes = config.number('metadata.log.max.record.bytes.between.snapshots')
    if (log.bytesSinceSnapshot >= maxBytes) {
      this.#write()
      return
    }
    const intervalMs = config.number('metadata.log.max.snapshot.interval.ms')
    if (intervalMs === 0) return
    this.#timer ??= clock.setTimer(Math.min(intervalMs, maxTimerMs), () => this.#write())
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #write(): void {
    this.close()
    const { storage, log, clock } = this.#options
    const image = this.#image
    if (image === undefined) return
    const { offset, epoch, foreign } = image
    const nowMs = clock.now()
    const values = [...imageRecords(image)].map(encodeRecord)
    const bytes = encodeSnapshot([...values, ...foreign], epoch, nowMs)
    storage.writeAll(snapshotPath({ endOffset: offset + 1, epoch }), bytes)
    log.bytesSinceSnapshot = 0
    this.#clean(nowMs)
  }

  /** Gives up the oldest snapshots while there is too much, or they are too old, and the log before the oldest one left. */
  #clean(nowMs: number): void {
    const { storage, log, config } = this.#options
    const maxBytes = config.number('metadata.max.retention.bytes')
    const maxAgeMs = config.number('metadata.max.retention.ms')
    const sizeOf = (snapshot: SnapshotFile): number => storage.openFile(snapshotPath(snapshot)).size
    const snapshots = listSnapshots(storage)
    let total = snapshots.reduce((sum, each) => sum + sizeOf(each), log.sizeInBytes)
    for (const [index, snapshot] of snapshots.entries()) {
      const next = snapshots[index + 1]
      if (next === undefined) break
      const ageMs = nowMs - snapshotTimeMs(storage.readAll(snapshotPath(snapshot)))
      const isTooMuch = maxBytes >= 0 && total > maxBytes
      const isTooOld = maxAgeMs >= 0 && ageMs > maxAgeMs
      if (!isTooMuch && !isTooOld) break
      total -= sizeOf(snapshot)
      storage.remove(snapshotPath(snapshot))
      total -= log.giveUpBefore(next.endOffset, nowMs)
    }
    storage.syncDirectory(metadataDirectory)
  }
}
