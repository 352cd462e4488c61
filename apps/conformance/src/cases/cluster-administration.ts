import {
  CreateTopics,
  DescribeCluster,
  DescribeQuorum,
  DescribeTopicPartitions,
  ErrorCode,
  Metadata,
  UnregisterController,
  UpdateFeatures,
  ZERO_UUID,
} from '@ottla/protocol'
import { atLeast, containing, nonEmpty, oneOf } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import { createTopic, newest } from '../steps/index.js'

const KIP_584 = 'KIP-584: Versioning scheme for features'
const KIP_595 = 'KIP-595: A Raft Protocol for the Metadata Quorum, DescribeQuorum'
const KIP_700 = 'KIP-700: Add Describe Cluster API'
const KIP_966 = 'KIP-966: Eligible Leader Replicas, DescribeTopicPartitions'
const NOT_ASKED = -2147483648
const unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION

const cluster = { includeClusterAuthorizedOperations: false, includeFencedBrokers: false }

/** Rules of DescribeCluster. */
const describeClusterRules: readonly Rule[] = [
  rule({
    id: 'describe-cluster.same-as-metadata',
    says: 'Cluster id, controller and brokers are those of Metadata.',
    source: KIP_700,
    apis: [DescribeCluster, Metadata],
    topic: 'metadata',
    run: async (t) => {
      const request = { topics: [], allowAutoTopicCreation: false }
      const metadata = await t.client.ask(Metadata, request)
      const ids = metadata.brokers.map(({ nodeId }) => nodeId)
      t.expect(await t.client.ask(DescribeCluster, cluster), {
        throttleTimeMs: 0,
        errorCode: ErrorCode.NONE,
        errorMessage: null,
        endpointType: 1,
        clusterId: metadata.clusterId ?? '',
        controllerId: oneOf(...ids),
        brokers: containing(
          ...metadata.brokers.map(({ nodeId, host, port, rack }) => ({
            brokerId: nodeId,
            host,
            port,
            rack,
            isFenced: false,
          })),
        ),
      })
    },
  }),
  rule({
    id: 'describe-cluster.operations',
    says: 'Authorized operations come when asked for, and hold the lowest int32 otherwise.',
    source: 'KIP-430: Return Authorized Operations in Describe Responses',
    apis: [DescribeCluster],
    topic: 'metadata',
    run: async (t) => {
      const asked = { ...cluster, includeClusterAuthorizedOperations: true }
      const clusterAuthorizedOperations = NOT_ASKED
      t.expect(await t.client.ask(DescribeCluster, cluster), { clusterAuthorizedOperations })
      t.expect(await t.client.ask(DescribeCluster, asked), {
        clusterAuthorizedOperations: atLeast(1),
      })
    },
  }),
  ...[
    ['controllers', 2, ErrorCode.MISMATCHED_ENDPOINT_TYPE],
    ['unknown', 9, ErrorCode.UNSUPPORTED_ENDPOINT_TYPE],
  ].map(([what, endpointType, errorCode]) =>
    rule({
      id: `describe-cluster.endpoints-${what}`,
      says: `A broker that is asked for ${what} endpoints refuses.`,
      source: 'KIP-919: Allow AdminClient to Talk Directly with the KRaft Controller Quorum',
      apis: [DescribeCluster],
      topic: 'errors',
      versions: { min: 1 },
      run: async (t) => {
        const request = { ...cluster, endpointType: Number(endpointType) }
        t.expect(await t.client.ask(DescribeCluster, request), {
          errorCode: Number(errorCode),
          errorMessage: nonEmpty,
          brokers: [],
        })
      },
    }),
  ),
]

