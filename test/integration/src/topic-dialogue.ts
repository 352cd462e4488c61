import {
  AlterPartitionReassignments,
  DeleteTopics,
  DescribeLogDirs,
  DescribeProducers,
  DescribeQuorum,
  ElectLeaders,
  ListOffsets,
  ListPartitionReassignments,
  Metadata,
  ZERO_UUID,
} from '@ottla/protocol'
import type { Exchange } from './dialogue.js'
import {
  assigned,
  create,
  deleteBefore,
  epochEnds,
  grow,
  produce,
  withConfigs,
} from './dialogue-requests.js'

const unknownId = '11111111-1111-1111-1111-111111111111'

const creation: readonly Exchange[] = [
  create('create topics', [{ name: 'one' }, { name: 'a.two', numPartitions: 3 }]),
  create(
    'names that cannot be',
    ['one', 'a_two', 'a b', '', '..', 'x'.repeat(250), 'twice', 'twice', '__cluster_metadata'].map(
      (name) => ({ name }),
    ),
    { validateOnly: true },
  ),
  create(
    'numbers that cannot be',
    [
      { name: 'two-replicas', replicationFactor: 2 },
      { name: 'no-replica', replicationFactor: 0 },
      { name: 'no-partition', numPartitions: 0 },
      { name: 'less-than-none', numPartitions: -2 },
      { name: 'defaults', numPartitions: -1, replicationFactor: -1 },
    ],
    { validateOnly: true },
  ),
  create(
    'configs that cannot be',
    [
      withConfigs('unknown', { nope: '1' }),
      withConfigs('no-number', { 'retention.ms': 'abc' }),
      withConfigs('null', { 'retention.ms': null }),
      withConfigs('no-policy', { 'cleanup.policy': 'foo' }),
      withConfigs('too-small', { 'segment.bytes': '3' }),
      withConfigs('conflict', { 'min.compaction.lag.ms': '10', 'max.compaction.lag.ms': '5' }),
      withConfigs('tiered', { 'remote.storage.enable': 'true' }),
      withConfigs('codec', { 'compression.type': 'lzma' }),
      withConfigs('both-policies', { 'cleanup.policy': 'compact,delete' }),
    ],
    { validateOnly: true },
  ),
  create(
    'assignments that cannot be',
    [
      assigned('nobody', []),
      assigned('stranger', [9]),
      assigned('doubled', [1, 1]),
      { ...assigned('counted', [1]), numPartitions: 1 },
      { ...assigned('gap'), assignments: [{ partitionIndex: 1, brokerIds: [1] }] },
      assigned('fine', [1], [1]),
    ],
    { validateOnly: true },
  ),
  create('two that differ in a dot, at once', [{ name: 'b.a' }, { name: 'b_a' }]),
  create('policies', [
    withConfigs('compacted', { 'cleanup.policy': 'compact' }),
    withConfigs('kept', { 'cleanup.policy': '' }),
  ]),
]

const growth: readonly Exchange[] = [
  grow('more partitions', [['one', 3]]),
  grow('counts that cannot be', [
    ['one', 3],
    ['a.two', 2],
    ['unknown', 2],
    ['b.a', 0],
    ['twice', 2],
    ['twice', 3],
  ]),
  grow('too few assignments', [['one', 5]], [[1]]),
  grow('assigned to a stranger', [['one', 4]], [[7]]),
  grow('assigned to nobody', [['one', 4]], [[]]),
  grow('assigned twice', [['one', 4]], [[1, 1]]),
  grow('only asked', [['one', 4]], null, { validateOnly: true }),
  grow('assigned', [['one', 4]], [[1]]),
  grow('too many', [['one', 20_000]]),
  {
    title: 'metadata',
    api: Metadata,
    version: 9,
    body: {
      topics: ['one', 'a b', 'nosuch', 'a_two', ''].map((name) => ({ name })),
      allowAutoTopicCreation: false,
      includeTopicAuthorizedOperations: true,
    },
  },
  {
    title: 'metadata that would create',
    api: Metadata,
    version: 9,
    body: { topics: [{ name: 'a_two' }, { name: 'a b' }], allowAutoTopicCreation: true },
  },
]

