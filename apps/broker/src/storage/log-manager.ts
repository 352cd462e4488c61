import {
  type Log,
  type LogConfig,
  openLog,
  readPartitionMetadata,
  takeCleanShutdown,
  writeCleanShutdown,
  writePartitionMetadata,
} from '@ottla/log'
import type { BrokerConfig } from '../config/broker-config.js'
import type { EventStream } from '../events.js'
import type { Partition } from '../partition/partition.js'
import type { Clock, Random, Storage } from '../platform.js'
import { Agenda } from './agenda.js'
import { Checkpoints } from './checkpoints.js'
import { asideName, deleteSuffix, partitionDirectories, straySuffix } from './directories.js'
import { LogCleaner } from './log-cleaner.js'
import { LogUpkeep } from './log-upkeep.js'

/** What a log manager needs. */
export interface LogManagerOptions {
  readonly storage: Storage
  readonly clock: Clock
  readonly random: Random
  readonly events: EventStream
  readonly config: BrokerConfig
}

/**
 * The logs in a data directory: opens them with what the checkpoints know, has them looked after while they are open,
 * removes deleted ones after their delay, and on a clean stop leaves everything on the device for the next life.
 */
export class LogManager {
  readonly #options: LogManagerOptions
  readonly #clean: boolean
  readonly #checkpoints: Checkpoints
  readonly #agenda: Agenda
  readonly #cleaner: LogCleaner
  readonly #upkeep: LogUpkeep
  /** After an unclean stop: directories that nobody has opened, and thereby recovered, yet. */
  readonly #unrecovered = new Set<string>()
  /** Deleted directories that are still there. */
  readonly #doomed = new Set<string>()
  #isEverythingSynced = true

