import { type Clock, createBackoff, type Random, sleep } from '@ottla/network'
import { DeserializationError } from '../deserialization/deserialization-error.js'
import type { ConsumerRecord } from '../record.js'
import { formatPartition } from '../topic-partition.js'
import type { DeadLetterContext, DeadLetterFunction } from './dead-letter.js'
import { NotPutAway } from './handler-error.js'
import type { Lease } from './lease.js'
import type { RetryPolicy } from './run-options.js'

/** What a run does with one fetched record of a lease. */
export type RecordWork = (record: ConsumerRecord, lease: Lease) => void | Promise<void>

/** Thrown when a handler gave up because it was told to: its record is left to whoever reads the partition next. */
export const leftUnfinished: unique symbol = Symbol('leftUnfinished')

/** What happens to records whose handler throws. */
export interface HandlingSetup {
  readonly clock: Clock
  readonly random: Random
  readonly retry: RetryPolicy | undefined
  readonly deadLetter: DeadLetterFunction | undefined
  /** The run ends: no further attempts. */
  readonly stop: AbortSignal
}

const defaultBackoffMs = 200
const defaultBackoffMaxMs = 30_000

/** Calls handlers, again if they throw, and puts away what cannot be handled. */
export class Handling {
  readonly #setup: HandlingSetup
  /** Nothing happens to such records: handlers may be called as they are. */
  readonly isPlain: boolean

  constructor(setup: HandlingSetup) {
    this.#setup = setup
    this.isPlain = setup.retry === undefined && setup.deadLetter === undefined
  }

  /**
   * Calls a handler for `records` of a lease. Returns nothing when the handler did: a promise would cost
   * a turn of the microtask queue.
   *
   * @throws what the handler throws in the end, or `leftUnfinished`.
   */
  call(
    handler: () => void | Promise<void>,
    lease: Lease,
    records: readonly ConsumerRecord[],
  ): void | Promise<void> {
    if (this.isPlain) return handler()
    try {
      const result: unknown = handler()
      // What `seen.push(record)` gives is no promise.
      if (!isThenable(result)) return undefined
      return Promise.resolve(result).catch((error: unknown) =>
        this.#recover(error, handler, lease, records),
      )
    } catch (error) {
      return this.#recover(error, handler, lease, records)
    }
  }

  async #recover(
    cause: unknown,
    handler: () => void | Promise<void>,
    lease: Lease,
    records: readonly ConsumerRecord[],
  ): Promise<void> {
    const { retry: { attempts = 1 } = {}, deadLetter } = this.#setup
    let error = cause
    let attempt = 1
    for (; ; attempt++) {
      if (gaveUp(lease, error)) throw leftUnfinished
      if (attempt >= attempts || isHopeless(error)) break
      await this.#pause(attempt, lease)
      try {
        await handler()
        return
      } catch (next) {
        error = next
      }
    }
    if (deadLetter === undefined) throw error
    for (const record of records)
      await this.#putAway(deadLetter, record, { error, attempts: attempt, signal: lease.signal })
  }

  async #pause(attempt: number, lease: Lease): Promise<void> {
    const { clock, random, retry, stop } = this.#setup
    const baseMs = retry?.backoffMs ?? defaultBackoffMs
    const maxMs = retry?.backoffMaxMs ?? Math.max(baseMs, defaultBackoffMaxMs)
    const delayMs = createBackoff({ random, baseMs, maxMs }).delayMs(attempt)
    try {
      await sleep(clock, delayMs, AbortSignal.any([lease.signal, stop]))
    } catch {
      throw leftUnfinished
    }
    lease.beats++
  }

  async #putAway(
    deadLetter: DeadLetterFunction,
    record: ConsumerRecord,
    context: DeadLetterContext,
  ): Promise<void> {
    const { error } = context
    try {
      await deadLetter(record, context)
    } catch (failure) {
      throw new NotPutAway(
        [failure, error],
        `The record ${formatPartition(record)}@${record.offset} could not be handled (${messageOf(error)}), nor put away as a dead letter (${messageOf(failure)}). It is not finished.`,
      )
    }
  }
}

const isThenable = (value: unknown): value is PromiseLike<void> =>
  typeof (value as Partial<PromiseLike<void>> | null | undefined)?.then === 'function'

/** The same bytes would fail again. */
const isHopeless = (error: unknown): boolean =>
  error instanceof DeserializationError && !error.retriable

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

/** Whether a handler ended because its signal told it to. */
export const gaveUp = ({ signal }: Lease, error: unknown): boolean =>
  error === leftUnfinished ||
  (signal.aborted &&
    (error === signal.reason || (error instanceof Error && error.name === 'AbortError')))
