import {
  atLeast,
  between,
  type ConfigDefinition,
  type ConfigType,
  indexByName,
  oneOf,
  configRow as row,
} from './definition.js'
import { groupBrokerConfigTable } from './group-configs.js'
import { listenerConfigTable } from './listener-configs.js'
import { topicConfigs } from './topic-configs.js'

const inheritedUnits: Record<string, readonly [ConfigType, string | null]> = {
  'log.retention.hours': ['int', '168'],
  'log.retention.minutes': ['int', null],
  'log.roll.hours': ['int', '168'],
  'log.roll.jitter.hours': ['int', '0'],
  'log.flush.scheduler.interval.ms': ['long', '9223372036854775807'],
}

/** The broker configs that give topics their defaults; the one with Kafka's default has it, stronger ones are unset. */
const topicDefaults = (): ConfigDefinition[] => {
  const rows: ConfigDefinition[] = []
  for (const topic of topicConfigs.values()) {
    const synonyms = topic.synonyms ?? []
    synonyms.forEach(({ name }, index) => {
      const [type, value] = inheritedUnits[name] ?? [
        topic.type,
        index === synonyms.length - 1 ? topic.default : null,
      ]
      const doc = `The default of the topic config ${topic.name}. ${topic.doc}`
      rows.push({
        name,
        type,
        default: value,
        doc,
        check: inheritedUnits[name] ? undefined : topic.check,
      })
    })
  }
  return rows
}

/**
 * The broker configs of Kafka 4.4 that this broker acts on, with Kafka's defaults:
 * https://kafka.apache.org/documentation/#brokerconfigs
 */