  constructor(options: LogManagerOptions) {
    this.#options = options
    const { storage, clock, events, config } = options
    this.#clean = takeCleanShutdown(storage)
    this.#checkpoints = new Checkpoints(storage)
    this.#agenda = new Agenda(clock, (key, error) =>
      events.publish('problem', { what: `upkeep of ${key}`, error }),
    )
    this.#cleaner = new LogCleaner({
      clock,
      events,
      agenda: this.#agenda,
      checkpoints: this.#checkpoints,
      isEnabled: config.boolean('log.cleaner.enable'),
      maxKeyBytes: config.number('log.cleaner.dedupe.buffer.size'),
    })
    this.#upkeep = new LogUpkeep({
      cleaner: this.#cleaner,
      storage,
      clock,
      events,
      agenda: this.#agenda,
      checkpoints: this.#checkpoints,
      intervals: {
        firstCheckMs: config.number('log.initial.task.delay.ms'),
        retentionMs: config.number('log.retention.check.interval.ms'),
        recoveryPointMs: config.number('log.flush.offset.checkpoint.interval.ms'),
        highWatermarkMs: config.number('replica.high.watermark.checkpoint.interval.ms'),
      },
    })
    for (const name of storage.list('')) if (name.endsWith(deleteSuffix)) this.#doom(name, 0)
  }

  /** Whether the last life ended well. */
  get wasCleanShutdown(): boolean {
    return this.#clean
  }

  /** Whether the partition has a directory. */
  exists(partition: Partition): boolean {
    return this.#options.storage.exists(partition.directory)
  }

  /**
   * Takes stock at a start: directories of partitions that are not this broker's any more get another name, as in Kafka,
   * and the logs of the others are opened in the background, little by little, so that what is due in them gets done. A
   * request opens its log at once.
   */
  begin(partitions: Iterable<Partition>): void {
    const { storage, clock, random, events } = this.#options
    const found = partitionDirectories(storage)
    for (const partition of partitions) {
      const { directory } = partition
      if (!found.delete(directory)) continue
      if (!this.#clean) this.#unrecovered.add(directory)
      this.#agenda.schedule(directory, clock.now(), () => {
        if (!partition.isDeleted) partition.open()
      })
    }
    for (const directory of found) {
      const aside = asideName(directory, random.uuid(), straySuffix)
      storage.rename(directory, aside)
      this.#checkpoints.forget(directory)
      const error = new Error(`no topic of this broker owns it; it is called ${aside} now`)
      events.publish('problem', { what: `the directory ${directory}`, error })
    }
  }

  /** Opens or creates the log of a partition; a directory left by a deleted topic of the same name goes first. */
  open(partition: Partition, config: Partial<LogConfig>): Log {
    const { storage } = this.#options
    const { directory, topicId } = partition
    const isNew = !storage.exists(directory)
    const owner = isNew ? undefined : readPartitionMetadata(storage, directory)
    if (owner !== undefined && owner !== topicId) this.#discard(directory, 0)
    const log = this.openDirectory(directory, config)
    this.#unrecovered.delete(directory)
    if (owner !== topicId) writePartitionMetadata(storage, directory, topicId)
    this.#upkeep.add({ log, partition })
    return log
  }

  /** Opens a log that belongs to no partition of the image, such as the metadata log. */
  openDirectory(directory: string, config: Partial<LogConfig>): Log {
    const { storage, clock } = this.#options
    const logStartOffset = this.#checkpoints.get('logStart', directory)
    return openLog({
      storage,
      directory,
      config,
      nowMs: clock.now(),
      cleanShutdown: this.#clean,
      recoveryPoint: this.#checkpoints.get('recoveryPoint', directory) ?? 0,
      onWork: () => this.#upkeep.noteWork(directory),
      ...(logStartOffset === undefined ? {} : { logStartOffset }),
    })
  }

  /** The high watermark that the last life checkpointed; undefined if it knew none. */
  checkpointedHighWatermark(directory: string): number | undefined {
    return this.#checkpoints.get('replication', directory)
  }

  /** A high watermark has moved: it will be checkpointed. */
  noteHighWatermark(partition: Partition): void {
    this.#upkeep.noteHighWatermark(partition)
  }

  /** Compacts a log now, all of it up to the high watermark, whether that is due or not. */
  async compact(partition: Partition): Promise<void> {
    partition.open()
    const tended = this.#upkeep.get(partition.directory)
    if (tended !== undefined) await this.#cleaner.compactNow(tended)
  }

  /** Renames the (closed) log's directory out of the way and removes it after the delay. */
  delete(partition: Partition, delayMs: number): void {
    this.#upkeep.remove(partition)
    this.#unrecovered.delete(partition.directory)
    if (this.#options.storage.exists(partition.directory)) {
      this.#discard(partition.directory, delayMs)
    }
    this.#checkpoints.forget(partition.directory)
  }

  /** Brings every open log to the device, closes them, and notes where they stood. */
  async closeLogs(): Promise<void> {
    const { storage, events } = this.#options
    this.#agenda.close()
    await this.#upkeep.close()
    // What is written from here on would be missing in the state that a clean start believes.
    for (const { partition } of this.#upkeep.tended) partition.settle()
    const closing = [...this.#upkeep.tended].map((tended) => ({
      ...tended,
      sync: tended.log.prepareClose(),
    }))
    const paths = closing.flatMap(({ sync }) => sync.paths)
    try {
      await storage.syncFiles(paths)
      for (const { sync } of closing) sync.succeed()
    } catch (error) {
      this.#isEverythingSynced = false
      events.publish('problem', { what: 'syncing the logs at the end', error })
    }
    for (const { log, partition } of closing) {
      this.#checkpoints.set('recoveryPoint', partition, log.recoveryPoint)
      this.#checkpoints.set('replication', partition, partition.highWatermark)
      const isMoved = log.logStartOffset > (log.segments[0]?.baseOffset ?? 0)
      this.#checkpoints.set('logStart', partition, isMoved ? log.logStartOffset : undefined)
      partition.close({ isSynced: true })
    }
  }

  /**
   * Writes the checkpoints and, if there is nothing left to recover, the clean-shutdown mark. Every log must be closed
   * already.
   */
  close(brokerEpoch: number): void {
    const { storage } = this.#options
    for (const directory of this.#doomed) storage.remove(directory)
    this.#checkpoints.writeAll()
    if (this.#unrecovered.size === 0 && this.#isEverythingSynced) {
      writeCleanShutdown(storage, brokerEpoch)
    }
  }

  #discard(directory: string, delayMs: number): void {
    const { storage, random } = this.#options
    const aside = asideName(directory, random.uuid(), deleteSuffix)
    storage.rename(directory, aside)
    this.#doom(aside, delayMs)
  }

  #doom(directory: string, delayMs: number): void {
    const { storage, clock } = this.#options
    this.#doomed.add(directory)
    this.#agenda.schedule(directory, clock.now() + delayMs, () => {
      this.#doomed.delete(directory)
      storage.remove(directory)
    })
  }
}
