import { clientOptions, defineOptions, type OptionsInput, option } from '@ottla/network'
import { type Deserializer, InvalidArgumentError } from '@ottla/protocol'
import { type DeadLetter, type DeadLetterProducer, readDeadLetter } from './delivery/dead-letter.js'
import type { OnDeserializationError } from './deserialization/record-deserializer.js'
import type { Assignor } from './group/assignors/assignor.js'
import { type AssignorName, builtInAssignors, commonProtocol } from './group/assignors/built-in.js'
import { type AutoOffsetReset, readResetPolicy } from './offsets/reset-policy.js'
import { readTopics, type TopicSelector } from './subscription.js'
import type { TopicPartition } from './topic-partition.js'

const maxInt32 = 2 ** 31 - 1

/** Whether records of open and aborted transactions are handed out. */
export type IsolationLevel = 'read_uncommitted' | 'read_committed'

/** Called when partitions come or go; what it returns is awaited before the group goes on. */
export type RebalanceListener = (partitions: readonly TopicPartition[]) => void | Promise<void>

const listener = (doc: string) =>
  option.value<RebalanceListener, RebalanceListener | undefined>({
    default: undefined,
    doc,
    expected: 'a function (partitions) => void | Promise<void>',
    read: (input) => (typeof input === 'function' ? (input as RebalanceListener) : undefined),
  })

const readProducer = (input: unknown): DeadLetterProducer | undefined =>
  typeof input === 'object' && input !== null && 'send' in input
    ? (input as DeadLetterProducer)
    : undefined

const readDeserializer = (input: unknown): Deserializer<unknown> | undefined =>
  typeof (input as Partial<Deserializer<unknown>> | null)?.deserialize === 'function'
    ? (input as Deserializer<unknown>)
    : undefined

const readAssignor = (input: unknown): Assignor | undefined => {
  if (typeof input === 'string') {
    return Object.hasOwn(builtInAssignors, input)
      ? builtInAssignors[input as AssignorName]
      : undefined
  }
  const { name, assign } = (input ?? {}) as Partial<Assignor>
  return typeof name === 'string' && typeof assign === 'function' ? (input as Assignor) : undefined
}

const readAssignors = (input: unknown): readonly Assignor[] | undefined => {
  if (!Array.isArray(input) || input.length === 0) return undefined
  const assignors = input.flatMap((one) => readAssignor(one) ?? [])
  return assignors.length === input.length ? assignors : undefined
}

/**
 * The consumer's options, in the names of Kafka's consumer configuration
 * (https://kafka.apache.org/documentation/#consumerconfigs), camelCased, with its defaults.
 */
