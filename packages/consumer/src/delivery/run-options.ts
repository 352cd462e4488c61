import { InvalidArgumentError } from '@ottla/protocol'
import type { ConsumerBatch } from '../batch.js'
import type { ConsumerRecord } from '../record.js'
import type { DeadLetter } from './dead-letter.js'

/** What a handler gets besides its record or batch. */
export interface HandlerContext {
  /**
   * Fires when the partition is about to be given up or the consumer closes: finish soon, or throw an `AbortError` (the signal's
   * reason) to leave the record unfinished.
   */
  readonly signal: AbortSignal
}

/** Handles one record; it is finished when this returns or what it returns resolves. */
export type RecordHandler<Key = Buffer, Value = Buffer> = (
  record: ConsumerRecord<Key, Value>,
  context: HandlerContext,
) => void | Promise<void>

/** Handles one batch; all its records are finished together. */
export type BatchHandler<Key = Buffer, Value = Buffer> = (
  batch: ConsumerBatch<Key, Value>,
  context: HandlerContext,
) => void | Promise<void>

/** How often a handler that throws is called again with the same record or batch. */
export interface RetryPolicy {
  /** Calls in all, the first one included. */
  readonly attempts: number
  /** Pause before the second call; each further one is twice as long, +-20 %. Default 200. */
  readonly backoffMs?: number
  /** The longest pause. Default 30 s, and no less than `backoffMs`. */
  readonly backoffMaxMs?: number
}

/**
 * Which records may be worked on at the same time: `'partition'`, one of each partition; `'key'`, any with different keys (those
 * without a key are in no order); `'none'`, any.
 */
export type Ordering = 'partition' | 'key' | 'none'

/** How `run` works. Exactly one of `eachRecord` and `eachBatch`. */
export interface RunOptions<Key = Buffer, Value = Buffer> {
  readonly eachRecord?: RecordHandler<Key, Value>
  /** Only with the ordering `'partition'`. */
  readonly eachBatch?: BatchHandler<Key, Value>
  /** Most handlers at work at the same time. Default 1. */
  readonly concurrency?: number
  /** Default `'partition'`. */
  readonly ordering?: Ordering
  /** Default: a handler that throws ends the run. */
  readonly retry?: RetryPolicy
  /**
   * Where records go whose handler keeps throwing, instead of ending the run: a topic, written to by the option
   * `deadLetterProducer`, or a function. Default: the consumer's option `deadLetter`.
   */
  readonly deadLetter?: DeadLetter
  /** Ends the run; handlers at work are waited for. */
  readonly signal?: AbortSignal
}

const orderings: readonly Ordering[] = ['partition', 'key', 'none']

/** @throws InvalidArgumentError for options of `run` that make no sense. */
export const checkRunOptions = (options: RunOptions<never, never>): void => {
  const { eachRecord, eachBatch, concurrency = 1, ordering = 'partition', retry } = options
  if ((eachRecord === undefined) === (eachBatch === undefined)) {
    throw new InvalidArgumentError('run() takes either eachRecord or eachBatch.')
  }
  if (typeof (eachRecord ?? eachBatch) !== 'function') {
    throw new InvalidArgumentError('run() options eachRecord and eachBatch take a function.')
  }
  assertWhole('concurrency', concurrency, 1)
  if (!orderings.includes(ordering)) {
    throw new InvalidArgumentError(
      `run() option ordering must be one of "partition", "key", "none", not ${JSON.stringify(ordering)}.`,
    )
  }
  if (eachBatch !== undefined && ordering !== 'partition') {
    throw new InvalidArgumentError(
      `run() option eachBatch keeps the order of partitions; ordering "${ordering}" needs eachRecord.`,
    )
  }
  if (retry === undefined) return
  assertWhole('retry.attempts', retry.attempts, 1)
  assertWhole('retry.backoffMs', retry.backoffMs ?? 0, 0)
  assertWhole('retry.backoffMaxMs', retry.backoffMaxMs ?? 0, 0)
}

const assertWhole = (name: string, value: number, least: number): void => {
  if (Number.isSafeInteger(value) && value >= least) return
  throw new InvalidArgumentError(
    `run() option ${name} must be an integer of at least ${least}, not ${String(value)}.`,
  )
}
