import { defineOptions, option } from '@ottla/network'
import { InvalidArgumentError } from '@ottla/protocol'
import type { ConsumerBatch } from '../batch.js'
import type { ConsumerRecord } from '../record.js'
import { type DeadLetter, readDeadLetter } from './dead-letter.js'

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
  readonly signal?: AbortSignal | undefined
}

const readFunction = <Handler>(input: unknown): Handler | undefined =>
  typeof input === 'function' ? (input as Handler) : undefined

const readSignal = (input: unknown): AbortSignal | undefined =>
  typeof (input as Partial<AbortSignal> | null)?.throwIfAborted === 'function'
    ? (input as AbortSignal)
    : undefined

const pause = (doc: string) => option.integer({ default: 0, min: 0, doc })

const retryDefinition = defineOptions('run() retry', {
  attempts: option.requiredValue<number, number>({
    aliases: ['retries'],
    doc: 'Calls in all, the first one included.',
    expected: 'an integer of at least 1',
    read: (input) =>
      typeof input === 'number' && Number.isSafeInteger(input) && input >= 1 ? input : undefined,
  }),
  backoffMs: pause('Pause before the second call.'),
  backoffMaxMs: pause('The longest pause.'),
})

/** The names of other clients for the same lead to those here. */
const definition = defineOptions('run()', {
  eachRecord: option.value<RecordHandler<never, never>, RecordHandler<never, never> | undefined>({
    aliases: ['eachMessage'],
    default: undefined,
    doc: 'Handles one record.',
    expected: 'a function (record, { signal }) => void | Promise<void>',
    read: readFunction,
  }),
  eachBatch: option.value<BatchHandler<never, never>, BatchHandler<never, never> | undefined>({
    default: undefined,
    doc: 'Handles one batch of records.',
    expected: 'a function (batch, { signal }) => void | Promise<void>',
    read: readFunction,
  }),
  concurrency: option.integer({
    aliases: ['partitionsConsumedConcurrently'],
    default: 1,
    min: 1,
    doc: 'Most handlers at work at the same time.',
  }),
  ordering: option.choice<Ordering>({
    default: 'partition',
    choices: ['partition', 'key', 'none'],
    doc: 'Which records may be worked on at the same time.',
  }),
  retry: option.value<RetryPolicy, RetryPolicy | undefined>({
    default: undefined,
    doc: 'How often a handler that throws is called again.',
    expected: 'an object { attempts, backoffMs, backoffMaxMs }',
    read: (input) => retryDefinition.resolve(input as RetryPolicy),
  }),
  deadLetter: option.value<DeadLetter, DeadLetter | undefined>({
    default: undefined,
    doc: 'Where records go whose handler keeps throwing.',
    expected: 'a topic name or a function (record, { error }) => void | Promise<void>',
    read: readDeadLetter,
  }),
  signal: option.value<AbortSignal, AbortSignal | undefined>({
    default: undefined,
    doc: 'Ends the run.',
    expected: 'an AbortSignal',
    read: readSignal,
  }),
})

/** @throws InvalidArgumentError for options of `run` that are unknown, out of range, or make no sense together. */
export const checkRunOptions = (options: RunOptions<never, never>): void => {
  const { eachRecord, eachBatch, ordering } = definition.resolve(options)
  if ((eachRecord === undefined) === (eachBatch === undefined)) {
    throw new InvalidArgumentError('run() takes either eachRecord or eachBatch.')
  }
  if (eachBatch !== undefined && ordering !== 'partition') {
    throw new InvalidArgumentError(
      `run() option eachBatch keeps the order of partitions; ordering '${ordering}' needs eachRecord.`,
    )
  }
}