const table = {
  ...clientOptions.table,
  /** The group whose members share the topics' partitions and whose committed offsets survive restarts. */
  groupId: option.string({
    default: undefined,
    doc: 'The group whose members share partitions and committed offsets; without one, use assign().',
  }),
  /** Makes the member static (KIP-345): a restart within `sessionTimeoutMs` causes no rebalance. */
  groupInstanceId: option.string({
    default: undefined,
    doc: 'Name of this member that outlives restarts (KIP-345); unique within the group.',
  }),
  /**
   * Topics to subscribe to: names and regular expressions. The same as calling `subscribe`. A topic that is made later and matches an
   * expression is read once the metadata is fetched again, which is every `metadataMaxAgeMs` (5 min), as with the Java client; make that
   * shorter if it has to be sooner. A name that does not exist is looked for every second.
   */
  topics: option.value<TopicSelector | readonly TopicSelector[], readonly TopicSelector[]>({
    default: [],
    doc: 'Topics to subscribe to.',
    expected: 'a topic name, a RegExp, or an array of them',
    read: readTopics,
  }),
  /**
   * Where to start without a committed offset: `'earliest'`, `'latest'` (default), `'by_duration:PT1H'` (the last hour, KIP-1106),
   * or `'none'` to get an error. A failed look-up of the offset is retried and never counts as "none committed".
   */
  autoOffsetReset: option.value<AutoOffsetReset, AutoOffsetReset>({
    aliases: ['fromBeginning', 'fallbackMode'],
    default: 'latest',
    doc: 'Where to start without a committed offset, or when the position is gone from the log.',
    expected:
      '"earliest", "latest", "none", or "by_duration:" and an ISO 8601 duration such as PT1H',
    read: readResetPolicy,
  }),
  /** `'read_committed'` leaves out aborted transactions and stops before open ones. Default `'read_uncommitted'`. */
  isolationLevel: option.choice<IsolationLevel>({
    aliases: ['readUncommitted'],
    default: 'read_uncommitted',
    choices: ['read_uncommitted', 'read_committed'],
    doc: 'Whether records of open and aborted transactions are handed out.',
  }),
  /** Commit finished records in the background and before partitions are given up. Default true. */
  enableAutoCommit: option.boolean({
    aliases: ['autoCommit', 'autocommit'],
    default: true,
    doc: 'Commit finished records in the background, before partitions are given up, and on close.',
  }),
  autoCommitIntervalMs: option.integer({
    default: 5000,
    min: 1,
    max: maxInt32,
    doc: 'Longest time a finished record stays uncommitted while enableAutoCommit is on.',
  }),
  /** A member unheard of for so long is dropped by the group. Default 45 s. */
  sessionTimeoutMs: option.integer({
    default: 45_000,
    min: 1,
    max: maxInt32,
    doc: 'A member unheard of for so long is dropped by the group; brokers allow 6 s to 30 min by default.',
  }),
  /** Heartbeats go out at this interval whatever handlers are doing. Default 3 s. */
  heartbeatIntervalMs: option.integer({
    default: 3000,
    min: 1,
    max: maxInt32,
    doc: 'Interval of heartbeats; at most a third of sessionTimeoutMs is wise.',
  }),
  /**
   * Longest time the application may work on what it was handed. After it the member counts as stuck: it leaves, others take
   * its partitions, and it joins again when the application asks for more. Also the limit of a rebalance. Default 5 min.
   */
  maxPollIntervalMs: option.integer({
    aliases: ['rebalanceTimeout'],
    default: 300_000,
    min: 1,
    max: maxInt32,
    doc: 'Longest time the application may work on what it was handed before its partitions go to others.',
  }),
  /** Most records in a batch of `batches()` and `eachBatch`. Default 500. */
  maxPollRecords: option.integer({
    default: 500,
    min: 1,
    max: maxInt32,
    doc: 'Most records handed over at once.',
  }),
  /** A broker answers when it has this many bytes, or after `fetchMaxWaitMs`. Default 1. */
  fetchMinBytes: option.integer({
    aliases: ['minBytes'],
    default: 1,
    min: 0,
    max: maxInt32,
    doc: 'A broker answers a fetch when it has so many bytes, or after fetchMaxWaitMs.',
  }),
  /** Most bytes in one answer to a fetch, and in one decompressed batch; a larger batch is still returned whole. Default 50 MiB. */
  fetchMaxBytes: option.integer({
    aliases: ['maxBytes'],
    default: 52_428_800,
    min: 1024,
    max: maxInt32,
    doc: 'Most bytes in one answer to a fetch; also the most a compressed batch may expand to.',
  }),
  /**
   * Most bytes fetched ahead and not yet handed out, all brokers together; only a single batch larger than what is left may
   * exceed it. Fetching goes on up to here while handlers run. Default 50 MiB.
   */
  bufferMemory: option.integer({
    default: 52_428_800,
    min: 1024,
    max: Number.MAX_SAFE_INTEGER,
    doc: 'Most bytes fetched ahead and not yet handed out, all brokers together.',
  }),
  fetchMaxWaitMs: option.integer({
    aliases: ['maxWaitTimeInMs', 'maxWaitTime'],
    default: 500,
    min: 0,
    max: maxInt32,
    doc: 'Longest time a broker holds a fetch for which it has less than fetchMinBytes.',
  }),
  maxPartitionFetchBytes: option.integer({
    aliases: ['maxBytesPerPartition'],
    default: 1_048_576,
    min: 1,
    max: maxInt32,
    doc: 'Most bytes of one partition in one fetch; a larger batch is still returned whole.',
  }),
  /** Compare every batch's checksum. Default true; it costs about 1 % of reading. */
  checkCrcs: option.boolean({
    default: true,
    doc: "Compare every batch's checksum before its records are handed out.",
  }),
  /** Rack of this consumer: assignors and brokers prefer replicas in it (KIP-392, KIP-881). */
  clientRack: option.string({
    aliases: ['rackId'],
    default: undefined,
    doc: 'Rack of this consumer, so that assignors and brokers can prefer replicas in it.',
  }),
  allowAutoCreateTopics: option.boolean({
    aliases: ['allowAutoTopicCreation'],
    default: true,
    doc: 'Let the broker create a subscribed topic that does not exist, if it is set up to.',
  }),
  /**
   * Ways to divide partitions among members, best first, by Kafka's names or as `Assignor`s of your own; the group picks one that
   * all members listed. Default `['range', 'cooperative-sticky']`, as in the Java client: members that list only
   * `'cooperative-sticky'` keep reading while the group rebalances, and one by one can take the place of those that list both.
   */
  partitionAssignors: option.value<readonly (AssignorName | Assignor)[], readonly Assignor[]>({
    default: [builtInAssignors.range, builtInAssignors['cooperative-sticky']],
    doc: "Ways to divide partitions among members, best first; default ['range', 'cooperative-sticky'].",
    expected:
      "a non-empty array of 'range', 'roundrobin', 'sticky', 'cooperative-sticky' or assignors of your own ({ name, assign })",
    read: readAssignors,
  }),
  /**
   * How long a partition may go without an answer to its fetches, although it could be fetched, before it counts as stalled: the
   * event `ottla:consumer:stalled` tells, connections and metadata are renewed, and if that does not help either, the application
   * gets an error. Default 60 s.
   */
  stallTimeoutMs: option.integer({
    default: 60_000,
    min: 1,
    max: maxInt32,
    doc: 'How long a partition may go without an answer to its fetches before it counts as stalled.',
  }),
  /** Where `run` puts records whose handler keeps throwing: a topic or a function. Default: such a handler ends the run. */
  deadLetter: option.value<DeadLetter, DeadLetter | undefined>({
    default: undefined,
    doc: 'Where run() puts records whose handler keeps throwing.',
    expected: 'a topic name or a function (record, { error }) => void | Promise<void>',
    read: readDeadLetter,
  }),
  /** Writes to dead-letter topics: a `Producer`. `new Ottla(…).consumer(…)` gives one by itself. */
  deadLetterProducer: option.value<DeadLetterProducer, DeadLetterProducer | undefined>({
    default: undefined,
    doc: 'Writes to dead-letter topics.',
    expected: 'a Producer, or an object with its method send',
    read: readProducer,
  }),
  /** Makes keys of bytes: a serde such as `utf8`, `int64` or `json<T>()`, or one of your own. Default: keys are `Buffer`s. */
  keyDeserializer: option.value<Deserializer<unknown>, Deserializer<unknown> | undefined>({
    default: undefined,
    doc: 'Makes keys of bytes.',
    expected: 'an object with a function deserialize',
    read: readDeserializer,
  }),
  /** Makes values of bytes: a serde such as `utf8`, `int64` or `json<T>()`, or one of your own. Default: values are `Buffer`s. */
  valueDeserializer: option.value<Deserializer<unknown>, Deserializer<unknown> | undefined>({
    default: undefined,
    doc: 'Makes values of bytes.',
    expected: 'an object with a function deserialize',
    read: readDeserializer,
  }),
  /**
   * What happens to a record that cannot be deserialized: `'fail'` (default), the reader gets a `DeserializationError` and the
   * record stays the next one; `'skip'`, it is passed over, counted and published on `ottla:consumer:skipped`; `'deliver'`, it is
   * handed over with `error`, `keyBytes` and `valueBytes`. Errors that are retriable always fail: they are not the record's.
   */
  onDeserializationError: option.choice<OnDeserializationError>({
    default: 'fail',
    choices: ['fail', 'skip', 'deliver'],
    doc: 'What happens to a record whose key or value cannot be deserialized.',
  }),
  /** Partitions came: awaited before the first of their records is fetched, so a `seek` here decides where to start. */
  onAssigned: listener('Called when partitions came, before anything is fetched from them.'),
  /**
   * Partitions go, and are still ours: handlers have ended and finished records are committed (with `enableAutoCommit`).
   * Awaited before anyone else gets them.
   */
  onRevoked: listener('Called before partitions are given up.'),
  /** Partitions are gone and may already be someone else's: nothing can be committed. Default: `onRevoked` is not called. */
  onLost: listener('Called when partitions were lost without being given up.'),
} as const

