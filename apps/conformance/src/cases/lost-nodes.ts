import {
  DeleteRecords,
  DescribeCluster,
  DescribeTopicPartitions,
  ElectLeaders,
  type ElectLeadersRequestInput,
  ErrorCode,
  encodeRecordBatch,
  Fetch,
  ListOffsets,
  Metadata,
  OffsetForLeaderEpoch,
  Produce,
} from '@ottla/protocol'
import { atLeast, inAnyOrder, nonEmpty } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  connectTo,
  createReplicated,
  endOfEpoch,
  fetchRequest,
  killNode,
  LOSS_DEADLINE_MS,
  listOffsetsOf,
  losableNodes,
  newest,
  nodesOf,
  partitionOf,
  pauseNode,
  produce,
  produced,
  produceRequest,
  reassign,
  type Topic,
  untilLedBy,
  untilPartition,
  values,
  valuesIn,
} from '../steps/index.js'

const KIP_460 = 'KIP-460: Admin Leader Election RPC'
const ERRORS = 'https://kafka.apache.org/protocol#protocol_error_codes'
const ACKS = 'https://kafka.apache.org/documentation/#producerconfigs_acks'

const { NONE, NOT_LEADER_OR_FOLLOWER, LEADER_NOT_AVAILABLE, REQUEST_TIMED_OUT } = ErrorCode

const LOSS = { versions: 'newest', needs: ['three-nodes', 'nodes-can-be-stopped'] } as const

const batch = encodeRecordBatch({ records: values('more') })

const PREFERRED = 0
const UNCLEAN = 1

const election = (t: RuleContext, { name }: Topic, type: number): ElectLeadersRequestInput => ({
  electionType: type,
  topicPartitions: [{ topic: name, partitions: [0] }],
  timeoutMs: t.deadlineMs,
})

const elected = ({ name }: Topic, errorCode: number) => ({
  errorCode: NONE,
  replicaElectionResults: [
    {
      topic: name,
      partitionResult: [
        { partitionId: 0, errorCode, ...(errorCode === NONE ? {} : { errorMessage: nonEmpty }) },
      ],
    },
  ],
})

const metadataOf = ({ name }: Topic) => ({ topics: [{ name }], allowAutoTopicCreation: false })

/** A topic whose only replica is on a node that is gone. */
async function withoutLeader(t: RuleContext) {
  const { first } = await losableNodes(t)
  const topic = await createReplicated(t, [first])
  await killNode(t, first)
  await untilPartition(t, topic, 'no leader', ({ leaderId }) => leaderId === -1)
  return { topic, lost: first }
}

/** A topic on three nodes, led by one that is lost after two records. */
async function withoutFirst(t: RuleContext) {
  const { stays, first, second } = await losableNodes(t)
  const topic = await createReplicated(t, [first, stays, second])
  await produce(t, topic, values('a', 'b'))
  const { leaderEpoch = -1 } = (await partitionOf(t, topic)) ?? {}
  const restart = await killNode(t, first)
  const fits = ({ leaderId, isrNodes }: { leaderId: number; isrNodes: readonly number[] }) =>
    leaderId === stays && !isrNodes.includes(first)
  await untilPartition(t, topic, 'another leader', fits)
  return { topic, stays, first, second, leaderEpoch, restart }
}

/** A topic led by the node that stays, its other replicas held up, and in sync for a while yet. */
async function withPausedFollower(t: RuleContext, configs: Readonly<Record<string, string>> = {}) {
  const { stays, first, second } = await losableNodes(t)
  const topic = await createReplicated(t, [stays, first], configs)
  await produce(t, topic, values('a', 'b'))
  pauseNode(t, first)
  return { topic, stays, first, second }
}