export const brokerConfigTable: readonly ConfigDefinition[] = [
  row(
    'auto.create.topics.enable',
    'boolean',
    'true',
    'Whether asking for the metadata of an unknown topic creates it.',
  ),
  row(
    'broker.rack',
    'string',
    null,
    'The rack of this broker, for consumers that prefer a near replica.',
  ),
  row(
    'default.replication.factor',
    'int',
    '1',
    'Replicas of topics created without a number of them.',
    atLeast(1),
  ),
  row('delete.topic.enable', 'boolean', 'true', 'Whether topics can be deleted.'),
  row(
    'fetch.max.bytes',
    'int',
    '57671680',
    'Most bytes of records in one fetch response; a larger first batch still goes out.',
    atLeast(1024),
  ),
  row(
    'group.initial.rebalance.delay.ms',
    'int',
    '3000',
    'How long the first rebalance of an empty group waits for more members.',
  ),
  row(
    'group.max.session.timeout.ms',
    'int',
    '1800000',
    'Longest session timeout a member may ask for.',
  ),
  row('group.max.size', 'int', '2147483647', 'Most members of a group.', atLeast(1)),
  row(
    'group.min.session.timeout.ms',
    'int',
    '6000',
    'Shortest session timeout a member may ask for.',
  ),
  row(
    'log.cleaner.dedupe.buffer.size',
    'long',
    '134217728',
    'Memory for the keys of one compaction; what has no room waits for the next.',
  ),
  row('log.cleaner.enable', 'boolean', 'true', 'Whether compacted topics are compacted.'),
  row('log.dirs', 'list', null, 'The directory of the logs; unset for a broker in memory.'),
  row(
    'log.flush.offset.checkpoint.interval.ms',
    'int',
    '60000',
    'How often what was written is brought to the device, and noted where a recovery has to begin.',
    atLeast(0),
  ),
  row(
    'log.initial.task.delay.ms',
    'long',
    '30000',
    'How long after the start it is first looked for old segments.',
    atLeast(0),
  ),
  row(
    'log.retention.check.interval.ms',
    'long',
    '300000',
    'How often it is looked for segments that are too old or too much.',
    atLeast(1),
  ),
  row(
    'replica.high.watermark.checkpoint.interval.ms',
    'long',
    '5000',
    'How often high watermarks are saved to disk.',
  ),
  row(
    'max.request.partition.size.limit',
    'int',
    '2000',
    'Most partitions in one DescribeTopicPartitions response.',
    atLeast(1),
  ),
  row(
    'metadata.log.max.record.bytes.between.snapshots',
    'long',
    '20971520',
    'Bytes of metadata records after which a snapshot is written.',
    atLeast(1),
  ),
  row(
    'metadata.log.max.snapshot.interval.ms',
    'long',
    '3600000',
    'How long changed metadata waits for a snapshot at most; 0 is for ever.',
    atLeast(0),
  ),
  row(
    'metadata.log.segment.bytes',
    'int',
    '1073741824',
    'Segment size of the metadata log.',
    atLeast(8_388_608),
  ),
  row(
    'metadata.log.segment.ms',
    'long',
    '604800000',
    'Age at which a segment of the metadata log ends.',
  ),
  row(
    'metadata.max.retention.bytes',
    'long',
    '104857600',
    'Size of metadata log and snapshots above which the oldest go; -1 is no limit.',
  ),
  row(
    'metadata.max.retention.ms',
    'long',
    '604800000',
    'Age at which old snapshots of the metadata go; -1 is for ever.',
  ),
  row('node.id', 'int', null, 'The id of this node, as broker and as controller.', atLeast(0)),
  row(
    'num.partitions',
    'int',
    '1',
    'Partitions of topics created without a number of them.',
    atLeast(1),
  ),
  row('offset.metadata.max.bytes', 'int', '4096', 'Longest metadata text of a committed offset.'),
  row(
    'offsets.commit.timeout.ms',
    'int',
    '5000',
    'How long a commit waits for the other replicas of __consumer_offsets.',
    atLeast(1),
  ),
  row(
    'offsets.retention.check.interval.ms',
    'long',
    '600000',
    'How often committed offsets are looked at for expiry.',
    atLeast(1),
  ),
  row(
    'offsets.retention.minutes',
    'int',
    '10080',
    'How long offsets outlive the last member of their group.',
    atLeast(1),
  ),
  row(
    'offsets.topic.compression.codec',
    'int',
    '0',
    'Codec of __consumer_offsets: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.',
    between(0, 4),
  ),
  row(
    'offsets.topic.num.partitions',
    'int',
    '50',
    'Partitions of __consumer_offsets, when it is created.',
    atLeast(1),
  ),
  row(
    'offsets.topic.replication.factor',
    'short',
    '3',
    'Replicas of __consumer_offsets, when it is created.',
    atLeast(1),
  ),
  row(
    'offsets.topic.segment.bytes',
    'int',
    '104857600',
    'Segment size of __consumer_offsets.',
    atLeast(1),
  ),
  row(
    'process.roles',
    'list',
    null,
    'What this node does: broker and controller in one.',
    oneOf('broker', 'controller'),
  ),
  row(
    'queued.max.request.bytes',
    'long',
    '-1',
    'Bytes of requests and responses waiting on all connections, above which reading stops; -1 is no limit.',
  ),
  row(
    'queued.max.requests',
    'int',
    '500',
    'Requests of one connection waiting for their answer, above which reading from it stops.',
    atLeast(1),
  ),
  row(
    'controller.quota.window.num',
    'int',
    '11',
    'Windows of mutations that a client may use up at once.',
    atLeast(1),
  ),
  row('controller.quota.window.size.seconds', 'int', '1', 'Length of one of those.', atLeast(1)),
  row(
    'quota.window.num',
    'int',
    '11',
    'Samples over which a rate is averaged for client quotas.',
    atLeast(1),
  ),
  row('quota.window.size.seconds', 'int', '1', 'Length of one of those samples.', atLeast(1)),
  row(
    'socket.request.max.bytes',
    'int',
    '104857600',
    'Longest request; a longer one ends its connection.',
    atLeast(1),
  ),
  ...groupBrokerConfigTable,
  ...listenerConfigTable,
  ...topicDefaults(),
].sort((a, b) => (a.name < b.name ? -1 : 1))

/** The same rows by name. */
export const brokerConfigs: ReadonlyMap<string, ConfigDefinition> = indexByName(brokerConfigTable)