const definition = defineOptions('Consumer', table)

/** The names of all options of a consumer, those of every client among them. */
export const consumerOptionNames: readonly string[] = Object.keys(table)

/** What a consumer takes; see each option. */
export interface ConsumerOptions<Key = Buffer, Value = Buffer>
  extends Omit<OptionsInput<typeof table>, 'keyDeserializer' | 'valueDeserializer'> {
  /** Makes keys of bytes: a serde such as `utf8`, `int64` or `json<T>()`, or one of your own. Default: keys are `Buffer`s. */
  readonly keyDeserializer?: Deserializer<Key> | undefined
  /** Makes values of bytes: a serde such as `utf8`, `int64` or `json<T>()`, or one of your own. Default: values are `Buffer`s. */
  readonly valueDeserializer?: Deserializer<Value> | undefined
}

/** `ConsumerOptions`, checked against each other, with all defaults filled in. */
export interface ResolvedConsumerOptions extends ReturnType<typeof definition.resolve> {}

/**
 * Checks the options of a consumer, each alone and together.
 *
 * @throws InvalidArgumentError naming the option, the value and what is expected.
 */
export const resolveConsumerOptions = (
  input: ConsumerOptions<unknown, unknown>,
): ResolvedConsumerOptions => {
  const options = definition.resolve(input)
  const { groupId, sessionTimeoutMs } = options
  assertAssignors(options.partitionAssignors)
  // Tests and quick reactions want short sessions: the heartbeat follows unless it was set, too.
  const heartbeatIntervalMs =
    input.heartbeatIntervalMs ??
    Math.min(options.heartbeatIntervalMs, Math.ceil(sessionTimeoutMs / 3))
  if (heartbeatIntervalMs >= sessionTimeoutMs) {
    throw new InvalidArgumentError(
      `Consumer option heartbeatIntervalMs (${heartbeatIntervalMs}) must be less than sessionTimeoutMs (${sessionTimeoutMs}), at best a third of it.`,
    )
  }
  if (groupId === undefined) {
    for (const name of ['topics', 'groupInstanceId'] as const) {
      if (input[name] !== undefined) {
        throw new InvalidArgumentError(
          `Consumer option ${name} needs a groupId. Without a group, choose partitions with assign().`,
        )
      }
    }
  }
  return { ...options, heartbeatIntervalMs }
}

const assertAssignors = (assignors: readonly Assignor[]): void => {
  const names = assignors.map(({ name }) => name)
  if (new Set(names).size < names.length) {
    throw new InvalidArgumentError(
      `Consumer option partitionAssignors names one twice: ${names.join(', ')}.`,
    )
  }
  if (commonProtocol(assignors) !== undefined) return
  throw new InvalidArgumentError(
    `The assignors ${names.join(', ')} of consumer option partitionAssignors have no rebalance protocol in common: some need "eager" and some "cooperative". Leave one kind out, or let your own support both.`,
  )
}
