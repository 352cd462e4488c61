import {
  AlterPartitionReassignments,
  DeleteTopics,
  ElectLeaders,
  ListPartitionReassignments,
  UpdateFeatures,
} from '@ottla/protocol'
import type { Exchange } from './dialogue.js'
import { create, grow } from './dialogue-requests.js'

const name = 'late'
const none = { timeoutMs: 0 }
const below = { timeoutMs: -1 }

const elect = (
  title: string,
  timeoutMs: number,
  partitions: number[] | null,
  electionType = 0,
): Exchange => ({
  title,
  api: ElectLeaders,
  version: 2,
  body: {
    electionType,
    topicPartitions: partitions && [{ topic: name, partitions }],
    timeoutMs,
  },
})

const reassign = (title: string, timeoutMs: number, partitions: readonly number[]): Exchange => ({
  title,
  api: AlterPartitionReassignments,
  version: 1,
  body: {
    timeoutMs,
    allowReplicationFactorChange: true,
    topics: [
      { name, partitions: partitions.map((partitionIndex) => ({ partitionIndex, replicas: [1] })) },
    ],
  },
})

const remove = (title: string, timeoutMs: number, ...names: readonly string[]): Exchange => ({
  title,
  api: DeleteTopics,
  version: 5,
  body: { topicNames: names, timeoutMs },
})

const update = (title: string, timeoutMs: number): Exchange => ({
  title,
  api: UpdateFeatures,
  version: 1,
  body: {
    timeoutMs,
    featureUpdates: [{ feature: 'no.such.feature', maxVersionLevel: 1, upgradeType: 1 }],
    validateOnly: true,
  },
})

/** Requests that leave the controller no time: it does nothing of what they ask for. */
export const deadlineDialogue: readonly Exchange[] = [
  create('a topic without time', [{ name }], none),
  create('a topic with less', [{ name }], below),
  create('a topic, only asked', [{ name }], { ...none, validateOnly: true }),
  create('a topic twice without time', [{ name }, { name }], none),
  create('a topic twice and another', [{ name }, { name }, { name: 'later' }], none),
  create('the metadata without time', [{ name: '__cluster_metadata' }], none),
  create('no topic without time', [], none),
  create('a bad name without time', [{ name: 'a b' }], none),
  create('was not there', [{ name }]),
  create('is there, without time', [{ name }], none),
  grow('more without time', [[name, 2]], null, none),
  grow('more with less', [[name, 2]], null, below),
  grow(
    'more twice',
    [
      [name, 2],
      [name, 3],
      ['nosuch', 2],
    ],
    null,
    none,
  ),
  grow(
    'only twice',
    [
      [name, 2],
      [name, 3],
    ],
    null,
    none,
  ),
  grow('nothing more', [], null, none),
  elect('a leader without time', 0, [0]),
  elect('a leader with less', -1, [0]),
  elect('leaders of all', 0, null),
  elect('a leader of no kind', 0, [0], 9),
  elect('no leader', 0, []),
  reassign('elsewhere without time', 0, [0]),
  reassign('elsewhere with less', -1, [0, 1]),
  reassign('nothing elsewhere', 0, []),
  {
    title: 'what is on its way',
    api: ListPartitionReassignments,
    version: 0,
    body: { topics: null, timeoutMs: 0 },
  },
  {
    title: 'what of the topic is on its way',
    api: ListPartitionReassignments,
    version: 0,
    body: { topics: [{ name, partitionIndexes: [0] }], timeoutMs: -1 },
  },
  update('a feature without time', 0),
  remove('no topic any more', 0, name),
  remove('no topic any more, with less', -1, name, 'nosuch'),
  remove('no topics', 0),
  remove('twice', 0, name, name),
  remove('the topic, with time', 10_000, name),
]
