import {
  checkpointFiles,
  type Log,
  type LogConfig,
  openLog,
  type PartitionOffset,
  readOffsetCheckpoint,
  readPartitionMetadata,
  takeCleanShutdown,
  writeCleanShutdown,
  writeOffsetCheckpoint,
  writePartitionMetadata,
} from '@ottla/log'
import type { EventStream } from '../events.js'
import type { Partition } from '../partition/partition.js'
import type { Clock, Random, Storage, Timer } from '../platform.js'

/** What a log manager needs. */
export interface LogManagerOptions {
  readonly storage: Storage
  readonly clock: Clock
  readonly random: Random
  readonly events: EventStream
}

const deleteSuffix = '-delete'

/** How often retention is applied: Kafka's `log.retention.check.interval.ms`. */
const retentionIntervalMs = 300_000

/** The checkpoint of one file, by directory. */
type Offsets = Map<string, PartitionOffset>

/**
 * The logs in a data directory: opens them with what the checkpoints know, applies retention to those that are open,
 * removes deleted ones after their delay, and on a clean stop leaves the checkpoints for the next life.
 */
export class LogManager {
  readonly #options: LogManagerOptions
  readonly #clean: boolean
  readonly #recoveryPoints: Offsets
  readonly #logStarts: Offsets
  readonly #highWatermarks: Offsets
  readonly #open = new Map<string, { readonly log: Log; readonly partition: Partition }>()
  readonly #removals = new Map<string, Timer>()
  #retention: Timer | undefined

  constructor(options: LogManagerOptions) {
    this.#options = options
    const { storage } = options
    this.#clean = takeCleanShutdown(storage)
    this.#recoveryPoints = readOffsets(storage, checkpointFiles.recoveryPoint)
    this.#logStarts = readOffsets(storage, checkpointFiles.logStart)
    this.#highWatermarks = readOffsets(storage, checkpointFiles.replication)
    for (const name of storage.list('')) if (name.endsWith(deleteSuffix)) storage.remove(name)
  }

  /** Whether the last life ended well; if not, every log there is must be opened, and thereby recovered, at start. */
  get wasCleanShutdown(): boolean {
    return this.#clean
  }

  /** Whether the partition has a directory with data of its topic. */
  exists(partition: Partition): boolean {
    return this.#options.storage.exists(partition.directory)
  }

  /** Opens or creates the log of a partition; a directory left by a deleted topic of the same name goes first. */
  open(partition: Partition, config: Partial<LogConfig>): Log {
    const { storage, clock } = this.#options
    const { directory, topicId } = partition
    const owner = readPartitionMetadata(storage, directory)
    if (owner !== undefined && owner !== topicId) storage.remove(directory)
    const log = this.openDirectory(directory, config)
    if (owner !== topicId) writePartitionMetadata(storage, directory, topicId)
    log.retain(clock.now(), log.logEndOffset)
    this.#open.set(directory, { log, partition })
    this.#retention ??= clock.setTimer(retentionIntervalMs, () => this.#applyRetention())
    return log
  }

  /** Opens a log that belongs to no partition of the image, such as the metadata log. */
  openDirectory(directory: string, config: Partial<LogConfig>): Log {
    const { storage, clock } = this.#options
    const logStart = this.#logStarts.get(directory)
    return openLog({
      storage,
      directory,
      config,
      nowMs: clock.now(),
      cleanShutdown: this.#clean,
      recoveryPoint: this.#recoveryPoints.get(directory)?.offset ?? 0,
      ...(logStart === undefined ? {} : { logStartOffset: logStart.offset }),
    })
  }

  /** The high watermark that the last life checkpointed; undefined if it knew none. */
  checkpointedHighWatermark(directory: string): number | undefined {
    return this.#highWatermarks.get(directory)?.offset
  }

  /** Renames the (closed) log's directory out of the way and removes it after the delay. */
  delete(partition: Partition, delayMs: number): void {
    const { storage, random, clock } = this.#options
    const { directory } = partition
    this.#open.delete(directory)
    for (const offsets of [this.#recoveryPoints, this.#logStarts, this.#highWatermarks]) {
      offsets.delete(directory)
    }
    if (!storage.exists(directory)) return
    const id = random.uuid().replaceAll('-', '')
    const doomed = `${directory}.${id}${deleteSuffix}`
    storage.rename(directory, doomed)
    const remove = (): void => {
      this.#removals.delete(doomed)
      storage.remove(doomed)
    }
    this.#removals.set(doomed, clock.setTimer(delayMs, remove))
  }

  /** Writes the checkpoints and the clean-shutdown mark. Every log must be flushed and closed already. */
  close(brokerEpoch: number): void {
    const { storage } = this.#options
    this.#retention?.cancel()
    for (const [directory, timer] of this.#removals) {
      timer.cancel()
      storage.remove(directory)
    }
    this.#removals.clear()
    writeOffsetCheckpoint(storage, checkpointFiles.recoveryPoint, this.#recoveryPoints.values())
    writeOffsetCheckpoint(storage, checkpointFiles.logStart, this.#logStarts.values())
    writeOffsetCheckpoint(storage, checkpointFiles.replication, this.#highWatermarks.values())
    writeCleanShutdown(storage, brokerEpoch)
  }

  /** Flushes and closes the open logs, and notes where they stood. */
  closeLogs(): void {
    for (const [directory, { log, partition }] of this.#open) {
      const { topic, partition: index } = partition
      log.flush()
      const at = (offset: number): PartitionOffset => ({ topic, partition: index, offset })
      this.#recoveryPoints.set(directory, at(log.recoveryPoint))
      this.#highWatermarks.set(directory, at(partition.highWatermark))
      if (log.logStartOffset > 0) this.#logStarts.set(directory, at(log.logStartOffset))
      partition.close()
    }
    this.#open.clear()
  }

  #applyRetention(): void {
    const { clock, events } = this.#options
    for (const [directory, { log, partition }] of this.#open) {
      try {
        log.retain(clock.now(), partition.highWatermark)
      } catch (error) {
        events.publish('problem', { what: `retention of ${directory}`, error })
      }
    }
    this.#retention = clock.setTimer(retentionIntervalMs, () => this.#applyRetention())
  }
}

const readOffsets = (storage: LogManagerOptions['storage'], path: string): Offsets =>
  new Map(
    readOffsetCheckpoint(storage, path).map((entry) => [
      `${entry.topic}-${entry.partition}`,
      entry,
    ]),
  )
