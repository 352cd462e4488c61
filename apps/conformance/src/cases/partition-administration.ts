import {
  AlterPartitionReassignments,
  CreateTopics,
  DescribeLogDirs,
  ElectLeaders,
  ErrorCode,
  ListPartitionReassignments,
  Metadata,
  Produce,
} from '@ottla/protocol'
import { atLeast, containing, nonEmpty, noneOf } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import { createTopic, produce, values } from '../steps/index.js'

const KIP_455 = 'KIP-455: Create an Administrative API for Replica Reassignment'
const KIP_460 = 'KIP-460: Admin Leader Election RPC'
const KIP_113 = 'KIP-113: Support replicas movement between log directories'
const NOBODY = 987_654
const unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION

const sizeIn = (answer: { results: readonly DirOfTopics[] }, name: string) =>
  answer.results.flatMap((dir) => dir.topics).find((topic) => topic.name === name)?.partitions[0]

interface DirOfTopics {
  readonly topics: readonly {
    readonly name: string
    readonly partitions: readonly { readonly partitionSize: bigint }[]
  }[]
}

/** Rules of DescribeLogDirs. */
const logDirRules: readonly Rule[] = [
  rule({
    id: 'describe-log-dirs.partition',
    says: 'A partition that was written to is in a directory with a name, without lag.',
    source: KIP_113,
    apis: [DescribeLogDirs, CreateTopics, Produce],
    topic: 'administration',
    run: async (t) => {
      const topic = await createTopic(t)
      await produce(t, topic, values('a', 'b'))
      const leader = await t.leader(topic.name)
      const topics = [{ topic: topic.name, partitions: [0] }]
      const partition = {
        partitionIndex: 0,
        partitionSize: atLeast(0n),
        offsetLag: 0n,
        isFutureKey: false,
      }
      const answer = await t.until('the partition', async () => {
        const found = await leader.ask(DescribeLogDirs, { topics })
        return sizeIn(found, topic.name) !== undefined && found
      })
      t.expect(answer, {
        throttleTimeMs: 0,
        errorCode: ErrorCode.NONE,
        results: containing({
          errorCode: ErrorCode.NONE,
          logDir: nonEmpty,
          topics: [{ name: topic.name, partitions: [partition] }],
          totalBytes: noneOf(0n),
        }),
      })
    },
  }),
  rule({
    id: 'describe-log-dirs.null-means-all',
    says: 'Null asks for all partitions.',
    source: KIP_113,
    apis: [DescribeLogDirs, CreateTopics],
    topic: 'boundaries',
    run: async (t) => {
      const { name } = await createTopic(t)
      const leader = await t.leader(name)
      const answer = await t.until(name, async () => {
        const found = await leader.ask(DescribeLogDirs, { topics: null })
        return sizeIn(found, name) !== undefined && found
      })
      t.expect(answer, {
        results: containing({ topics: containing({ name, partitions: [{ partitionIndex: 0 }] }) }),
      })
    },
  }),
  rule({
    id: 'describe-log-dirs.unknown-topic',
    says: 'A topic that does not exist is in no directory, without error.',
    source: KIP_113,
    apis: [DescribeLogDirs],
    topic: 'boundaries',
    run: async (t) => {
      const topics = [{ topic: t.name('topic'), partitions: [0] }]
      t.expect(await t.client.ask(DescribeLogDirs, { topics }), {
        errorCode: ErrorCode.NONE,
        results: containing({ errorCode: ErrorCode.NONE, topics: [] }),
      })
    },
  }),
]

const electRequest = (t: RuleContext, name: string, partition: number, electionType: number) => ({
  electionType,
  topicPartitions: [{ topic: name, partitions: [partition] }],
  timeoutMs: t.deadlineMs,
})

const elections: readonly (readonly [
  id: string,
  what: string,
  type: number,
  partition: number,
  error: number,
])[] = [
  ['preferred', 'The preferred leader where it leads already', 0, 0, ErrorCode.ELECTION_NOT_NEEDED],
  ['unclean', 'An unclean election where there is a leader', 1, 0, ErrorCode.ELECTION_NOT_NEEDED],
  ['unknown-partition', 'A partition that does not exist', 0, 7, unknown],
]

/** Rules of ElectLeaders. */
const electLeadersRules: readonly Rule[] = [
  ...elections.map(([id, what, type, partitionId, errorCode]) =>
    rule({
      id: `elect-leaders.${id}`,
      says: `${what} is answered with an error of its own.`,
      source: KIP_460,
      apis: [ElectLeaders, CreateTopics],
      topic: 'errors',
      versions: { min: 1 },
      run: async (t) => {
        const { name } = await createTopic(t)
        const request = electRequest(t, name, partitionId, type)
        t.expect(await t.client.ask(ElectLeaders, request), {
          throttleTimeMs: 0,
          errorCode: ErrorCode.NONE,
          replicaElectionResults: [{ topic: name, partitionResult: [{ partitionId, errorCode }] }],
        })
      },
    }),
  ),
  rule({
    id: 'elect-leaders.unknown-topic',
    says: 'A topic that does not exist is answered with UNKNOWN_TOPIC_OR_PARTITION.',
    source: KIP_460,
    apis: [ElectLeaders],
    topic: 'errors',
    run: async (t) => {
      const topic = t.name('topic')
      t.expect(await t.client.ask(ElectLeaders, electRequest(t, topic, 0, 0)), {
        replicaElectionResults: [
          {
            topic,
            partitionResult: [{ partitionId: 0, errorCode: unknown, errorMessage: nonEmpty }],
          },
        ],
      })
    },
  }),
]

