import { InvalidArgumentError, type RecordHeaderInput } from '@ottla/protocol'
import type { ConsumerRecord } from '../record.js'

/** Why a record is given up. */
export interface DeadLetterContext {
  /** What the handler threw last. */
  readonly error: unknown
  /** How often it was called. */
  readonly attempts: number
  /** Fires when the partition is about to be given up or the consumer closes. */
  readonly signal: AbortSignal
}

/** Puts a record away that could not be handled, as it was fetched; it is finished when what this returns resolves. */
export type DeadLetterFunction = (
  record: ConsumerRecord,
  context: DeadLetterContext,
) => unknown | Promise<unknown>

/** A topic, or a function. */
export type DeadLetter = string | DeadLetterFunction

/** A record on its way to a dead-letter topic: key, value, timestamp and headers as they were, and headers that tell why. */
export interface DeadLetterRecord {
  readonly topic: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly RecordHeaderInput[]
  readonly timestamp?: number | undefined
}

/** What writes to a dead-letter topic: a `Producer`, or anything with its `send`. */
export interface DeadLetterProducer {
  send(record: DeadLetterRecord): Promise<unknown>
}

/** Longest error message kept in a header. */
const maxMessageLength = 1000

/**
 * What to do with records that are given up; undefined for nothing.
 *
 * @throws InvalidArgumentError for a topic without a producer to write to it.
 */
export const openDeadLetter = (
  deadLetter: DeadLetter | undefined,
  producer: DeadLetterProducer | undefined,
): DeadLetterFunction | undefined => {
  if (typeof deadLetter !== 'string') return deadLetter
  if (producer === undefined) {
    throw new InvalidArgumentError(
      `Records can only go to the dead-letter topic ${JSON.stringify(deadLetter)} through a producer: make the consumer with new Ottla(…).consumer(…), or give it the option deadLetterProducer.`,
    )
  }
  return (record, context) => producer.send(toDeadLetter(deadLetter, record, context))
}

/** The header names follow those that Kafka Connect and Kafka Streams (KIP-298, KIP-1034) write. */
const toDeadLetter = (
  topic: string,
  record: ConsumerRecord,
  { error, attempts }: DeadLetterContext,
): DeadLetterRecord => {
  const { key, value, timestamp, headers } = record
  const message = error instanceof Error ? error.message : String(error)
  return {
    topic,
    key,
    value,
    headers: [
      ...headers,
      ['__ottla.errors.topic', record.topic],
      ['__ottla.errors.partition', String(record.partition)],
      ['__ottla.errors.offset', String(record.offset)],
      ['__ottla.errors.exception', error instanceof Error ? error.name : typeof error],
      ['__ottla.errors.message', message.slice(0, maxMessageLength)],
      ['__ottla.errors.attempts', String(attempts)],
    ],
    ...(timestamp < 0 ? {} : { timestamp }),
  }
}
