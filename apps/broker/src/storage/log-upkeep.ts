import type { EventStream } from '../events.js'
import type { Partition } from '../partition/partition.js'
import type { Clock, Storage, Timer } from '../platform.js'
import type { Agenda } from './agenda.js'
import type { Checkpoints } from './checkpoints.js'
import type { LogCleaner } from './log-cleaner.js'
import type { TendedLog } from './tended-log.js'

/** How often things are done that Kafka does at intervals, in milliseconds. */
export interface UpkeepIntervals {
  /** `log.initial.task.delay.ms`: the first look for old segments. */
  readonly firstCheckMs: number
  /** `log.retention.check.interval.ms` */
  readonly retentionMs: number
  /** `log.flush.offset.checkpoint.interval.ms` */
  readonly recoveryPointMs: number
  /** `replica.high.watermark.checkpoint.interval.ms` */
  readonly highWatermarkMs: number
}

/** What looking after logs needs. */
export interface LogUpkeepOptions {
  readonly storage: Storage
  readonly clock: Clock
  readonly events: EventStream
  readonly agenda: Agenda
  readonly checkpoints: Checkpoints
  readonly cleaner: LogCleaner
  readonly intervals: UpkeepIntervals
}

/**
 * Looks after open logs: deletes old segments when they are due, brings what was written to the device, notes in the
 * checkpoints how far that has come. Nothing here walks over all logs: a log announces that it has work, and what has
 * none costs nothing.
 */
export class LogUpkeep {
  readonly #options: LogUpkeepOptions
  readonly #startMs: number
  readonly #tended = new Map<string, TendedLog>()
  /** Logs that have announced work since the last look. */
  #restless = new Set<string>()
  /** Logs with something that is not on the device. */
  readonly #unsynced = new Set<string>()
  /** Partitions whose high watermark has moved since it was checkpointed. */
  #moved = new Set<Partition>()
  #recoveryTimer: Timer | undefined
  #watermarkTimer: Timer | undefined
  #syncing: Promise<void> | undefined
  #isClosed = false

  constructor(options: LogUpkeepOptions) {
    this.#options = options
    this.#startMs = options.clock.now()
  }

  get tended(): Iterable<TendedLog> {
    return this.#tended.values()
  }

  get(directory: string): TendedLog | undefined {
    return this.#tended.get(directory)
  }

  add(tended: TendedLog): void {
    const { directory } = tended.partition
    this.#tended.set(directory, tended)
    this.noteWork(directory)
  }

  remove(partition: Partition): void {
    const { directory } = partition
    const tended = this.#tended.get(directory)
    if (tended !== undefined) this.#options.cleaner.forget(tended)
    this.#tended.delete(directory)
    this.#restless.delete(directory)
    this.#unsynced.delete(directory)
    this.#moved.delete(partition)
    this.#options.agenda.cancel(directory)
  }

  /** A log says that it has work; it is asked what when this turn's code has run. */
  noteWork(directory: string): void {
    if (this.#restless.size === 0) this.#options.clock.afterTurn(() => this.#look())
    this.#restless.add(directory)
  }

  /** A high watermark has moved. */
  noteHighWatermark(partition: Partition): void {
    if (this.#moved.has(partition) || this.#isClosed) return
    this.#moved.add(partition)
    const { clock, intervals } = this.#options
    this.#watermarkTimer ??= clock.setTimer(intervals.highWatermarkMs, () => {
      this.#watermarkTimer = undefined
      this.#attempt('checkpointing high watermarks', () => this.checkpointHighWatermarks())
    })
  }

  async checkpointHighWatermarks(): Promise<void> {
    const { checkpoints } = this.#options
    const moved = this.#moved
    this.#moved = new Set()
    for (const partition of moved) {
      if (!partition.isDeleted) checkpoints.set('replication', partition, partition.highWatermark)
    }
    await checkpoints.write(['replication'])
  }

  /** Brings what was written to the device, many logs at once, and checkpoints it. */
  syncAll(): Promise<void> {
    this.#syncing ??= this.#sync([...this.#unsynced]).finally(() => {
      this.#syncing = undefined
    })
    return this.#syncing
  }

  /** No more work begins. Resolves when what is under way has ended. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#recoveryTimer?.cancel()
    this.#watermarkTimer?.cancel()
    await this.#syncing?.catch(() => undefined)
    await this.#options.cleaner.close()
  }

  #look(): void {
    const restless = this.#restless
    this.#restless = new Set()
    let isUrgent = false
    for (const directory of restless) {
      const tended = this.#tended.get(directory)
      if (tended === undefined || this.#isClosed) continue
      this.#scheduleWork(tended)
      const { log, partition } = tended
      const { checkpoints, cleaner } = this.#options
      cleaner.consider(tended)
      const isMoved = log.logStartOffset > (log.segments[0]?.baseOffset ?? 0)
      checkpoints.set('logStart', partition, isMoved ? log.logStartOffset : undefined)
      if (log.isUnsynced) this.#unsynced.add(directory)
      isUrgent ||= log.hasSealedUnsynced
    }
    if (isUrgent) this.#attempt('syncing logs', () => this.syncAll())
    if (this.#unsynced.size > 0) this.#armCheckpoint()
  }

  #armCheckpoint(): void {
    const { clock, intervals, checkpoints } = this.#options
    if (this.#isClosed) return
    this.#recoveryTimer ??= clock.setTimer(intervals.recoveryPointMs, () => {
      this.#recoveryTimer = undefined
      this.#attempt('checkpointing recovery points', async () => {
        await this.syncAll()
        await checkpoints.write(['recoveryPoint', 'logStart'])
      })
    })
  }

  /** Old segments are looked for at Kafka's intervals only; what else is to be done, at its time. */
  #scheduleWork(tended: TendedLog): void {
    const { agenda, clock } = this.#options
    const { log, partition } = tended
    const { directory } = partition
    const dueMs = log.nextRetentionMs(clock.now(), partition.highWatermark)
    const atMs = Math.min(this.#checkAfter(dueMs), log.nextChoreMs)
    agenda.schedule(directory, atMs, () => this.#work(tended))
  }

  #work(tended: TendedLog): void {
    const { log, partition } = tended
    if (this.#tended.get(partition.directory) !== tended) return
    log.retain(this.#options.clock.now(), partition.highWatermark)
    this.#scheduleWork(tended)
  }

  /** The first check for old segments at or after a moment. */
  #checkAfter(dueMs: number): number {
    const { firstCheckMs, retentionMs } = this.#options.intervals
    const first = this.#startMs + firstCheckMs
    return first + Math.max(0, Math.ceil((dueMs - first) / retentionMs)) * retentionMs
  }

  async #sync(directories: readonly string[]): Promise<void> {
    const { storage, checkpoints } = this.#options
    const begun = directories.flatMap((directory) => {
      const tended = this.#tended.get(directory)
      this.#unsynced.delete(directory)
      return tended === undefined ? [] : [{ tended, sync: tended.log.beginSync() }]
    })
    const paths = begun.flatMap(({ sync }) => sync.paths)
    try {
      await storage.syncFiles(paths)
    } catch (error) {
      for (const { sync } of begun) sync.fail()
      throw error
    }
    for (const { tended, sync } of begun) {
      sync.succeed()
      const { partition, log } = tended
      if (this.#tended.get(partition.directory) !== tended) continue
      checkpoints.set('recoveryPoint', partition, log.recoveryPoint)
    }
  }

  #attempt(what: string, work: () => Promise<void>): void {
    work().catch((error: unknown) => {
      if (!this.#isClosed) this.#options.events.publish('problem', { what, error })
    })
  }
}