const reassign = (
  t: RuleContext,
  name: string,
  partitionIndex: number,
  replicas: number[] | null,
) =>
  t.client.ask(AlterPartitionReassignments, {
    timeoutMs: t.deadlineMs,
    topics: [{ name, partitions: [{ partitionIndex, replicas }] }],
  })

const reassignments: readonly (readonly [
  id: string,
  what: string,
  partition: number,
  replicas: number[] | null,
  error: number,
])[] = [
  [
    'nothing-to-cancel',
    'Cancelling where nothing is under way',
    0,
    null,
    ErrorCode.NO_REASSIGNMENT_IN_PROGRESS,
  ],
  ['to-nobody', 'A broker that is not there', 0, [NOBODY], ErrorCode.INVALID_REPLICA_ASSIGNMENT],
  ['to-no-replicas', 'An empty list of replicas', 0, [], ErrorCode.INVALID_REPLICA_ASSIGNMENT],
  [
    'to-broker-twice',
    'A broker named twice',
    0,
    [NOBODY, NOBODY],
    ErrorCode.INVALID_REPLICA_ASSIGNMENT,
  ],
  ['to-negative-broker', 'A negative broker', 0, [-1], ErrorCode.INVALID_REPLICA_ASSIGNMENT],
  ['unknown-partition', 'A partition that does not exist', 7, null, unknown],
]

/** Rules of AlterPartitionReassignments and ListPartitionReassignments. */
const reassignmentRules: readonly Rule[] = [
  ...reassignments.map(([id, what, partitionIndex, replicas, errorCode]) =>
    rule({
      id: `alter-partition-reassignments.${id}`,
      says: `${what} is refused.`,
      source: KIP_455,
      apis: [AlterPartitionReassignments, CreateTopics],
      topic: 'errors',
      run: async (t) => {
        const { name } = await createTopic(t)
        t.expect(await reassign(t, name, partitionIndex, replicas), {
          errorCode: ErrorCode.NONE,
          responses: [{ name, partitions: [{ partitionIndex, errorCode }] }],
        })
      },
    }),
  ),
  rule({
    id: 'alter-partition-reassignments.unknown-topic',
    says: 'A topic that does not exist is refused with UNKNOWN_TOPIC_OR_PARTITION.',
    source: KIP_455,
    apis: [AlterPartitionReassignments],
    topic: 'errors',
    run: async (t) => {
      const name = t.name('topic')
      t.expect(await reassign(t, name, 0, [1]), {
        responses: [{ name, partitions: [{ partitionIndex: 0, errorCode: unknown }] }],
      })
    },
  }),
  rule({
    id: 'alter-partition-reassignments.to-where-it-is',
    says: 'A reassignment to the replicas that there are is done at once.',
    source: KIP_455,
    apis: [AlterPartitionReassignments, CreateTopics, Metadata, ListPartitionReassignments],
    topic: 'administration',
    run: async (t) => {
      const { name } = await createTopic(t)
      const request = { topics: [{ name }], allowAutoTopicCreation: false }
      const { topics } = await t.client.ask(Metadata, request)
      const replicas = topics[0]?.partitions[0]?.replicaNodes ?? []
      t.expect(await reassign(t, name, 0, [...replicas]), {
        responses: [{ name, partitions: [{ partitionIndex: 0, errorCode: ErrorCode.NONE }] }],
      })
      const wanted = { topics: [{ name, partitionIndexes: [0] }], timeoutMs: t.deadlineMs }
      const list = await t.client.ask(ListPartitionReassignments, wanted)
      t.equal(list.topics.length, 0, 'number of topics with reassignments')
    },
  }),
  ...['existing', 'unknown'].map((what) =>
    rule({
      id: `list-partition-reassignments.${what}-topic`,
      says: `Of an ${what} topic nothing is listed, without error.`,
      source: KIP_455,
      apis: [ListPartitionReassignments, CreateTopics],
      topic: 'administration',
      run: async (t) => {
        const name = what === 'existing' ? (await createTopic(t)).name : t.name('topic')
        const topics = [{ name, partitionIndexes: [0] }]
        t.expect(await t.client.ask(ListPartitionReassignments, { topics, timeoutMs: 1000 }), {
          throttleTimeMs: 0,
          errorCode: ErrorCode.NONE,
          errorMessage: null,
          topics: [],
        })
      },
    }),
  ),
]

/** Rules of the APIs that say where partitions are and move them. */
export const rules: readonly Rule[] = [...logDirRules, ...electLeadersRules, ...reassignmentRules]
