import {
  atLeast,
  between,
  type Complaint,
  type ConfigDefinition,
  type ConfigValue,
  indexByName,
  oneOf,
} from './definition.js'

const maxLong = '9223372036854775807'
const hours = 3_600_000
const minutes = 60_000

const throttledReplicas =
  (name: string) =>
  (value: ConfigValue): Complaint | undefined => {
    const list = value as readonly string[]
    const isAll = list.length === 1 && list[0] === '*'
    if (isAll || list.every((each) => /^\d+:\d+$/.test(each))) return undefined
    const reason = `${name} must be the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...`
    return { value: `[${list.join(', ')}]`, reason }
  }

const gzipLevel = (value: ConfigValue): string | undefined =>
  value === -1 || ((value as number) >= 1 && (value as number) <= 9)
    ? undefined
    : 'Value must be between 1 and 9 or equal to -1'

const same = (name: string) => [{ name }]

/** Every topic config of Kafka 4.4, with its defaults and limits: https://kafka.apache.org/documentation/#topicconfigs */
export const topicConfigTable: readonly ConfigDefinition[] = [
  {
    name: 'cleanup.policy',
    type: 'list',
    default: 'delete',
    check: oneOf('compact', 'delete'),
    synonyms: same('log.cleanup.policy'),
    doc: 'What happens to old segments: delete drops them by time and size, compact keeps the last value of each key, both does both, and an empty list keeps everything.',
  },
  {
    name: 'compression.gzip.level',
    type: 'int',
    default: '-1',
    check: gzipLevel,
    synonyms: same('compression.gzip.level'),
    doc: 'Level at which the broker compresses when compression.type is gzip; -1 is the default of the codec.',
  },
  {
    name: 'compression.lz4.level',
    type: 'int',
    default: '9',
    check: between(1, 17),
    synonyms: same('compression.lz4.level'),
    doc: 'Level at which the broker compresses when compression.type is lz4.',
  },
  {
    name: 'compression.type',
    type: 'string',
    default: 'producer',
    check: oneOf('uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'),
    synonyms: same('compression.type'),
    doc: 'The codec batches are stored with; producer keeps whatever the producer chose.',
  },
  {
    name: 'compression.zstd.level',
    type: 'int',
    default: '3',
    check: between(-131072, 22),
    synonyms: same('compression.zstd.level'),
    doc: 'Level at which the broker compresses when compression.type is zstd.',
  },
  {
    name: 'delete.retention.ms',
    type: 'long',
    default: '86400000',
    check: atLeast(0),
    synonyms: same('log.cleaner.delete.retention.ms'),
    doc: 'How long a compacted topic keeps a tombstone, so that a reader from the start can see the deletion.',
  },
  {
    name: 'errors.deadletterqueue.group.enable',
    type: 'boolean',
    default: 'false',
    doc: 'Whether share groups may write records they cannot process to this topic.',
  },
  {
    name: 'file.delete.delay.ms',
    type: 'long',
    default: '60000',
    check: atLeast(0),
    synonyms: same('log.segment.delete.delay.ms'),
    doc: 'Time between taking a file out of the log and removing it from the disk.',
  },
  {
    name: 'flush.messages',
    type: 'long',
    default: maxLong,
    check: atLeast(1),
    synonyms: same('log.flush.interval.messages'),
    doc: 'Records after which the log is forced to the disk. Replication is the usual way to durability.',
  },
  {
    name: 'flush.ms',
    type: 'long',
    default: maxLong,
    check: atLeast(0),
    synonyms: [{ name: 'log.flush.interval.ms' }, { name: 'log.flush.scheduler.interval.ms' }],
    doc: 'Time after which the log is forced to the disk. Replication is the usual way to durability.',
  },
  {
    name: 'follower.replication.throttled.replicas',
    type: 'list',
    default: '',
    check: throttledReplicas('follower.replication.throttled.replicas'),
    doc: 'Replicas whose fetching is throttled, as partition:broker pairs, or * for all.',
  },
  {
    name: 'index.interval.bytes',
    type: 'int',
    default: '4096',
    check: atLeast(0),
    synonyms: same('log.index.interval.bytes'),
    doc: 'Bytes of log between two entries of the offset index.',
  },
  {
    name: 'leader.replication.throttled.replicas',
    type: 'list',
    default: '',
    check: throttledReplicas('leader.replication.throttled.replicas'),
    doc: 'Replicas whose serving of followers is throttled, as partition:broker pairs, or * for all.',
  },
  {
    name: 'local.retention.bytes',
    type: 'long',
    default: '-2',
    check: atLeast(-2),
    synonyms: same('log.local.retention.bytes'),
    doc: 'With tiered storage: size of the local log before segments go; -2 takes retention.bytes.',
  },
  {
    name: 'local.retention.ms',
    type: 'long',
    default: '-2',
    check: atLeast(-2),
    synonyms: same('log.local.retention.ms'),
    doc: 'With tiered storage: age of local segments before they go; -2 takes retention.ms.',
  },
  {
    name: 'max.compaction.lag.ms',
    type: 'long',
    default: maxLong,
    check: atLeast(1),
    synonyms: same('log.cleaner.max.compaction.lag.ms'),
    doc: 'Longest time a record of a compacted topic may stay uncompacted.',
  },
  {
    name: 'max.decompressed.message.bytes',
    type: 'int',
    default: '2147483639',
    check: between(1, 2147483639),
    synonyms: same('max.decompressed.message.bytes'),
    doc: 'Largest record accepted after decompression.',
  },
  {
    name: 'max.message.bytes',
    type: 'int',
    default: '1048588',
    check: atLeast(0),
    synonyms: same('message.max.bytes'),
    doc: 'Largest record batch accepted, after compression.',
  },
  {
    name: 'message.timestamp.after.max.ms',
    type: 'long',
    default: '3600000',
    check: atLeast(0),
    synonyms: same('log.message.timestamp.after.max.ms'),
    doc: 'How far a create time may lie ahead of the broker’s clock.',
  },
  {
    name: 'message.timestamp.before.max.ms',
    type: 'long',
    default: maxLong,
    check: atLeast(0),
    synonyms: same('log.message.timestamp.before.max.ms'),
    doc: 'How far a create time may lie behind the broker’s clock.',
  },
  {
    name: 'message.timestamp.type',
    type: 'string',
    default: 'CreateTime',
    check: oneOf('CreateTime', 'LogAppendTime'),
    synonyms: same('log.message.timestamp.type'),
    doc: 'Whether a record carries the time its producer set or the time of the append.',
  },
  {
    name: 'min.cleanable.dirty.ratio',
    type: 'double',
    default: '0.5',
    check: between(0, 1),
    synonyms: same('log.cleaner.min.cleanable.ratio'),
    doc: 'Share of uncompacted bytes from which on a log is worth compacting.',
  },
  {
    name: 'min.compaction.lag.ms',
    type: 'long',
    default: '0',
    check: atLeast(0),
    synonyms: same('log.cleaner.min.compaction.lag.ms'),
    doc: 'Shortest time a record of a compacted topic stays uncompacted.',
  },
  {
    name: 'min.insync.replicas',
    type: 'int',
    default: '1',
    check: atLeast(1),
    synonyms: same('min.insync.replicas'),
    doc: 'In-sync replicas that acks=all needs, and below which the high watermark stands still.',
  },
  {
    name: 'preallocate',
    type: 'boolean',
    default: 'false',
    synonyms: same('log.preallocate'),
    doc: 'Whether a new segment’s file gets its full size at once.',
  },
  {
    name: 'remote.copy.lag.bytes',
    type: 'long',
    default: '-1',
    check: atLeast(-1),
    synonyms: same('log.remote.copy.lag.bytes'),
    doc: 'With tiered storage: bytes a segment waits for before it is copied; -1 follows local.retention.bytes.',
  },
  {
    name: 'remote.copy.lag.ms',
    type: 'long',
    default: '0',
    check: atLeast(-1),
    synonyms: same('log.remote.copy.lag.ms'),
    doc: 'With tiered storage: time a segment waits before it is copied; -1 follows local.retention.ms.',
  },
  {
    name: 'remote.log.copy.disable',
    type: 'boolean',
    default: 'false',
    doc: 'With tiered storage: keeps what is in the remote tier readable but copies nothing more.',
  },
  {
    name: 'remote.log.delete.on.disable',
    type: 'boolean',
    default: 'false',
    doc: 'With tiered storage: whether turning it off deletes the remote data.',
  },
  {
    name: 'remote.storage.enable',
    type: 'boolean',
    default: 'false',
    doc: 'Whether segments are copied to a remote tier.',
  },
  {
    name: 'retention.bytes',
    type: 'long',
    default: '-1',
    synonyms: same('log.retention.bytes'),
    doc: 'Size a partition may reach before its oldest segments go, with cleanup.policy delete; -1 is no limit.',
  },
  {
    name: 'retention.ms',
    type: 'long',
    default: '604800000',
    check: atLeast(-1),
    synonyms: [
      { name: 'log.retention.ms' },
      { name: 'log.retention.minutes', factor: minutes },
      { name: 'log.retention.hours', factor: hours },
    ],
    doc: 'Age at which segments go, with cleanup.policy delete; -1 is no limit.',
  },
  {
    name: 'segment.bytes',
    type: 'int',
    default: '1073741824',
    check: atLeast(1048576),
    synonyms: same('log.segment.bytes'),
    doc: 'Size at which a new segment begins.',
  },
  {
    name: 'segment.index.bytes',
    type: 'int',
    default: '10485760',
    check: atLeast(4),
    synonyms: same('log.index.size.max.bytes'),
    doc: 'Size of an offset index at which a new segment begins.',
  },
  {
    name: 'segment.jitter.ms',
    type: 'long',
    default: '0',
    check: atLeast(0),
    synonyms: [{ name: 'log.roll.jitter.ms' }, { name: 'log.roll.jitter.hours', factor: hours }],
    doc: 'Random time taken off segment.ms, so that many logs do not roll at once.',
  },
  {
    name: 'segment.ms',
    type: 'long',
    default: '604800000',
    check: atLeast(1),
    synonyms: [{ name: 'log.roll.ms' }, { name: 'log.roll.hours', factor: hours }],
    doc: 'Age at which a new segment begins even if the old one is small, so that retention can act.',
  },
  {
    name: 'unclean.leader.election.enable',
    type: 'boolean',
    default: 'false',
    synonyms: same('unclean.leader.election.enable'),
    doc: 'Whether a replica outside the ISR may become leader when no other is left, at the price of lost records.',
  },
]

/** The same rows by name. */
export const topicConfigs: ReadonlyMap<string, ConfigDefinition> = indexByName(topicConfigTable)
