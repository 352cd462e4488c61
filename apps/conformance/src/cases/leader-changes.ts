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
import { inAnyOrder, nonEmpty } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  batchesOf,
  connectTo,
  createReplicated,
  fetched,
  fetchRequest,
  moveLeader,
  newest,
  nodesOf,
  partitionOf,
  produce,
  produced,
  produceRequest,
  readPartition,
  reassign,
  type Topic,
  untilLedBy,
  values,
  valuesIn,
} from '../steps/index.js'

const KIP_320 = 'KIP-320: Allow fetchers to detect and handle log truncation'
const KIP_392 = 'KIP-392: Allow consumers to fetch from closest replica'
const KIP_455 = 'KIP-455: Create an Administrative API for Replica Reassignment'
const KIP_460 = 'KIP-460: Admin Leader Election RPC'
const KIP_951 = 'KIP-951: Leader discovery optimisations for the client'

const { NONE, NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH } = ErrorCode

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

/** A topic whose leader has changed after `before` records; `after` records were written since. */
async function moved(t: RuleContext) {
  const ids = (await nodesOf(t)).map(({ nodeId }) => nodeId)
  const [from = -1, to = -1] = ids
  const topic = await createReplicated(t, ids)
  const old = (await partitionOf(t, topic))?.leaderEpoch ?? -1
  await produce(t, topic, values('a', 'b', 'c'))
  const { leaderEpoch: epoch } = await moveLeader(t, topic, to)
  await produce(t, topic, values('d', 'e'))
  return { topic, from, to, old, epoch, leader: await connectTo(t, to) }
}

const offsetsRequest = ({ name }: Topic, timestamp: bigint, currentLeaderEpoch = -1) => {
  const partitions = [{ partitionIndex: 0, currentLeaderEpoch, timestamp }]
  return { replicaId: -1, isolationLevel: 0, topics: [{ name, partitions }], timeoutMs: 5000 }
}