const records: readonly Exchange[] = [
  produce('produce', 'one', 'a', 'b', 'c', 'd', 'e'),
  deleteBefore('delete records', [
    ['one', [0, 2n], [1, 0n], [2, -1n], [0, 3n]],
    ['nosuch', [0, 1n]],
  ]),
  deleteBefore('offsets that cannot be', [['one', [0, 100n], [1, -2n], [9, 1n], [2, 5n]]]),
  deleteBefore('lower than the start', [['one', [0, 1n]]]),
  deleteBefore('by policy', [
    ['compacted', [0, 0n]],
    ['kept', [0, 0n]],
  ]),
  deleteBefore('of the metadata', [['__cluster_metadata', [0, 0n]]]),
  deleteBefore('delete all', [['one', [0, -1n]]]),
  {
    title: 'the earliest offset',
    api: ListOffsets,
    version: 7,
    body: {
      replicaId: -1,
      topics: [
        {
          name: 'one',
          partitions: [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp: -2n }],
        },
      ],
    },
  },
  epochEnds('epochs', [
    ['one', [0, 0], [0, 1], [1, -1], [2, 5], [9, 0]],
    ['nosuch', [0, 0]],
  ]),
  epochEnds('epochs in the wrong epoch', [['one', [0, 0, 0], [0, 0, 5]]]),
  {
    title: 'log directories',
    api: DescribeLogDirs,
    version: 4,
    body: {
      topics: [
        { topic: 'one', partitions: [0, 1] },
        { topic: 'nosuch', partitions: [0] },
      ],
    },
  },
  {
    title: 'producers',
    api: DescribeProducers,
    version: 0,
    body: {
      topics: [
        { name: 'one', partitionIndexes: [0, 9] },
        { name: 'nosuch', partitionIndexes: [0] },
        { name: 'a b', partitionIndexes: [0] },
      ],
    },
  },
]

const quorum = (title: string, topicName: string, ...indexes: readonly number[]): Exchange => ({
  title,
  api: DescribeQuorum,
  version: 2,
  // Where the two stand in their own metadata logs, and whether they have a listener for controllers.
  ignored: ['highWatermark', 'logEndOffset', 'leaderEpoch', 'listeners'],
  body: {
    topics: [{ topicName, partitions: indexes.map((partitionIndex) => ({ partitionIndex })) }],
  },
})

const elect = (title: string, electionType: number, topicPartitions: unknown): Exchange => ({
  title,
  api: ElectLeaders,
  version: 2,
  body: { electionType, topicPartitions, timeoutMs: 5_000 },
})

const leaders: readonly Exchange[] = [
  quorum('the quorum', '__cluster_metadata', 0),
  quorum('the quorum of a topic', 'one', 0),
  elect('elect the preferred', 0, [
    { topic: 'one', partitions: [0, 9] },
    { topic: 'nosuch', partitions: [0] },
  ]),
  elect('elect anybody', 1, [{ topic: 'one', partitions: [0] }]),
  elect('elect somehow', 5, [{ topic: 'one', partitions: [0] }]),
  {
    title: 'reassign',
    api: AlterPartitionReassignments,
    version: 0,
    body: {
      timeoutMs: 5_000,
      topics: [
        {
          name: 'one',
          partitions: [[1], [3], null, []].map((replicas, partitionIndex) => ({
            partitionIndex,
            replicas,
          })),
        },
        { name: 'nosuch', partitions: [{ partitionIndex: 0, replicas: [1] }] },
      ],
    },
  },
  {
    title: 'reassignments',
    api: ListPartitionReassignments,
    version: 0,
    body: { timeoutMs: 5_000, topics: null },
  },
]

const deletion: readonly Exchange[] = [
  {
    title: 'delete topics by name',
    api: DeleteTopics,
    version: 5,
    body: { topicNames: ['one', 'nosuch', 'a.two', 'a.two'], timeoutMs: 5_000 },
  },
  {
    title: 'delete topics by name and id',
    api: DeleteTopics,
    version: 6,
    body: {
      topics: [
        { name: 'a.two', topicId: ZERO_UUID },
        { name: null, topicId: ZERO_UUID },
        { name: null, topicId: unknownId },
      ],
      timeoutMs: 5_000,
    },
  },
]

/** Topics, partitions, records and leaders, from their creation to their end. */
export const topicDialogue: readonly Exchange[] = [
  ...creation,
  ...growth,
  ...records,
  ...leaders,
  ...deletion,
]
