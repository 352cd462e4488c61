import {
  AlterPartitionReassignments,
  CreateTopics,
  DeleteRecords,
  DescribeProducers,
  ElectLeaders,
  ErrorCode,
  encodeRecordBatch,
  Fetch,
  ListOffsets,
  Metadata,
  OffsetForLeaderEpoch,
  Produce,
} from '@ottla/protocol'
import { atLeast, inAnyOrder, nonEmpty } from '../match/index.js'
import { documents } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  changeLeader,
  connectTo,
  createReplicated,
  endOfEpoch,
  fetched,
  fetchRequest,
  listOffsetsOf,
  newest,
  nodesOf,
  partitionOf,
  produce,
  produced,
  produceRequest,
  reassign,
  untilLedBy,
  values,
  valuesIn,
} from '../steps/index.js'

const KIP_320 = 'KIP-320: Allow fetchers to detect and handle log truncation'
const KIP_455 = 'KIP-455: Create an Administrative API for Replica Reassignment'
const KIP_460 = 'KIP-460: Admin Leader Election RPC'
const KIP_951 = 'KIP-951: Leader discovery optimisations for the client'

const { NONE, NOT_LEADER_OR_FOLLOWER } = ErrorCode

const THREE = { needs: ['three-nodes'] } as const satisfies Partial<Rule>

const batch = encodeRecordBatch({ records: values('a') })

/** A topic of one replica, and a broker that has none. */
async function elsewhere(t: RuleContext) {
  const [leader, other] = await nodesOf(t)
  if (leader === undefined || other === undefined) throw new Error('there is one broker only')
  const topic = await createReplicated(t, [leader.nodeId])
  const client = await connectTo(t, other.nodeId)
  await t.until('the other broker to know the topic', () => partitionOf(t, topic, client))
  return { topic, leader, client }
}

