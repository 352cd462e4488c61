import { clientOptions, defineOptions, type OptionsInput, option } from '@ottla/network'
import {
  type CompressionName,
  InvalidArgumentError,
  type RecordBytes,
  type Serializer,
} from '@ottla/protocol'
import { type Partitioner, type PartitionerName, readPartitioner } from './partitioner.js'

const maxInt32 = 2 ** 31 - 1

/** How many brokers must have a record before it counts as delivered: none, the leader, or all in-sync replicas. */
export type Acks = 0 | 1 | -1 | 'all'

const readAcks = (input: unknown): 0 | 1 | -1 | undefined => {
  if (input === 'all' || input === -1) return -1
  return input === 0 || input === 1 ? input : undefined
}

const readSerializer = (input: unknown): Serializer<never> | undefined =>
  typeof (input as Partial<Serializer<never>> | null)?.serialize === 'function'
    ? (input as Serializer<never>)
    : undefined

/**
 * The producer's options, in the names of Kafka's producer configuration
 * (https://kafka.apache.org/documentation/#producerconfigs), camelCased, with its defaults except where the text says why.
 */
const table = {
  ...clientOptions.table,
  /**
   * How many brokers must have a record before it counts as delivered: `'all'` in-sync replicas, 1 (the leader) or 0
   * (nobody is asked; offsets are then unknown). Default `'all'`.
   */
  acks: option.value<Acks, 0 | 1 | -1>({
    default: -1,
    doc: 'How many brokers must have a record before it counts as delivered.',
    expected: '0, 1, -1 or "all"',
    read: readAcks,
  }),
  /** Compression of whole batches. The fuller a batch, the better it compresses. Default `'none'`. */
  compression: option.choice<CompressionName>({
    aliases: ['compressionType', 'compressionCodec'],
    default: 'none',
    choices: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
    doc: 'Compression of whole batches.',
  }),
  /**
   * How long a batch that is not full may wait for more records. Default 0 (Kafka 4: 5): what one turn of the event loop
   * sends goes together anyway, and while requests are in flight the next batch grows, so waiting would only add delay.
   */
  lingerMs: option.integer({
    default: 0,
    min: 0,
    max: maxInt32,
    doc: 'How long a batch that is not full may wait for more records.',
  }),
  /**
   * Size at which a batch is full. Default 128 KiB (Kafka: 16 KiB, because Java sets the whole size aside for every
   * partition; here a batch takes what its records need, so only a busy partition gets large ones).
   */
  batchSize: option.integer({
    default: 131_072,
    min: 0,
    max: maxInt32,
    doc: 'Size in bytes at which a batch is full; a single larger record gets a batch of its own.',
  }),
  /** Largest request, and so the largest record that can be sent. Default 1 MiB. */
  maxRequestSize: option.integer({
    default: 1_048_576,
    min: 256,
    max: maxInt32,
    doc: 'Largest request in bytes, and so the largest record.',
  }),
  /** Bytes of records that may wait for delivery. Default 32 MiB. */
  bufferMemory: option.integer({
    default: 33_554_432,
    min: 1024,
    max: Number.MAX_SAFE_INTEGER,
    doc: 'Bytes of records that may wait for delivery; send then waits and enqueue answers false.',
  }),
  /**
   * Longest time from the call to the broker's confirmation, with all waiting and retrying in between. Default 2 minutes.
   * (Java counts the wait for metadata and memory apart, as `max.block.ms`.)
   */
  deliveryTimeoutMs: option.integer({
    default: 120_000,
    min: 1,
    max: maxInt32,
    doc: 'Longest time from the call to the confirmation, retries included; at least lingerMs + requestTimeoutMs.',
  }),
  /** How often a batch is sent again. Default: as often as `deliveryTimeoutMs` allows. */
  retries: option.integer({
    default: maxInt32,
    min: 0,
    max: maxInt32,
    doc: 'How often a batch is sent again within deliveryTimeoutMs.',
  }),
  /**
   * Whether brokers are enabled to drop repetitions: each record is stored once and in order, also through retries.
   * Default true, or false when `acks`, `retries` or `maxInFlightRequestsPerConnection` rule it out. Needs acks `'all'`,
   * retries and at most 5 requests in flight.
   */
  enableIdempotence: option.value<boolean, boolean | undefined>({
    aliases: ['idempotent'],
    default: undefined,
    doc: 'Whether brokers drop repetitions, so that each record is stored once and in order.',
    expected: 'true or false',
    read: (input) => (typeof input === 'boolean' ? input : undefined),
  }),
  /**
   * Chooses partitions: `'murmur2'` (default: by key as the Java client does, anywhere without a key),
   * `'consistent_random'` (as librdkafka does), `'sticky'` (keys do not matter), `'round-robin'`, or a function.
   */
  partitioner: option.value<PartitionerName | Partitioner, PartitionerName | Partitioner>({
    aliases: ['createPartitioner'],
    default: 'murmur2',
    doc: 'Chooses the partition of records that name none.',
    expected:
      '"murmur2", "consistent_random", "sticky", "round-robin" or a function (record, partitionCount, context) => number | undefined',
    read: readPartitioner,
  }),
  /** Turns keys into bytes: a serde such as `utf8`, `int64` or `json<T>()`, or one of your own. */
  keySerializer: option.value<Serializer<never>, Serializer<never> | undefined>({
    default: undefined,
    doc: 'Turns keys into bytes.',
    expected: 'an object with a function serialize',
    read: readSerializer,
  }),
  /** Turns values into bytes: a serde such as `utf8`, `int64` or `json<T>()`, or one of your own. */
  valueSerializer: option.value<Serializer<never>, Serializer<never> | undefined>({
    default: undefined,
    doc: 'Turns values into bytes.',
    expected: 'an object with a function serialize',
    read: readSerializer,
  }),
} as const