/** What metadata says of replicas that are lost. */
const metadataRules: readonly Rule[] = [
  rule({
    ...LOSS,
    id: 'metadata.no-leader',
    says: 'A partition whose replicas are all on lost nodes has LEADER_NOT_AVAILABLE and leader -1, and still names its replicas, from version 5 on as offline.',
    source: ERRORS,
    apis: [Metadata],
    topic: 'errors',
    run: async (t) => {
      const { topic, lost } = await withoutLeader(t)
      const { min, max } = t.versionsOf(Metadata) ?? { min: 0, max: 0 }
      for (let version = Math.max(min, 1); version <= max; version++) {
        const partition = {
          errorCode: LEADER_NOT_AVAILABLE,
          partitionIndex: 0,
          leaderId: -1,
          replicaNodes: [lost],
          offlineReplicas: [lost],
        }
        t.expect(await t.client.ask(Metadata, metadataOf(topic), { version }), {
          topics: [{ errorCode: NONE, name: topic.name, partitions: [partition] }],
        })
      }
    },
  }),
  rule({
    ...LOSS,
    id: 'describe-topic-partitions.no-leader',
    says: 'A partition whose replicas are all on lost nodes is described with leader -1, its replicas as offline, and no error.',
    source: 'KIP-966: Eligible Leader Replicas, DescribeTopicPartitions',
    apis: [DescribeTopicPartitions],
    topic: 'metadata',
    run: async (t) => {
      const { topic, lost } = await withoutLeader(t)
      const request = { topics: [{ name: topic.name }], responsePartitionLimit: 9, cursor: null }
      const partition = { errorCode: NONE, leaderId: -1, offlineReplicas: [lost] }
      t.expect(await t.client.ask(DescribeTopicPartitions, request), {
        topics: [{ errorCode: NONE, name: topic.name, partitions: [partition] }],
      })
    },
  }),
  rule({
    ...LOSS,
    id: 'metadata.lost-follower',
    says: 'A lost follower leaves the replicas in sync and is named as offline; the partition has no error, and the node is no more among the brokers.',
    source: 'KIP-112: Handle disk failure for JBOD, offline_replicas in Metadata',
    apis: [Metadata],
    topic: 'metadata',
    run: async (t) => {
      const { stays, first, second } = await losableNodes(t)
      const topic = await createReplicated(t, [stays, first, second])
      await killNode(t, first)
      await untilPartition(t, topic, 'two in sync', ({ isrNodes }) => isrNodes.length === 2)
      const left = await t.until(
        'the broker to be taken off the list',
        async () => {
          const found = await t.client.ask(Metadata, metadataOf(topic))
          return found.brokers.length === 2 && found
        },
        LOSS_DEADLINE_MS,
      )
      t.expect(left, {
        brokers: inAnyOrder({ nodeId: stays }, { nodeId: second }),
        topics: [
          {
            errorCode: NONE,
            name: topic.name,
            partitions: [
              {
                errorCode: NONE,
                leaderId: stays,
                replicaNodes: [stays, first, second],
                isrNodes: inAnyOrder(stays, second),
                offlineReplicas: [first],
              },
            ],
          },
        ],
      })
    },
  }),
  rule({
    ...LOSS,
    id: 'metadata.lost-follower-in-version-0',
    says: 'Version 0 of Metadata says REPLICA_NOT_AVAILABLE where a replica is on a lost node, and leaves it out of the replicas.',
    source: ERRORS,
    apis: [Metadata],
    topic: 'errors',
    versions: { max: 0 },
    run: async (t) => {
      const { stays, first, second } = await losableNodes(t)
      const topic = await createReplicated(t, [stays, first, second])
      await killNode(t, first)
      await untilPartition(t, topic, 'two in sync', ({ isrNodes }) => isrNodes.length === 2)
      await t.until(
        'the broker to be taken off the list',
        async () => (await nodesOf(t)).length === 2,
        LOSS_DEADLINE_MS,
      )
      const { REPLICA_NOT_AVAILABLE: errorCode } = ErrorCode
      const partition = { errorCode, leaderId: stays, replicaNodes: [stays, second] }
      t.expect(await t.client.ask(Metadata, metadataOf(topic)), {
        topics: [{ name: topic.name, partitions: [partition] }],
      })
    },
  }),
  rule({
    ...LOSS,
    id: 'describe-cluster.lost-broker',
    says: 'A lost broker is left out of the cluster, unless fenced brokers are asked for: then it is there, marked as fenced.',
    source: 'KIP-1073: Return fenced brokers in DescribeCluster response',
    apis: [DescribeCluster],
    topic: 'administration',
    releases: { from: '4.0' },
    run: async (t) => {
      const { stays, first, second } = await losableNodes(t)
      await killNode(t, first)
      const ask = (includeFencedBrokers: boolean) =>
        t.client.ask(DescribeCluster, {
          includeClusterAuthorizedOperations: false,
          endpointType: 1,
          includeFencedBrokers,
        })
      const isFenced = async () => {
        const found = await ask(true)
        return found.brokers.some((one) => one.brokerId === first && one.isFenced) && found
      }
      t.expect(await t.until('the broker to be fenced', isFenced, LOSS_DEADLINE_MS), {
        errorCode: NONE,
        brokers: inAnyOrder(
          { brokerId: stays, isFenced: false },
          { brokerId: first, isFenced: true },
          { brokerId: second, isFenced: false },
        ),
      })
      t.expect(await ask(false), {
        errorCode: NONE,
        brokers: inAnyOrder({ brokerId: stays }, { brokerId: second }),
      })
    },
  }),
]