/** Rules of DescribeTopicPartitions. */
const describeTopicPartitionsRules: readonly Rule[] = [
  rule({
    id: 'describe-topic-partitions.known-topic',
    says: 'A topic comes with its id and each of its partitions in order, and no cursor.',
    source: KIP_966,
    apis: [DescribeTopicPartitions, CreateTopics],
    topic: 'metadata',
    run: async (t) => {
      const { name, id } = await createTopic(t, { partitions: 3 })
      const partition = (partitionIndex: number) => ({
        errorCode: ErrorCode.NONE,
        partitionIndex,
        leaderId: atLeast(0),
        leaderEpoch: 0,
        replicaNodes: [atLeast(0)],
        isrNodes: [atLeast(0)],
        offlineReplicas: [],
      })
      const partitions = [0, 1, 2].map(partition)
      t.expect(await t.client.ask(DescribeTopicPartitions, { topics: [{ name }] }), {
        topics: [{ errorCode: ErrorCode.NONE, name, topicId: id, isInternal: false, partitions }],
        nextCursor: null,
      })
    },
  }),
  rule({
    id: 'describe-topic-partitions.unknown-topic',
    says: 'A topic that does not exist has UNKNOWN_TOPIC_OR_PARTITION and no partitions.',
    source: KIP_966,
    apis: [DescribeTopicPartitions],
    topic: 'errors',
    run: async (t) => {
      const name = t.name('topic')
      t.expect(await t.client.ask(DescribeTopicPartitions, { topics: [{ name }] }), {
        topics: [{ errorCode: unknown, name, topicId: ZERO_UUID, partitions: [] }],
      })
    },
  }),
  rule({
    id: 'describe-topic-partitions.limit-and-cursor',
    says: 'No more partitions come than the limit, with a cursor from which the next request goes on.',
    source: KIP_966,
    apis: [DescribeTopicPartitions, CreateTopics],
    topic: 'boundaries',
    run: async (t) => {
      const { name } = await createTopic(t, { partitions: 3 })
      const request = { topics: [{ name }], responsePartitionLimit: 2 }
      const first = await t.client.ask(DescribeTopicPartitions, request)
      const cursor = { topicName: name, partitionIndex: 2 }
      t.expect(first, {
        topics: [{ partitions: [{ partitionIndex: 0 }, { partitionIndex: 1 }] }],
        nextCursor: cursor,
      })
      t.expect(await t.client.ask(DescribeTopicPartitions, { ...request, cursor }), {
        topics: [{ name, partitions: [{ partitionIndex: 2 }] }],
        nextCursor: null,
      })
    },
  }),
  rule({
    id: 'describe-topic-partitions.sorted',
    says: 'Topics come in the order of their names.',
    source: KIP_966,
    apis: [DescribeTopicPartitions, CreateTopics],
    topic: 'metadata',
    run: async (t) => {
      const [a, b] = [await createTopic(t), await createTopic(t)]
      const topics = [{ name: b.name }, { name: a.name }]
      t.expect(await t.client.ask(DescribeTopicPartitions, { topics }), {
        topics: [{ name: a.name }, { name: b.name }],
      })
    },
  }),
]

const quorum = (topicName: string, partitionIndex = 0) => ({
  topics: [{ topicName, partitions: [{ partitionIndex }] }],
})

/** Rules of DescribeQuorum and UpdateFeatures. */
const quorumRules: readonly Rule[] = [
  rule({
    id: 'describe-quorum.metadata-log',
    says: 'The log of the metadata has a leader among its voters, an epoch and a high watermark.',
    source: KIP_595,
    apis: [DescribeQuorum],
    topic: 'administration',
    run: async (t) => {
      const answer = await t.client.ask(DescribeQuorum, quorum('__cluster_metadata'))
      const leaderId = answer.topics[0]?.partitions[0]?.leaderId ?? -1
      t.expect(answer, {
        errorCode: ErrorCode.NONE,
        topics: [
          {
            topicName: '__cluster_metadata',
            partitions: [
              {
                partitionIndex: 0,
                errorCode: ErrorCode.NONE,
                leaderEpoch: atLeast(1),
                highWatermark: atLeast(1n),
                currentVoters: containing({ replicaId: leaderId, logEndOffset: atLeast(1n) }),
              },
            ],
          },
        ],
        nodes: containing({ nodeId: leaderId, listeners: nonEmpty }),
      })
    },
  }),
  ...[
    ['feature-to-unsupported-level', 'metadata.version', 999],
    ['unknown-feature', 'no.such.feature', 1],
  ].map(([id, feature, level]) =>
    rule({
      id: `update-features.${id}`,
      releases: { from: '4.0' },
      says: `The level ${level} of ${feature} is refused.`,
      source: KIP_584,
      apis: [UpdateFeatures],
      topic: 'administration',
      run: async (t) => {
        const maxVersionLevel = Number(level)
        const update = { feature: String(feature), maxVersionLevel, allowDowngrade: false }
        const request = { featureUpdates: [update], timeoutMs: t.deadlineMs, validateOnly: true }
        t.expect(await t.client.ask(UpdateFeatures, request), {
          throttleTimeMs: 0,
          errorCode: ErrorCode.INVALID_UPDATE_VERSION,
          errorMessage: nonEmpty,
          results: [],
        })
      },
    }),
  ),
]

/** Rules of UnregisterController. */
const unregisterRules: readonly Rule[] = [
  rule({
    id: 'unregister-controller.active',
    says: 'The active controller does not unregister itself: INVALID_REQUEST.',
    source: 'KIP-1312: Support unregistering controllers',
    apis: [UnregisterController, DescribeQuorum],
    topic: 'errors',
    run: async (t) => {
      const options = newest(t, DescribeQuorum)
      const { topics } = await t.client.ask(DescribeQuorum, quorum('__cluster_metadata'), options)
      const controllerId = topics[0]?.partitions[0]?.leaderId ?? -1
      t.expect(await t.client.ask(UnregisterController, { controllerId }), {
        throttleTimeMs: 0,
        errorCode: ErrorCode.INVALID_REQUEST,
        errorMessage: nonEmpty,
      })
    },
  }),
]

/** Rules of the APIs that describe and change the cluster as a whole. */
export const rules: readonly Rule[] = [
  ...describeClusterRules,
  ...describeTopicPartitionsRules,
  ...quorumRules,
  ...unregisterRules,
]