const definition = defineOptions('Producer', table)

/** The names of all options of a producer, those of every client among them. */
export const producerOptionNames: readonly string[] = Object.keys(table)

/** What a producer takes; see each option. */
export interface ProducerOptions<Key = RecordBytes, Value = RecordBytes>
  extends Omit<OptionsInput<typeof table>, 'keySerializer' | 'valueSerializer'> {
  /** Turns keys into bytes: a serde such as `utf8`, `int64` or `json<T>()`, or one of your own. */
  readonly keySerializer?: Serializer<Key> | undefined
  /** Turns values into bytes: a serde such as `utf8`, `int64` or `json<T>()`, or one of your own. */
  readonly valueSerializer?: Serializer<Value> | undefined
}

/** `ProducerOptions`, checked against each other, with all defaults filled in. */
export interface ResolvedProducerOptions
  extends Omit<ReturnType<typeof definition.resolve>, 'enableIdempotence'> {
  readonly enableIdempotence: boolean
}

/** Requests in flight per connection up to which a broker remembers batches, and so can tell repetitions. */
const maxIdempotentInFlight = 5

/**
 * Checks the options of a producer, each alone and together.
 *
 * @throws InvalidArgumentError naming the option, the value and what is expected.
 */
export const resolveProducerOptions = <Key, Value>(
  input: ProducerOptions<Key, Value>,
): ResolvedProducerOptions => {
  const options = definition.resolve(input)
  const { deliveryTimeoutMs, lingerMs, requestTimeoutMs } = options
  if (deliveryTimeoutMs < lingerMs + requestTimeoutMs && input.deliveryTimeoutMs !== undefined) {
    throw new InvalidArgumentError(
      `Producer option deliveryTimeoutMs must be at least lingerMs + requestTimeoutMs ` +
        `(${lingerMs} + ${requestTimeoutMs}), not ${deliveryTimeoutMs}.`,
    )
  }
  return {
    ...options,
    deliveryTimeoutMs: Math.max(deliveryTimeoutMs, lingerMs + requestTimeoutMs),
    enableIdempotence: resolveIdempotence(options),
  }
}

const resolveIdempotence = (options: ReturnType<typeof definition.resolve>): boolean => {
  const { acks, retries, maxInFlightRequestsPerConnection, enableIdempotence } = options
  const against = [
    ...(acks === -1 ? [] : [`acks is ${acks}, not "all"`]),
    ...(retries > 0 ? [] : ['retries is 0']),
    ...(maxInFlightRequestsPerConnection <= maxIdempotentInFlight
      ? []
      : [`maxInFlightRequestsPerConnection is ${maxInFlightRequestsPerConnection}, above 5`]),
  ]
  if (enableIdempotence === true && against.length > 0) {
    throw new InvalidArgumentError(
      `Producer option enableIdempotence cannot be true: ${against.join(', and ')}.`,
    )
  }
  return enableIdempotence ?? against.length === 0
}