/** What becomes of records. */
const recordRules: readonly Rule[] = [
  rule({
    ...LOSS,
    id: 'produce.not-enough-replicas',
    says: 'With acks -1 a batch is refused with NOT_ENOUGH_REPLICAS, and not stored, where fewer replicas are in sync than min.insync.replicas; acks 1 does not ask for them.',
    source: ACKS,
    apis: [Produce],
    topic: 'errors',
    run: async (t) => {
      const { stays, first } = await losableNodes(t)
      const topic = await createReplicated(t, [stays, first], { 'min.insync.replicas': '2' })
      await produce(t, topic, values('a', 'b'))
      await killNode(t, first)
      await untilPartition(t, topic, 'one in sync', ({ isrNodes }) => isrNodes.length === 1)
      const errorCode = ErrorCode.NOT_ENOUGH_REPLICAS
      const refused = await t.client.ask(Produce, produceRequest(topic, batch))
      t.expect(refused, produced(topic, { errorCode, baseOffset: -1n }))
      const taken = await t.client.ask(Produce, produceRequest(topic, batch, { acks: 1 }))
      t.expect(taken, produced(topic, { errorCode: NONE, baseOffset: 2n }))
    },
  }),
  rule({
    ...LOSS,
    id: 'produce.replicas-lost-after-append',
    says: 'Where replicas are lost after a batch with acks -1 was stored, so that fewer than min.insync.replicas are left, it is not committed: REQUEST_TIMED_OUT, and readers do not see it.',
    source: 'KIP-966: Eligible Leader Replicas, the high watermark and min.insync.replicas',
    apis: [Produce, Metadata, ListOffsets],
    topic: 'errors',
    run: async (t) => {
      const { topic } = await withPausedFollower(t, { 'min.insync.replicas': '2' })
      const request = { ...produceRequest(topic, batch), timeoutMs: 7_000 }
      const sent = t.client.send(Produce, request, { deadlineMs: LOSS_DEADLINE_MS })
      t.expect(await sent.answer(), produced(topic, { errorCode: REQUEST_TIMED_OUT }))
      const left = await untilPartition(t, topic, 'one in sync', (one) => one.isrNodes.length === 1)
      t.expect(left, { errorCode: NONE, isrNodes: [left.leaderId] })
      t.expect(await t.client.ask(ListOffsets, listOffsetsOf(topic, -1n)), {
        topics: [{ partitions: [{ errorCode: NONE, offset: 2n }] }],
      })
    },
  }),
  rule({
    ...LOSS,
    id: 'produce.times-out',
    says: 'A batch with acks -1 that a replica in sync does not take in the time of the request is answered with REQUEST_TIMED_OUT; it is stored.',
    source: ACKS,
    apis: [Produce, ListOffsets],
    topic: 'errors',
    run: async (t) => {
      const { topic } = await withPausedFollower(t)
      const request = { ...produceRequest(topic, batch), timeoutMs: 300 }
      const answer = await t.client.ask(Produce, request)
      t.expect(answer, produced(topic, { errorCode: REQUEST_TIMED_OUT }))
      const offsets = await t.until(
        'the batch to be committed',
        async () => {
          const found = await t.client.ask(ListOffsets, listOffsetsOf(topic, -1n))
          return found.topics[0]?.partitions[0]?.offset === 3n && found
        },
        LOSS_DEADLINE_MS,
      )
      t.expect(offsets, { topics: [{ partitions: [{ errorCode: NONE, offset: 3n }] }] })
    },
  }),
  rule({
    ...LOSS,
    id: 'delete-records.times-out',
    says: 'A deletion that a replica in sync does not hear of in the time of the request is answered with REQUEST_TIMED_OUT.',
    source: 'KIP-107: Add deleteRecordsBefore() API in AdminClient',
    apis: [DeleteRecords],
    topic: 'errors',
    run: async (t) => {
      const { topic } = await withPausedFollower(t)
      const partitions = [{ partitionIndex: 0, offset: 1n }]
      const request = { topics: [{ name: topic.name, partitions }], timeoutMs: 300 }
      t.expect(await t.client.ask(DeleteRecords, request), {
        topics: [
          { name: topic.name, partitions: [{ partitionIndex: 0, errorCode: REQUEST_TIMED_OUT }] },
        ],
      })
    },
  }),
  rule({
    ...LOSS,
    id: 'fetch.acknowledged-survives-its-leader',
    says: 'Records that were acknowledged with acks -1 are there when their leader is lost: at the next leader, at the same offsets, under a higher epoch.',
    source: 'https://kafka.apache.org/documentation/#design_ha',
    apis: [Fetch, Produce, Metadata],
    topic: 'records',
    run: async (t) => {
      const { topic, stays, leaderEpoch } = await withoutFirst(t)
      const state = await untilLedBy(t, topic, stays, 1)
      t.expect(state, { errorCode: NONE, leaderEpoch: atLeast(leaderEpoch + 1) })
      await produce(t, topic, values('c'))
      const read = await t.client.ask(Fetch, fetchRequest(topic))
      t.equal(valuesIn(read), ['a', 'b', 'c'], 'records')
    },
  }),
  rule({
    ...LOSS,
    id: 'list-offsets.high-watermark-behind',
    says: 'Before the high watermark of a new leader has reached the start of its epoch, the end is not told: OFFSET_NOT_AVAILABLE, before version 5 LEADER_NOT_AVAILABLE.',
    source: 'KIP-207: Offsets returned by ListOffsetsResponse should be monotonically increasing',
    apis: [ListOffsets, ElectLeaders],
    topic: 'errors',
    run: async (t) => {
      const { stays, first, second } = await losableNodes(t)
      const topic = await createReplicated(t, [second, stays, first])
      await produce(t, topic, values('a', 'b'))
      await reassign(t, topic, [stays, second, first])
      pauseNode(t, first)
      await produce(t, topic, values('c'), { acks: 1 })
      await t.client.ask(ElectLeaders, election(t, topic, PREFERRED), newest(t, ElectLeaders))
      await untilPartition(t, topic, 'the other leader', ({ leaderId }) => leaderId === stays)
      const ask = (version: number) =>
        t.client.ask(ListOffsets, listOffsetsOf(topic, -1n), { version })
      t.expect(await ask(t.version), {
        topics: [{ partitions: [{ errorCode: ErrorCode.OFFSET_NOT_AVAILABLE, offset: -1n }] }],
      })
      t.expect(await ask(4), {
        topics: [{ partitions: [{ errorCode: LEADER_NOT_AVAILABLE, offset: -1n }] }],
      })
    },
  }),
  rule({
    ...LOSS,
    id: 'fetch.no-leader',
    says: 'A partition without a leader cannot be read or written: NOT_LEADER_OR_FOLLOWER.',
    source: ERRORS,
    apis: [Fetch, Produce],
    topic: 'errors',
    run: async (t) => {
      const { topic } = await withoutLeader(t)
      t.expect(await t.client.ask(Fetch, fetchRequest(topic)), {
        responses: [{ partitions: [{ partitionIndex: 0, errorCode: NOT_LEADER_OR_FOLLOWER }] }],
      })
      t.expect(
        await t.client.ask(Produce, produceRequest(topic, batch)),
        produced(topic, { errorCode: NOT_LEADER_OR_FOLLOWER, baseOffset: -1n }),
      )
    },
  }),
]