/** Rules of who leads. */
const leading: readonly Rule[] = [
  rule({
    ...THREE,
    id: 'metadata.new-leader',
    says: 'When another replica leads, metadata names it, with an epoch one higher; replicas stay.',
    source: KIP_320,
    apis: [Metadata, ElectLeaders, AlterPartitionReassignments],
    topic: 'metadata',
    versions: { min: 7 },
    run: async (t) => {
      const { topic, from, to, old, leader } = await changeLeader(t)
      const ids = (await nodesOf(t)).map(({ nodeId }) => nodeId)
      const request = { topics: [{ name: topic.name }], allowAutoTopicCreation: false }
      const answer = await t.until('all replicas to be in sync', async () => {
        const found = await leader.ask(Metadata, request)
        return found.topics[0]?.partitions[0]?.isrNodes.length === ids.length && found
      })
      t.expect(answer, {
        topics: [
          {
            errorCode: NONE,
            name: topic.name,
            partitions: [
              {
                errorCode: NONE,
                partitionIndex: 0,
                leaderId: to,
                leaderEpoch: old + 1,
                replicaNodes: [to, from, ...ids.filter((id) => id !== to && id !== from)],
                isrNodes: inAnyOrder(...ids),
                offlineReplicas: [],
              },
            ],
          },
        ],
      })
    },
  }),
  rule({
    ...THREE,
    id: 'create-topics.replicated',
    says: 'A topic of three replicas has one on each of three brokers, all in sync.',
    source: 'KIP-4: Command line and centralized administrative operations, CreateTopics Request',
    apis: [CreateTopics, Metadata],
    topic: 'administration',
    versions: { min: 2 },
    run: async (t) => {
      const ids = (await nodesOf(t)).map(({ nodeId }) => nodeId)
      const name = t.name('topic')
      const place = { name, numPartitions: 3, replicationFactor: 3, assignments: [], configs: [] }
      const request = { topics: [place], timeoutMs: t.deadlineMs, validateOnly: false }
      t.expect(await t.client.ask(CreateTopics, request), { topics: [{ name, errorCode: NONE }] })
      const asked = { topics: [{ name }], allowAutoTopicCreation: false }
      const answer = await t.until('all replicas to be in sync', async () => {
        const found = await t.client.ask(Metadata, asked)
        const partitions = found.topics[0]?.partitions ?? []
        return (
          partitions.length === 3 && partitions.every((one) => one.isrNodes.length === 3) && found
        )
      })
      const replicas = { errorCode: NONE, replicaNodes: inAnyOrder(...ids) }
      t.expect(answer, { topics: [{ name, partitions: [replicas, replicas, replicas] }] })
    },
  }),
  rule({
    ...THREE,
    id: 'create-topics.more-replicas-than-brokers',
    says: 'More replicas than brokers are refused with INVALID_REPLICATION_FACTOR.',
    source: 'KIP-4: Command line and centralized administrative operations, CreateTopics Request',
    apis: [CreateTopics],
    topic: 'errors',
    run: async (t) => {
      const name = t.name('topic')
      const place = { name, numPartitions: 1, replicationFactor: 4, assignments: [], configs: [] }
      const request = { topics: [place], timeoutMs: t.deadlineMs, validateOnly: true }
      const errorCode = ErrorCode.INVALID_REPLICATION_FACTOR
      t.expect(await t.client.ask(CreateTopics, request), { topics: [{ name, errorCode }] })
    },
  }),
  rule({
    ...THREE,
    id: 'elect-leaders.another',
    says: 'An election of the preferred replica where another leads makes it the leader, without error.',
    source: KIP_460,
    apis: [ElectLeaders, AlterPartitionReassignments],
    topic: 'administration',
    versions: { min: 1 },
    run: async (t) => {
      const ids = (await nodesOf(t)).map(({ nodeId }) => nodeId)
      const [first = -1, second = -1, third = -1] = ids
      const topic = await createReplicated(t, ids)
      await reassign(t, topic, [third, second, first])
      const topicPartitions = [{ topic: topic.name, partitions: [0] }]
      const request = { electionType: 0, topicPartitions, timeoutMs: t.deadlineMs }
      t.expect(await t.client.ask(ElectLeaders, request), {
        errorCode: NONE,
        replicaElectionResults: [
          { topic: topic.name, partitionResult: [{ partitionId: 0, errorCode: NONE }] },
        ],
      })
      await untilLedBy(t, topic, third, 3)
      const again = await t.client.ask(ElectLeaders, request)
      const errorCode = ErrorCode.ELECTION_NOT_NEEDED
      const partitionResult = [{ partitionId: 0, errorCode, errorMessage: nonEmpty }]
      t.expect(again, { replicaElectionResults: [{ topic: topic.name, partitionResult }] })
    },
  }),
  rule({
    ...THREE,
    id: 'alter-partition-reassignments.moves',
    says: 'A partition moves to another broker with its records, under a higher epoch.',
    source: KIP_455,
    apis: [AlterPartitionReassignments, Metadata, Fetch],
    topic: 'administration',
    run: async (t) => {
      const [from = -1, to = -1] = (await nodesOf(t)).map(({ nodeId }) => nodeId)
      const topic = await createReplicated(t, [from])
      await produce(t, topic, values('a', 'b'))
      const partitions = [{ partitionIndex: 0, replicas: [to] }]
      const request = { topics: [{ name: topic.name, partitions }], timeoutMs: t.deadlineMs }
      const answer = await t.client.ask(AlterPartitionReassignments, request)
      t.expect(answer, {
        throttleTimeMs: 0,
        errorCode: NONE,
        responses: [{ name: topic.name, partitions: [{ partitionIndex: 0, errorCode: NONE }] }],
      })
      const after = await t.until('the end of the move', async () => {
        const found = await partitionOf(t, topic)
        return found?.replicaNodes.length === 1 && found.leaderId === to && found
      })
      const leaderEpoch = atLeast(1)
      t.expect(after, { leaderId: to, leaderEpoch, replicaNodes: [to], isrNodes: [to] })
      await untilLedBy(t, topic, to, 1)
      const leader = await connectTo(t, to)
      const read = await leader.ask(Fetch, fetchRequest(topic), newest(t, Fetch))
      t.equal(valuesIn(read), ['a', 'b'], 'records')
    },
  }),
  rule({
    ...THREE,
    id: 'alter-partition-reassignments.more-replicas',
    says: 'A partition may be given more replicas; they come into sync.',
    source: KIP_455,
    apis: [AlterPartitionReassignments, Metadata],
    topic: 'administration',
    versions: 'newest',
    run: async (t) => {
      const ids = (await nodesOf(t)).map(({ nodeId }) => nodeId)
      const topic = await createReplicated(t, ids.slice(0, 1))
      await produce(t, topic, values('a'))
      await reassign(t, topic, ids)
      const after = await t.until('three replicas in sync', async () => {
        const found = await partitionOf(t, topic)
        return found?.isrNodes.length === 3 && found
      })
      t.expect(after, { errorCode: NONE, replicaNodes: ids, isrNodes: inAnyOrder(...ids) })
    },
  }),
  rule({
    ...THREE,
    id: 'alter-partition-reassignments.replication-factor-kept',
    says: 'Where the replication factor may not change, a reassignment to more replicas is refused with INVALID_REPLICATION_FACTOR.',
    source:
      'KIP-860: Add client-provided option to guard against replication factor change during partition reassignments',
    apis: [AlterPartitionReassignments],
    topic: 'errors',
    versions: { min: 1 },
    run: async (t) => {
      const ids = (await nodesOf(t)).map(({ nodeId }) => nodeId)
      const topic = await createReplicated(t, ids.slice(0, 1))
      const partitions = [{ partitionIndex: 0, replicas: ids }]
      const topics = [{ name: topic.name, partitions }]
      const request = { topics, timeoutMs: t.deadlineMs, allowReplicationFactorChange: false }
      const errorCode = ErrorCode.INVALID_REPLICATION_FACTOR
      t.expect(await t.client.ask(AlterPartitionReassignments, request), {
        errorCode: NONE,
        allowReplicationFactorChange: false,
        responses: [{ name: topic.name, partitions: [{ partitionIndex: 0, errorCode }] }],
      })
    },
  }),
]

