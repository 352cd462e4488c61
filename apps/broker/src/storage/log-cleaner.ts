import type { Cleanable } from '@ottla/log'
import type { EventStream } from '../events.js'
import type { Clock } from '../platform.js'
import type { Agenda } from './agenda.js'
import type { Checkpoints } from './checkpoints.js'
import type { TendedLog } from './tended-log.js'

/** What a cleaner needs. */
export interface LogCleanerOptions {
  readonly clock: Clock
  readonly events: EventStream
  readonly agenda: Agenda
  readonly checkpoints: Checkpoints
  /** `log.cleaner.enable` */
  readonly isEnabled: boolean
  /** `log.cleaner.dedupe.buffer.size`: memory for the keys of one compaction. */
  readonly maxKeyBytes: number
}

/**
 * Compacts logs, one at a time, the dirtiest first. It looks at a log when that has finished a segment and when time alone
 * makes it due, never at all of them.
 */
export class LogCleaner {
  readonly #options: LogCleanerOptions
  /** Logs that may have to be compacted. */
  readonly #candidates = new Set<TendedLog>()
  #running: Promise<void> | undefined
  #isClosed = false

  constructor(options: LogCleanerOptions) {
    this.#options = options
  }

  /** The log has changed in a way that may make it due. */
  consider(tended: TendedLog): void {
    const { log } = tended
    if (!log.config.cleanupCompact || !this.#options.isEnabled) return
    if (this.#isClosed || log.segments.length < 2) return
    this.#candidates.add(tended)
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  forget(tended: TendedLog): void {
    this.#candidates.delete(tended)
    this.#options.agenda.cancel(agendaKey(tended))
  }

  /** Compacts all that may be compacted at all, the active segment too, which ends for it. */
  async compactNow(tended: TendedLog): Promise<void> {
    await this.#running
    tended.log.roll(this.#options.clock.now())
    await this.#compact(tended)
  }

  /** Nothing begins any more. Resolves when what is under way has given up. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#candidates.clear()
    await this.#running
  }

  async #run(): Promise<void> {
    await this.#turn()
    for (let next = this.#dirtiest(); next !== undefined; next = this.#dirtiest()) {
      this.#candidates.delete(next)
      try {
        await this.#compact(next)
      } catch (error) {
        const what = `compaction of ${next.partition.directory}`
        if (!this.#isClosed) this.#options.events.publish('problem', { what, error })
      }
    }
  }

  /** The one with the highest dirty ratio of those that are due; those that are not leave the list. */
  #dirtiest(): TendedLog | undefined {
    let dirtiest: TendedLog | undefined
    let ratio = -1
    for (const tended of this.#candidates) {
      if (this.#isClosed || tended.partition.isDeleted) {
        this.#candidates.delete(tended)
        continue
      }
      const cleanable = this.#cleanable(tended)
      const isDue =
        cleanable.isOverdue || cleanable.dirtyRatio > tended.log.config.minCleanableDirtyRatio
      if (!isDue || cleanable.dirtyRatio === 0) {
        this.#candidates.delete(tended)
        const again = (): void => this.consider(tended)
        this.#options.agenda.schedule(agendaKey(tended), cleanable.changesMs, again)
      } else if (cleanable.dirtyRatio > ratio) {
        dirtiest = tended
        ratio = cleanable.dirtyRatio
      }
    }
    return dirtiest
  }

  #cleanable({ log, partition }: TendedLog): Cleanable {
    const { clock, checkpoints } = this.#options
    return log.cleanable({
      cleanedTo: checkpoints.get('cleaner', partition.directory),
      highWatermark: partition.highWatermark,
      nowMs: clock.now(),
    })
  }

  async #compact({ log, partition }: TendedLog): Promise<void> {
    const { clock, checkpoints, maxKeyBytes } = this.#options
    const done = await log.compact({
      cleanedTo: checkpoints.get('cleaner', partition.directory),
      highWatermark: partition.highWatermark,
      nowMs: clock.now(),
      maxKeyBytes,
      pause: () => this.#turn(),
    })
    if (done === undefined || partition.isDeleted) return
    checkpoints.set('cleaner', partition, done.cleanedTo)
    await checkpoints.write(['cleaner'])
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#options.clock.afterTurn(resolve)
    })
  }
}

const agendaKey = ({ partition }: TendedLog): string => `compaction of ${partition.directory}`
