import { DescribeCluster, DescribeTopicPartitions, ErrorCode, Metadata } from '@ottla/protocol'
import { inAnyOrder } from '../match/index.js'
import { documents } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import {
  createReplicated,
  killNode,
  LOSS_DEADLINE_MS,
  losableNodes,
  nodesOf,
  type Topic,
  untilPartition,
} from '../steps/index.js'
import { LOSS, withoutLeader } from './lost-nodes.js'

const ERRORS = documents.errorCodes

const { NONE, LEADER_NOT_AVAILABLE } = ErrorCode

const metadataOf = ({ name }: Topic) => ({ topics: [{ name }], allowAutoTopicCreation: false })

/** Rules of what metadata says of replicas that are lost. */
export const rules: readonly Rule[] = [
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
