import { show } from '@ottla/network'
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

/** What the option `deadLetter` takes; undefined if it is neither a topic nor a function. */
export const readDeadLetter = (input: unknown): DeadLetter | undefined => {
  if (typeof input === 'string' && input !== '') return input
  return typeof input === 'function' ? (input as DeadLetterFunction) : undefined
}

/** Headers that tell why a record was given up begin so. */
const headerPrefix = '__ottla.errors.'

/** Longest error message kept in a header. */
const maxMessageLength = 1000

/**
 * What to do with records that are given up; undefined for nothing.
 *
 * @param reads whether the consumer reads a topic itself.
 * @throws InvalidArgumentError for a topic without a producer to write to it, or that the consumer reads itself.
 */
export const openDeadLetter = (
  deadLetter: DeadLetter | undefined,
  producer: DeadLetterProducer | undefined,
  reads: (topic: string) => boolean = () => false,
): DeadLetterFunction | undefined => {
  if (typeof deadLetter !== 'string') return deadLetter
  if (producer === undefined) {
    throw new InvalidArgumentError(
      `Records can only go to the dead-letter topic ${show(deadLetter)} through a producer: make the consumer with new Ottla(…).consumer(…), or give it the option deadLetterProducer.`,
    )
  }
  if (reads(deadLetter)) throw readsItself(deadLetter)
  return (record, context) => {
    // Subscriptions change, also while a run is under way.
    if (record.topic === deadLetter) throw readsItself(deadLetter)
    return producer.send(toDeadLetter(deadLetter, record, context))
  }
}

const readsItself = (topic: string): InvalidArgumentError =>
  new InvalidArgumentError(
    `The consumer reads its own dead-letter topic ${show(topic)}: its records would come again for ever. Name another topic, or a regular expression that does not match it, such as /^orders-(?!dead$)/.`,
    { topic },
  )

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
      // Of a record that was given up before only the last reasons are kept.
      ...headers.filter(([name]) => !name.startsWith(headerPrefix)),
      [`${headerPrefix}topic`, record.topic],
      [`${headerPrefix}partition`, String(record.partition)],
      [`${headerPrefix}offset`, String(record.offset)],
      [`${headerPrefix}exception`, error instanceof Error ? error.name : typeof error],
      [`${headerPrefix}message`, message.slice(0, maxMessageLength)],
      [`${headerPrefix}attempts`, String(attempts)],
    ],
    ...(timestamp < 0 ? {} : { timestamp }),
  }
}
