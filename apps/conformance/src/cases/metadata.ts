import {
  CreateTopics,
  DeleteTopics,
  ErrorCode,
  Metadata,
  type MetadataRequestInput,
  ZERO_UUID,
} from '@ottla/protocol'
import { atLeast, containing, inAnyOrder, nonEmpty, noneOf, oneOf } from '../match/index.js'
import { documents, messageDocument } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import { createTopic, deleteTopic, newest } from '../steps/index.js'

const DOCUMENT = messageDocument('Metadata')
const KIP_4 = 'KIP-4: Command line and centralized administrative operations, Metadata Schema'
const KIP_516 = 'KIP-516: Topic Identifiers'
const KIP_430 = 'KIP-430: Return Authorized Operations in Describe Responses'

/** Stands for "not asked for" among authorized operations. */
const NOT_ASKED = -2147483648

const ofTopics = (...names: readonly string[]): MetadataRequestInput => ({
  topics: names.map((name) => ({ name })),
  allowAutoTopicCreation: false,
})

/** Rules of Metadata. */
export const rules: readonly Rule[] = [
  rule({
    id: 'metadata.brokers-and-controller',
    says: 'The answer lists the brokers with their addresses, the cluster’s id and a controller among the brokers.',
    source: DOCUMENT,
    apis: [Metadata],
    topic: 'metadata',
    run: async (t) => {
      const answer = await t.client.ask(Metadata, ofTopics(t.name('topic')))
      const ids = answer.brokers.map((broker) => broker.nodeId)
      t.expect(answer, {
        brokers: containing({ host: nonEmpty, port: atLeast(1), nodeId: atLeast(0) }),
        clusterId: nonEmpty,
        controllerId: oneOf(...ids),
        throttleTimeMs: 0,
        errorCode: ErrorCode.NONE,
      })
    },
  }),
  rule({
    id: 'metadata.known-topic',
    says: 'A topic comes with each of its partitions: leader, replicas and in-sync replicas among the brokers, no error.',
    source: DOCUMENT,
    apis: [Metadata, CreateTopics],
    topic: 'metadata',
    run: async (t) => {
      const { name, id } = await createTopic(t, { partitions: 3 })
      const answer = await t.client.ask(Metadata, ofTopics(name))
      const ids = answer.brokers.map((broker) => broker.nodeId)
      const partition = (partitionIndex: number) => ({
        errorCode: ErrorCode.NONE,
        partitionIndex,
        leaderId: oneOf(...ids),
        replicaNodes: [oneOf(...ids)],
        isrNodes: [oneOf(...ids)],
        offlineReplicas: [],
      })
      t.expect(answer, {
        topics: [
          {
            errorCode: ErrorCode.NONE,
            name,
            topicId: id,
            isInternal: false,
            partitions: inAnyOrder(partition(0), partition(1), partition(2)),
          },
        ],
      })
    },
  }),
  rule({
    id: 'metadata.new-topic-has-leader-epoch-0',
    says: 'The leader epoch of a partition that never changed its leader is 0.',
    source: 'KIP-320: Allow fetchers to detect and handle log truncation',
    apis: [Metadata, CreateTopics],
    topic: 'metadata',
    versions: { min: 7 },
    run: async (t) => {
      const { name } = await createTopic(t)
      const answer = await t.client.ask(Metadata, ofTopics(name))
      t.expect(answer, { topics: [{ partitions: [{ leaderEpoch: 0 }] }] })
    },
  }),
  rule({
    id: 'metadata.unknown-topic',
    says: 'A topic that does not exist comes back by name with UNKNOWN_TOPIC_OR_PARTITION and no partitions.',
    source: DOCUMENT,
    apis: [Metadata],
    topic: 'errors',
    versions: { min: 4 },
    run: async (t) => {
      const name = t.name('topic')
      const answer = await t.client.ask(Metadata, ofTopics(name))
      const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      t.expect(answer, { topics: [{ errorCode, name, topicId: ZERO_UUID, partitions: [] }] })
    },
  }),
  rule({
    id: 'metadata.does-not-create-when-forbidden',
    says: 'With allowAutoTopicCreation false a topic that was asked for does not come into being.',
    source: KIP_4,
    apis: [Metadata],
    topic: 'metadata',
    versions: { min: 4 },
    run: async (t) => {
      const name = t.name('topic')
      await t.client.ask(Metadata, ofTopics(name))
      await t.pause(200)
      const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      t.expect(await t.client.ask(Metadata, ofTopics(name)), { topics: [{ name, errorCode }] })
    },
  }),
  rule({
    id: 'metadata.creates-when-allowed',
    says: 'A topic that is asked for is created where the broker and the request allow it, with leaders soon.',
    source: KIP_4,
    apis: [Metadata],
    topic: 'metadata',
    needs: ['auto-create-topics'],
    run: async (t) => {
      const name = t.name('topic')
      t.discardTopic(name)
      const request = { topics: [{ name }], allowAutoTopicCreation: true }
      // A broker that has made it before it answers may say so at once.
      const { LEADER_NOT_AVAILABLE, NONE, UNKNOWN_TOPIC_OR_PARTITION } = ErrorCode
      const errorCode = oneOf(LEADER_NOT_AVAILABLE, UNKNOWN_TOPIC_OR_PARTITION, NONE)
      t.expect(await t.client.ask(Metadata, request), { topics: [{ name, errorCode }] })
      const answer = await t.until(`topic ${name}`, async () => {
        const found = await t.client.ask(Metadata, request)
        return found.topics[0]?.errorCode === ErrorCode.NONE && found
      })
      t.expect(answer, { topics: [{ name, partitions: nonEmpty }] })
    },
  }),
  ...['', '.', '..', 'with space', 'slash/ed', 'ünicode', 'x'.repeat(250)].map((name, index) =>
    rule({
      id: `metadata.invalid-name-${index + 1}`,
      says: `The name ${name.length > 20 ? `of ${name.length} characters` : `'${name}'`} is refused with INVALID_TOPIC_EXCEPTION.`,
      source: documents.topicNames,
      apis: [Metadata],
      topic: 'boundaries',
      run: async (t) => {
        const answer = await t.client.ask(Metadata, {
          topics: [{ name }],
          allowAutoTopicCreation: true,
        })
        const errorCode = ErrorCode.INVALID_TOPIC_EXCEPTION
        t.expect(answer, { topics: [{ errorCode, name, partitions: [] }] })
      },
    }),
  ),
  rule({
    id: 'metadata.null-means-all-topics',
    says: 'A null list asks for all topics.',
    source: DOCUMENT,
    apis: [Metadata, CreateTopics],
    topic: 'metadata',
    versions: { min: 1 },
    run: async (t) => {
      const one = await createTopic(t)
      const other = await createTopic(t)
      const answer = await t.client.ask(Metadata, { topics: null, allowAutoTopicCreation: false })
      const errorCode = ErrorCode.NONE
      t.expect(answer, {
        topics: containing({ errorCode, name: one.name }, { errorCode, name: other.name }),
      })
    },
  }),
  rule({
    id: 'metadata.empty-means-all-topics-in-version-0',
    says: 'In version 0, which has no null, the empty list asks for all topics.',
    source: DOCUMENT,
    apis: [Metadata, CreateTopics],
    topic: 'metadata',
    versions: { max: 0 },
    run: async (t) => {
      const { name } = await createTopic(t)
      const answer = await t.client.ask(Metadata, { topics: [] })
      t.expect(answer, { topics: containing({ errorCode: ErrorCode.NONE, name }) })
    },
  }),
  rule({
    id: 'metadata.empty-means-no-topic',
    says: 'From version 1 on the empty list asks for no topic, and the brokers come all the same.',
    source: DOCUMENT,
    apis: [Metadata, CreateTopics],
    topic: 'metadata',
    versions: { min: 1 },
    run: async (t) => {
      await createTopic(t)
      const answer = await t.client.ask(Metadata, { topics: [], allowAutoTopicCreation: false })
      t.expect(answer, { topics: [], brokers: nonEmpty })
    },
  }),
  rule({
    id: 'metadata.known-and-unknown-together',
    says: 'A topic that does not exist spoils nothing for the others in the request.',
    source: DOCUMENT,
    apis: [Metadata, CreateTopics],
    topic: 'errors',
    versions: { min: 4 },
    run: async (t) => {
      const { name } = await createTopic(t)
      const unknown = t.name('topic')
      t.expect(await t.client.ask(Metadata, ofTopics(unknown, name)), {
        topics: inAnyOrder(
          { name, errorCode: ErrorCode.NONE, partitions: [{ partitionIndex: 0 }] },
          { name: unknown, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, partitions: [] },
        ),
      })
    },
  }),
  rule({
    id: 'metadata.duplicate-topic-once',
    says: 'A topic named twice in a request is answered once.',
    source: DOCUMENT,
    apis: [Metadata, CreateTopics],
    topic: 'boundaries',
    run: async (t) => {
      const { name } = await createTopic(t)
      const answer = await t.client.ask(Metadata, ofTopics(name, name))
      t.expect(answer, { topics: [{ name, errorCode: ErrorCode.NONE }] })
    },
  }),
  rule({
    id: 'metadata.topic-by-id',
    says: 'A topic can be asked for by its id alone, and comes with its name.',
    source: KIP_516,
    apis: [Metadata, CreateTopics],
    topic: 'metadata',
    versions: { min: 12 },
    run: async (t) => {
      const { name, id } = await createTopic(t)
      const answer = await t.client.ask(Metadata, {
        topics: [{ topicId: id, name: null }],
        allowAutoTopicCreation: false,
      })
      const partitions = [{ partitionIndex: 0 }]
      t.expect(answer, { topics: [{ errorCode: ErrorCode.NONE, name, topicId: id, partitions }] })
    },
  }),
  rule({
    id: 'metadata.unknown-topic-id',
    says: 'An id of no topic is answered with UNKNOWN_TOPIC_ID, the id, and a null name.',
    source: KIP_516,
    apis: [Metadata],
    topic: 'errors',
    versions: { min: 12 },
    run: async (t) => {
      const topicId = '4f54544c-4100-4000-8000-000000000001'
      const answer = await t.client.ask(Metadata, {
        topics: [{ topicId, name: null }],
        allowAutoTopicCreation: false,
      })
      const errorCode = ErrorCode.UNKNOWN_TOPIC_ID
      t.expect(answer, { topics: [{ errorCode, topicId, name: null, partitions: [] }] })
    },
  }),
  rule({
    id: 'metadata.id-is-that-of-create-topics',
    says: 'The id of a topic is the one that CreateTopics answered, and never zero.',
    source: KIP_516,
    apis: [Metadata, CreateTopics],
    topic: 'metadata',
    versions: { min: 10 },
    run: async (t) => {
      const name = t.name('topic')
      t.discardTopic(name)
      const topic = { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
      const request = { topics: [topic], timeoutMs: t.deadlineMs }
      const created = await t.client.ask(CreateTopics, request, newest(t, CreateTopics))
      const topicId = created.topics[0]?.topicId ?? ZERO_UUID
      t.expect(created, { topics: [{ name, topicId: noneOf(ZERO_UUID) }] })
      const answer = await t.until(`topic ${name}`, async () => {
        const found = await t.client.ask(Metadata, ofTopics(name))
        return found.topics[0]?.errorCode === ErrorCode.NONE && found
      })
      t.expect(answer, { topics: [{ name, topicId }] })
    },
  }),
  rule({
    id: 'metadata.operations-only-when-asked',
    says: 'Without being asked for, authorized operations hold the lowest int32.',
    source: KIP_430,
    apis: [Metadata, CreateTopics],
    topic: 'metadata',
    versions: { min: 8 },
    run: async (t) => {
      const { name } = await createTopic(t)
      t.expect(await t.client.ask(Metadata, ofTopics(name)), {
        topics: [{ topicAuthorizedOperations: NOT_ASKED }],
        clusterAuthorizedOperations: NOT_ASKED,
      })
    },
  }),
  rule({
    id: 'metadata.operations-when-asked',
    says: 'When asked for, operations that the client may do on topic and cluster come as a bit field.',
    source: KIP_430,
    apis: [Metadata, CreateTopics],
    topic: 'metadata',
    versions: { min: 8 },
    run: async (t) => {
      const { name } = await createTopic(t)
      const answer = await t.client.ask(Metadata, {
        ...ofTopics(name),
        includeClusterAuthorizedOperations: true,
        includeTopicAuthorizedOperations: true,
      })
      // Read, write, create, delete, alter, describe, describe configs, alter configs: bits 3 to 8, 10 and 11.
      const onTopic = 0b1101_1111_1000
      // Create, alter, describe, cluster action, describe configs, alter configs, idempotent write and tokens.
      const onCluster = atLeast(1)
      t.expect(answer, {
        topics: [{ topicAuthorizedOperations: onTopic }],
        clusterAuthorizedOperations: onCluster,
      })
    },
  }),
  rule({
    id: 'metadata.deleted-topic-is-gone',
    says: 'A topic that was deleted is unknown soon after.',
    source: DOCUMENT,
    apis: [Metadata, CreateTopics, DeleteTopics],
    topic: 'metadata',
    versions: { min: 4 },
    run: async (t) => {
      const { name } = await createTopic(t)
      await deleteTopic(t, name)
      const answer = await t.until(`the end of ${name}`, async () => {
        const found = await t.client.ask(Metadata, ofTopics(name))
        return found.topics[0]?.errorCode !== ErrorCode.NONE && found
      })
      const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      t.expect(answer, { topics: [{ name, errorCode, partitions: [] }] })
    },
  }),
]