/** Elections. */
const electionRules: readonly Rule[] = [
  rule({
    ...LOSS,
    id: 'elect-leaders.preferred-lost',
    says: 'The preferred replica is not elected while its node is lost: PREFERRED_LEADER_NOT_AVAILABLE. Back in sync it is, and leads under a higher epoch.',
    source: KIP_460,
    apis: [ElectLeaders, Metadata],
    topic: 'administration',
    run: async (t) => {
      const { topic, first, restart, leaderEpoch } = await withoutFirst(t)
      const request = election(t, topic, PREFERRED)
      const refused = await t.client.ask(ElectLeaders, request)
      t.expect(refused, elected(topic, ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE))
      await restart()
      await untilPartition(t, topic, 'all in sync', ({ isrNodes }) => isrNodes.length === 3)
      t.expect(await t.client.ask(ElectLeaders, request), elected(topic, NONE))
      const state = await untilLedBy(t, topic, first, 3)
      t.expect(state, { errorCode: NONE, leaderId: first, leaderEpoch: atLeast(leaderEpoch + 2) })
    },
  }),
  rule({
    ...LOSS,
    id: 'elect-leaders.unclean-not-needed',
    says: 'A partition that has a leader has no unclean election: ELECTION_NOT_NEEDED.',
    source: KIP_460,
    apis: [ElectLeaders],
    topic: 'errors',
    run: async (t) => {
      const { topic } = await withoutFirst(t)
      const answer = await t.client.ask(ElectLeaders, election(t, topic, UNCLEAN))
      t.expect(answer, elected(topic, ErrorCode.ELECTION_NOT_NEEDED))
    },
  }),
  rule({
    ...LOSS,
    id: 'elect-leaders.no-replica-left',
    says: 'An unclean election without any replica on a living node fails with ELIGIBLE_LEADERS_NOT_AVAILABLE.',
    source: KIP_460,
    apis: [ElectLeaders],
    topic: 'errors',
    run: async (t) => {
      const { topic } = await withoutLeader(t)
      const answer = await t.client.ask(ElectLeaders, election(t, topic, UNCLEAN))
      t.expect(answer, elected(topic, ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE))
    },
  }),
  rule({
    ...LOSS,
    id: 'elect-leaders.unclean-loses-records',
    says: 'A replica out of sync is not elected by itself, only by an unclean election: then it leads alone, under a higher epoch, and what it lacks is lost.',
    source: KIP_460,
    apis: [ElectLeaders, Metadata, ListOffsets, OffsetForLeaderEpoch],
    topic: 'administration',
    run: async (t) => {
      const { first, second } = await losableNodes(t)
      const topic = await createReplicated(t, [first, second])
      await produce(t, topic, values('a', 'b'))
      const restart = await killNode(t, second)
      await untilPartition(t, topic, 'one in sync', ({ isrNodes }) => isrNodes.length === 1)
      await produce(t, topic, values('c', 'd'))
      const { leaderEpoch = -1 } = (await partitionOf(t, topic)) ?? {}
      await killNode(t, first)
      await restart()
      const out = await untilPartition(t, topic, 'no leader', ({ leaderId }) => leaderId === -1)
      t.expect(out, { errorCode: LEADER_NOT_AVAILABLE, offlineReplicas: [first] })
      const answer = await t.client.ask(ElectLeaders, election(t, topic, UNCLEAN))
      t.expect(answer, elected(topic, NONE))
      const state = await untilLedBy(t, topic, second, 1)
      t.expect(state, {
        errorCode: NONE,
        leaderId: second,
        leaderEpoch: atLeast(leaderEpoch + 1),
        isrNodes: [second],
      })
      const leader = await connectTo(t, second)
      t.expect(await leader.ask(ListOffsets, listOffsetsOf(topic, -1n)), {
        topics: [{ partitions: [{ errorCode: NONE, offset: 2n }] }],
      })
      t.expect(await leader.ask(OffsetForLeaderEpoch, endOfEpoch(topic, leaderEpoch)), {
        topics: [{ partitions: [{ errorCode: NONE, endOffset: 2n }] }],
      })
    },
  }),
]

/** Rules of a cluster that loses nodes. */
export const rules: readonly Rule[] = [...metadataRules, ...recordRules, ...electionRules]