const epochRequest = ({ name }: Topic, leaderEpoch: number, currentLeaderEpoch = -1) => ({
  replicaId: -1,
  topics: [{ topic: name, partitions: [{ partition: 0, currentLeaderEpoch, leaderEpoch }] }],
})

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
      const { topic, from, to, old, leader } = await moved(t)
      const ids = (await nodesOf(t)).map(({ nodeId }) => nodeId)
      const request = { topics: [{ name: topic.name }], allowAutoTopicCreation: false }
      t.expect(await leader.ask(Metadata, request), {
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
    source: 'KIP-4',
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
    source: 'KIP-4',
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
      t.expect(after, { leaderId: to, replicaNodes: [to], isrNodes: [to] })
      t.check(after.leaderEpoch > 0, 'the epoch has risen')
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
    source: 'https://kafka.apache.org/protocol#protocol_error_codes',
    apis: [ListOffsets],
    topic: 'errors',
    run: async (t) => {
      const { topic, client } = await elsewhere(t)
      t.expect(await client.ask(ListOffsets, offsetsRequest(topic, -1n)), {
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
      t.expect(await client.ask(OffsetForLeaderEpoch, epochRequest(topic, 0)), {
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

const epochs = [
  ['old-epoch', 'The epoch of the leader before', 'FENCED_LEADER_EPOCH', -1, FENCED_LEADER_EPOCH],
  ['own-epoch', 'The epoch of the leader', 'no error', 0, NONE],
  ['later-epoch', 'An epoch that is yet to come', 'UNKNOWN_LEADER_EPOCH', 1, UNKNOWN_LEADER_EPOCH],
] as const

/** Rules of epochs after a change of leaders. */
const fencing: readonly Rule[] = epochs.flatMap(([id, what, outcome, by, errorCode]) => [
  rule({
    ...THREE,
    id: `fetch.${id}-after-change`,
    says: `${what} gets ${outcome} from a Fetch after the leader has changed.`,
    source: KIP_320,
    apis: [Fetch],
    topic: 'errors',
    versions: errorCode === NONE ? 'newest' : { min: 9 },
    run: async (t) => {
      const { topic, epoch, leader } = await moved(t)
      const request = fetchRequest(topic, { currentLeaderEpoch: epoch + by })
      t.expect(await leader.ask(Fetch, request), fetched(topic, { errorCode }))
    },
  }),
  rule({
    ...THREE,
    id: `list-offsets.${id}-after-change`,
    says: `${what} gets ${outcome} from ListOffsets after the leader has changed.`,
    source: KIP_320,
    apis: [ListOffsets],
    topic: 'errors',
    versions: { min: 4 },
    run: async (t) => {
      const { topic, epoch, leader } = await moved(t)
      t.expect(await leader.ask(ListOffsets, offsetsRequest(topic, -1n, epoch + by)), {
        topics: [{ partitions: [{ errorCode, offset: errorCode === NONE ? 5n : -1n }] }],
      })
    },
  }),
  rule({
    ...THREE,
    id: `offset-for-leader-epoch.${id}-after-change`,
    says: `${what} gets ${outcome} from OffsetForLeaderEpoch after the leader has changed.`,
    source: KIP_320,
    apis: [OffsetForLeaderEpoch],
    topic: 'errors',
    versions: { min: 2 },
    run: async (t) => {
      const { topic, epoch, old, leader } = await moved(t)
      const endOffset = errorCode === NONE ? 3n : -1n
      t.expect(await leader.ask(OffsetForLeaderEpoch, epochRequest(topic, old, epoch + by)), {
        topics: [{ partitions: [{ partition: 0, errorCode, endOffset }] }],
      })
    },
  }),
])

/** Rules of what is known of older epochs, and of reading from followers. */
const remembering: readonly Rule[] = [
  rule({
    ...THREE,
    id: 'offset-for-leader-epoch.earlier-leader',
    says: 'The epoch of an earlier leader ends where that of the next begins.',
    source: KIP_320,
    apis: [OffsetForLeaderEpoch],
    topic: 'offsets',
    versions: { min: 2 },
    run: async (t) => {
      const { topic, old, epoch, leader } = await moved(t)
      const at = (leaderEpoch: number, endOffset: bigint) => ({
        topics: [{ partitions: [{ errorCode: NONE, leaderEpoch, endOffset }] }],
      })
      t.expect(await leader.ask(OffsetForLeaderEpoch, epochRequest(topic, old)), at(old, 3n))
      t.expect(await leader.ask(OffsetForLeaderEpoch, epochRequest(topic, epoch)), at(epoch, 5n))
    },
  }),
  rule({
    ...THREE,
    id: 'list-offsets.epochs-of-leaders',
    says: 'An offset comes with the epoch under which its record was written.',
    source: KIP_320,
    apis: [ListOffsets],
    topic: 'offsets',
    versions: { min: 4 },
    run: async (t) => {
      const { topic, old, epoch, leader } = await moved(t)
      const at = (offset: bigint, leaderEpoch: number) => ({
        topics: [{ partitions: [{ errorCode: NONE, offset, leaderEpoch }] }],
      })
      t.expect(await leader.ask(ListOffsets, offsetsRequest(topic, -2n)), at(0n, old))
      t.expect(await leader.ask(ListOffsets, offsetsRequest(topic, -1n)), at(5n, epoch))
    },
  }),
  rule({
    ...THREE,
    id: 'fetch.batches-of-leaders',
    says: 'Each batch says under which epoch it was written.',
    source: KIP_320,
    apis: [Fetch],
    topic: 'records',
    versions: 'newest',
    run: async (t) => {
      const { topic, old, epoch } = await moved(t)
      const found = batchesOf(await readPartition(t, topic))
      const said = found.map(({ partitionLeaderEpoch }) => partitionLeaderEpoch)
      t.equal(said, [old, epoch], 'epochs of the batches')
    },
  }),
  rule({
    ...THREE,
    id: 'fetch.diverging-epoch',
    says: 'A reader that has read further under an epoch than the leader knows is told where that epoch ends.',
    source: 'KIP-595: A Raft Protocol for the Metadata Quorum, Fetch',
    apis: [Fetch],
    topic: 'offsets',
    versions: { min: 12 },
    run: async (t) => {
      const { topic, old, epoch, leader } = await moved(t)
      const options = { fetchOffset: 4n, lastFetchedEpoch: old, currentLeaderEpoch: epoch }
      const divergingEpoch = { epoch: old, endOffset: 3n }
      const answer = await leader.ask(Fetch, fetchRequest(topic, options))
      t.expect(answer, fetched(topic, { errorCode: NONE, divergingEpoch }))
    },
  }),
  rule({
    ...THREE,
    id: 'fetch.from-follower',
    says: 'From version 11 on a replica that does not lead gives what is committed to readers, too; before, it refuses.',
    source: KIP_392,
    apis: [Fetch],
    topic: 'records',
    versions: { min: 4 },
    run: async (t) => {
      const { topic, from } = await moved(t)
      const follower = await connectTo(t, from)
      if (t.version < 11) {
        const errorCode = NOT_LEADER_OR_FOLLOWER
        t.expect(await follower.ask(Fetch, fetchRequest(topic)), fetched(topic, { errorCode }))
        return
      }
      const answer = await t.until('all records on the follower', async () => {
        const found = await follower.ask(Fetch, fetchRequest(topic))
        return found.responses[0]?.partitions[0]?.highWatermark === 5n && found
      })
      t.expect(answer, fetched(topic, { errorCode: NONE, highWatermark: 5n, logStartOffset: 0n }))
      t.equal(valuesIn(answer), ['a', 'b', 'c', 'd', 'e'], 'records')
    },
  }),
  rule({
    ...THREE,
    id: 'fetch.preferred-read-replica',
    says: 'A leader tells a reader in the rack of a follower to read there, and gives no records itself.',
    source: KIP_392,
    apis: [Fetch],
    topic: 'records',
    versions: { min: 11 },
    needs: ['three-nodes', 'rack-aware-replica-selector'],
    run: async (t) => {
      const { topic, from, leader } = await moved(t)
      const rackId = (await nodesOf(t)).find(({ nodeId }) => nodeId === from)?.rack ?? ''
      const follower = { errorCode: NONE, preferredReadReplica: from }
      const answer = await t.until('a preferred replica', async () => {
        const found = await leader.ask(Fetch, fetchRequest(topic, { rackId, maxWaitMs: 0 }))
        return found.responses[0]?.partitions[0]?.preferredReadReplica === from && found
      })
      t.expect(answer, fetched(topic, follower))
      t.equal(valuesIn(answer), [], 'records')
    },
  }),
]

/** Rules of leaders, of changes of them, and of replicas. */
export const rules: readonly Rule[] = [...leading, ...notLeading, ...fencing, ...remembering]
