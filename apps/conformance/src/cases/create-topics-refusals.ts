import { type CreateTopicsRequestInput, ErrorCode } from '@ottla/protocol'

type NewTopic = CreateTopicsRequestInput['topics'][number]

const NOBODY = 987_654

/** What a topic with these replicas asks for. */
export const assigned = (
  ...brokerIds: readonly (readonly number[])[]
): Omit<NewTopic, 'name' | 'configs'> => ({
  numPartitions: -1,
  replicationFactor: -1,
  assignments: brokerIds.map((ids, partitionIndex) => ({ partitionIndex, brokerIds: [...ids] })),
})

/** What a topic is asked for beside its name; `node` is the id of a broker that exists. */
type Wish = (node: number) => Partial<NewTopic>

/** What is refused as a whole. */
export const refusals: readonly (readonly [id: string, what: string, error: number, wish: Wish])[] =
  [
    ['no-partitions', 'no partition', ErrorCode.INVALID_PARTITIONS, () => ({ numPartitions: 0 })],
    [
      'negative-partitions',
      '-2 partitions',
      ErrorCode.INVALID_PARTITIONS,
      () => ({ numPartitions: -2 }),
    ],
    [
      'no-replicas',
      'replication factor 0',
      ErrorCode.INVALID_REPLICATION_FACTOR,
      () => ({ replicationFactor: 0 }),
    ],
    [
      'negative-replicas',
      'replication factor -2',
      ErrorCode.INVALID_REPLICATION_FACTOR,
      () => ({ replicationFactor: -2 }),
    ],
    [
      'too-many-replicas',
      'more replicas than there are brokers',
      ErrorCode.INVALID_REPLICATION_FACTOR,
      () => ({ replicationFactor: 1000 }),
    ],
    [
      'assignment-and-partitions',
      'a number of partitions beside an assignment',
      ErrorCode.INVALID_REQUEST,
      (node) => ({ ...assigned([node]), numPartitions: 1 }),
    ],
    [
      'assignment-and-replicas',
      'a replication factor beside an assignment',
      ErrorCode.INVALID_REQUEST,
      (node) => ({ ...assigned([node]), replicationFactor: 1 }),
    ],
    [
      'assignment-to-nobody',
      'a replica on a broker that is not there',
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      () => assigned([NOBODY]),
    ],
    [
      'assignment-twice-on-a-broker',
      'two replicas on one broker',
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      (node) => assigned([node, node]),
    ],
    [
      'assignment-empty',
      'a partition without replicas',
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      () => assigned([]),
    ],
    [
      'assignment-uneven',
      'partitions with unlike numbers of replicas',
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      (node) => assigned([node], [node, NOBODY]),
    ],
    [
      'assignment-with-gap',
      'partitions 0 and 2 without 1',
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      (node) => ({
        ...assigned([node]),
        assignments: [0, 2].map((partitionIndex) => ({ partitionIndex, brokerIds: [node] })),
      }),
    ],
    [
      'assignment-of-partition-twice',
      'partition 0 assigned twice',
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      (node) => ({
        ...assigned([node]),
        assignments: [0, 0].map((partitionIndex) => ({ partitionIndex, brokerIds: [node] })),
      }),
    ],
    [
      'unknown-config',
      'a config that no topic has',
      ErrorCode.INVALID_CONFIG,
      () => ({ configs: [{ name: 'no.such.config', value: '1' }] }),
    ],
    [
      'null-config',
      'a config with the value null',
      ErrorCode.INVALID_CONFIG,
      () => ({ configs: [{ name: 'retention.ms', value: null }] }),
    ],
  ]

/** Values that configs of a topic cannot have. */
export const badConfigs: readonly (readonly [name: string, value: string])[] = [
  ['cleanup.policy', 'shred'],
  ['compression.type', 'arj'],
  ['max.message.bytes', '-1'],
  ['min.insync.replicas', '0'],
  ['min.cleanable.dirty.ratio', '1.1'],
  ['retention.ms', '-2'],
  ['retention.ms', 'a week'],
  ['segment.bytes', '13'],
  ['message.timestamp.type', 'Never'],
  ['unclean.leader.election.enable', 'perhaps'],
  ['retention.bytes', '9223372036854775808'],
]
