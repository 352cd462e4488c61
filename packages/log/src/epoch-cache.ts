import { formatCheckpoint, parseCheckpoint, toInteger } from './checkpoint.js'
import type { Storage } from './storage/storage.js'
import type { EpochEndOffset, EpochStart } from './types.js'

/** Name of the file in a partition's directory. */
export const leaderEpochFile = 'leader-epoch-checkpoint'

/**
 * Which leader epoch starts at which offset (KIP-101), kept in `leader-epoch-checkpoint`. Epochs and offsets both rise.
 */
export class EpochCache {
  private readonly storage: Storage
  private readonly path: string
  private starts: EpochStart[] = []
  private isSaved = true
  /** Entries in the file. */
  private savedCount = 0

  /** @param isNew there is no file yet. */
  constructor(storage: Storage, directory: string, isNew = false) {
    this.storage = storage
    this.path = `${directory}/${leaderEpochFile}`
    if (isNew || !storage.exists(this.path)) return
    const text = Buffer.from(storage.readAll(this.path)).toString('utf8')
    // What a crash of the machine makes of a file that was never synced.
    if (text === '') return
    for (const [epoch, startOffset] of parseCheckpoint(text, this.path)) {
      this.insert(toInteger(epoch, this.path), toInteger(startOffset, this.path))
    }
    this.savedCount = this.starts.length
  }

  get entries(): readonly EpochStart[] {
    return this.starts
  }

  /** -1 if there is none. */
  get latestEpoch(): number {
    return this.starts.at(-1)?.epoch ?? -1
  }

  /** True if there is no file and the batches alone tell what would be in it. */
  get isToldByBatches(): boolean {
    return this.savedCount === 0
  }

  /** Notes where an epoch starts; entries that contradict it (same or newer epoch, same or later offset) go. */
  assign(epoch: number, startOffset: number): void {
    const last = this.starts.at(-1)
    if (
      epoch < 0 ||
      (last !== undefined && last.epoch === epoch && last.startOffset <= startOffset)
    ) {
      return
    }
    this.insert(epoch, startOffset)
    this.isSaved = false
  }

  /**
   * Writes what was assigned, as far as the log has records of it: to be called before the recovery point rises. Batches
   * above that tell their epochs by themselves.
   */
  save(endOffset: number): void {
    const last = this.starts.at(-1)
    if (this.isSaved || last === undefined) return
    if (last.startOffset < endOffset || this.starts.length > this.savedCount + 1) this.write()
  }

  /** Kafka's answer to OffsetForLeaderEpoch; `endOffset` of the newest epoch is `logEndOffset`. */
  endOffsetFor(epoch: number, logEndOffset: number): EpochEndOffset {
    const unknown = { leaderEpoch: -1, endOffset: -1 }
    if (epoch < 0 || this.starts.length === 0) return unknown
    if (epoch === this.latestEpoch) return { leaderEpoch: epoch, endOffset: logEndOffset }
    const nextIndex = this.starts.findIndex((start) => start.epoch > epoch)
    const next = this.starts[nextIndex]
    if (next === undefined) return unknown
    const floor = this.starts[nextIndex - 1]
    return { leaderEpoch: floor?.epoch ?? epoch, endOffset: next.startOffset }
  }

  /** The epoch that was leading when the offset was written; -1 if it is not known. */
  epochFor(offset: number): number {
    return this.starts.findLast((start) => start.startOffset <= offset)?.epoch ?? -1
  }

  /** The log now ends at `endOffset`. */
  truncateFromEnd(endOffset: number): void {
    const kept = this.starts.filter((start) => start.startOffset < endOffset)
    if (kept.length === this.starts.length) return
    this.starts = kept
    this.write()
  }

  /** The log now starts at `startOffset`: the epoch in force there starts there. */
  truncateFromStart(startOffset: number): void {
    const index = this.starts.findLastIndex((start) => start.startOffset <= startOffset)
    const floor = this.starts[index]
    if (floor === undefined || (index === 0 && floor.startOffset === startOffset)) return
    this.starts = [{ epoch: floor.epoch, startOffset }, ...this.starts.slice(index + 1)]
    this.write()
  }

  clear(): void {
    if (this.starts.length === 0) return
    this.starts = []
    this.write()
  }

  private insert(epoch: number, startOffset: number): void {
    this.starts = this.starts.filter(
      (start) => start.epoch < epoch && start.startOffset < startOffset,
    )
    this.starts.push({ epoch, startOffset })
  }

  private write(): void {
    this.isSaved = true
    this.savedCount = this.starts.length
    const entries = this.starts.map(({ epoch, startOffset }) => [epoch, startOffset])
    // Not synced, as in Kafka: a rename replaces the file whole, and what was lost with the machine the batches tell.
    this.storage.writeAll(this.path, formatCheckpoint(entries), { sync: false })
  }
}