/** Rules of what a broker says that does not lead. */
const notLeading: readonly Rule[] = [
  rule({
    ...THREE,
    id: 'produce.not-the-leader',
    says: 'A broker that does not lead refuses with NOT_LEADER_OR_FOLLOWER; from version 10 on it says who leads, and where.',
    source: KIP_951,
    apis: [Produce],
    topic: 'errors',
    run: async (t) => {
      const { topic, leader, client } = await elsewhere(t)
      const answer = await client.ask(Produce, produceRequest(topic, batch))
      t.expect(answer, produced(topic, { errorCode: NOT_LEADER_OR_FOLLOWER, baseOffset: -1n }))
      if (t.version < 10) return
      const { nodeId, host, port } = leader
      const currentLeader = { leaderId: nodeId, leaderEpoch: 0 }
      t.expect(answer, {
        responses: [{ partitionResponses: [{ currentLeader }] }],
        nodeEndpoints: [{ nodeId, host, port }],
      })
    },
  }),
  rule({
    ...THREE,
    id: 'fetch.not-a-replica',
    says: 'A broker without a replica refuses with NOT_LEADER_OR_FOLLOWER; from version 16 on it says who leads, and where.',
    source: KIP_951,
    apis: [Fetch],
    topic: 'errors',
    versions: { min: 4 },
    run: async (t) => {
      const { topic, leader, client } = await elsewhere(t)
      const answer = await client.ask(Fetch, fetchRequest(topic))
      t.expect(answer, fetched(topic, { errorCode: NOT_LEADER_OR_FOLLOWER, highWatermark: -1n }))
      if (t.version < 16) return
      const { nodeId, host, port } = leader
      const currentLeader = { leaderId: nodeId, leaderEpoch: 0 }
      t.expect(answer, {
        responses: [{ partitions: [{ currentLeader }] }],
        nodeEndpoints: [{ nodeId, host, port }],
      })
    },
  }),
  rule({
    ...THREE,
    id: 'list-offsets.not-the-leader',
    says: 'A broker that does not lead refuses with NOT_LEADER_OR_FOLLOWER.',
    source: documents.errorCodes,
    apis: [ListOffsets],
    topic: 'errors',
    run: async (t) => {
      const { topic, client } = await elsewhere(t)
      t.expect(await client.ask(ListOffsets, listOffsetsOf(topic, -1n)), {
        topics: [
          {
            name: topic.name,
            partitions: [{ partitionIndex: 0, errorCode: NOT_LEADER_OR_FOLLOWER }],
          },
        ],
      })
    },
  }),
  rule({
    ...THREE,
    id: 'offset-for-leader-epoch.not-the-leader',
    says: 'A broker that does not lead refuses with NOT_LEADER_OR_FOLLOWER.',
    source: KIP_320,
    apis: [OffsetForLeaderEpoch],
    topic: 'errors',
    versions: { min: 2 },
    run: async (t) => {
      const { topic, client } = await elsewhere(t)
      const partition = { partition: 0, errorCode: NOT_LEADER_OR_FOLLOWER, endOffset: -1n }
      t.expect(await client.ask(OffsetForLeaderEpoch, endOfEpoch(topic, 0)), {
        topics: [{ topic: topic.name, partitions: [partition] }],
      })
    },
  }),
  rule({
    ...THREE,
    id: 'delete-records.not-the-leader',
    says: 'A broker that does not lead refuses with NOT_LEADER_OR_FOLLOWER.',
    source: 'KIP-204: Adding records deletion operation to the new Admin Client API',
    apis: [DeleteRecords],
    topic: 'errors',
    run: async (t) => {
      const { topic, client } = await elsewhere(t)
      const asked = [{ partitionIndex: 0, offset: 0n }]
      const request = { topics: [{ name: topic.name, partitions: asked }], timeoutMs: 5000 }
      const partition = { partitionIndex: 0, errorCode: NOT_LEADER_OR_FOLLOWER, lowWatermark: -1n }
      t.expect(await client.ask(DeleteRecords, request), {
        topics: [{ name: topic.name, partitions: [partition] }],
      })
    },
  }),
  rule({
    ...THREE,
    id: 'describe-producers.not-the-leader',
    says: 'A broker that does not lead refuses with NOT_LEADER_OR_FOLLOWER.',
    source: 'KIP-664: Provide tooling to detect and abort hanging transactions',
    apis: [DescribeProducers],
    topic: 'errors',
    run: async (t) => {
      const { topic, client } = await elsewhere(t)
      const request = { topics: [{ name: topic.name, partitionIndexes: [0] }] }
      const partition = { partitionIndex: 0, errorCode: NOT_LEADER_OR_FOLLOWER }
      t.expect(await client.ask(DescribeProducers, request), {
        topics: [{ name: topic.name, partitions: [partition] }],
      })
    },
  }),
]

/** Rules of leaders, of replicas, and of brokers that do not lead. */
export const rules: readonly Rule[] = [...leading, ...notLeading]
