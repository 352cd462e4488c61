import {
  CreateTopics,
  DeleteTopics,
  type DeleteTopicsRequestInput,
  ErrorCode,
  ListOffsets,
  Metadata,
  Produce,
  ZERO_UUID,
} from '@ottla/protocol'
import { inAnyOrder, nonEmpty } from '../match/index.js'
import { messageDocument } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import { createTopic, deleteTopic, produce, values } from '../steps/index.js'

const DOCUMENT = messageDocument('DeleteTopics')
const KIP_516 = 'KIP-516: Topic Identifiers'
const UNKNOWN_ID = '4f54544c-4100-4000-8000-000000000002'

/** A request for topics by name, for all versions. */
const byName = (t: RuleContext, ...names: readonly string[]): DeleteTopicsRequestInput => ({
  topics: names.map((name) => ({ name, topicId: ZERO_UUID })),
  topicNames: [...names],
  timeoutMs: t.deadlineMs,
})

const byId = (t: RuleContext, ...ids: readonly string[]): DeleteTopicsRequestInput => ({
  topics: ids.map((topicId) => ({ name: null, topicId })),
  timeoutMs: t.deadlineMs,
})

const untilGone = (t: RuleContext, name: string) =>
  t.until(`the end of ${name}`, async () => {
    const request = { topics: [{ name }], allowAutoTopicCreation: false }
    const { topics } = await t.client.ask(Metadata, request)
    return topics[0]?.errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  })

/** Rules of DeleteTopics. */
export const rules: readonly Rule[] = [
  rule({
    id: 'delete-topics.by-name',
    says: 'A topic named is deleted; the answer has its name, and from version 6 on its id.',
    source: DOCUMENT,
    apis: [DeleteTopics, CreateTopics, Metadata],
    topic: 'administration',
    run: async (t) => {
      const { name, id } = await createTopic(t)
      t.expect(await t.client.ask(DeleteTopics, byName(t, name)), {
        throttleTimeMs: 0,
        responses: [{ name, topicId: id, errorCode: ErrorCode.NONE, errorMessage: null }],
      })
      await untilGone(t, name)
    },
  }),
  rule({
    id: 'delete-topics.by-id',
    says: 'A topic can be deleted by its id; the answer has its name as well.',
    source: KIP_516,
    apis: [DeleteTopics, CreateTopics, Metadata],
    topic: 'administration',
    versions: { min: 6 },
    run: async (t) => {
      const { name, id } = await createTopic(t)
      t.expect(await t.client.ask(DeleteTopics, byId(t, id)), {
        responses: [{ name, topicId: id, errorCode: ErrorCode.NONE, errorMessage: null }],
      })
      await untilGone(t, name)
    },
  }),
  rule({
    id: 'delete-topics.unknown-topic',
    says: 'A topic that does not exist is refused with UNKNOWN_TOPIC_OR_PARTITION.',
    source: DOCUMENT,
    apis: [DeleteTopics],
    topic: 'errors',
    run: async (t) => {
      const name = t.name('topic')
      const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      t.expect(await t.client.ask(DeleteTopics, byName(t, name)), {
        responses: [{ name, topicId: ZERO_UUID, errorCode, errorMessage: nonEmpty }],
      })
    },
  }),
  rule({
    id: 'delete-topics.unknown-id',
    says: 'An id of no topic is refused with UNKNOWN_TOPIC_ID.',
    source: KIP_516,
    apis: [DeleteTopics],
    topic: 'errors',
    versions: { min: 6 },
    run: async (t) => {
      const errorCode = ErrorCode.UNKNOWN_TOPIC_ID
      t.expect(await t.client.ask(DeleteTopics, byId(t, UNKNOWN_ID)), {
        responses: [{ name: null, topicId: UNKNOWN_ID, errorCode, errorMessage: nonEmpty }],
      })
    },
  }),
  rule({
    id: 'delete-topics.name-and-id',
    says: 'A topic given by name and id together is refused with INVALID_REQUEST.',
    source: KIP_516,
    apis: [DeleteTopics, CreateTopics],
    topic: 'boundaries',
    versions: { min: 6 },
    run: async (t) => {
      const { name, id } = await createTopic(t)
      const topics = [{ name, topicId: id }]
      t.expect(await t.client.ask(DeleteTopics, { topics, timeoutMs: t.deadlineMs }), {
        responses: [{ errorCode: ErrorCode.INVALID_REQUEST, errorMessage: nonEmpty }],
      })
    },
  }),
  rule({
    id: 'delete-topics.neither-name-nor-id',
    says: 'A topic given by neither name nor id is refused with INVALID_REQUEST.',
    source: KIP_516,
    apis: [DeleteTopics],
    topic: 'boundaries',
    versions: { min: 6 },
    run: async (t) => {
      t.expect(await t.client.ask(DeleteTopics, byId(t, ZERO_UUID)), {
        responses: [{ errorCode: ErrorCode.INVALID_REQUEST, errorMessage: nonEmpty }],
      })
    },
  }),
  rule({
    id: 'delete-topics.name-twice',
    says: 'A topic named twice in a request is refused with INVALID_REQUEST, and stays.',
    source: DOCUMENT,
    apis: [DeleteTopics, CreateTopics, Metadata],
    topic: 'boundaries',
    run: async (t) => {
      const { name } = await createTopic(t)
      t.expect(await t.client.ask(DeleteTopics, byName(t, name, name)), {
        responses: [{ name, errorCode: ErrorCode.INVALID_REQUEST, errorMessage: nonEmpty }],
      })
      const request = { topics: [{ name }], allowAutoTopicCreation: false }
      const { topics } = await t.client.ask(Metadata, request)
      t.equal(topics[0]?.errorCode, ErrorCode.NONE, 'error of Metadata')
    },
  }),
  rule({
    id: 'delete-topics.id-twice',
    says: 'An id given twice in a request is refused with INVALID_REQUEST.',
    source: KIP_516,
    apis: [DeleteTopics, CreateTopics],
    topic: 'boundaries',
    versions: { min: 6 },
    run: async (t) => {
      const { id } = await createTopic(t)
      t.expect(await t.client.ask(DeleteTopics, byId(t, id, id)), {
        responses: [{ topicId: id, errorCode: ErrorCode.INVALID_REQUEST, errorMessage: nonEmpty }],
      })
    },
  }),
  rule({
    id: 'delete-topics.no-topics',
    says: 'An empty list is answered with an empty list.',
    source: DOCUMENT,
    apis: [DeleteTopics],
    topic: 'boundaries',
    run: async (t) => {
      t.expect(await t.client.ask(DeleteTopics, byName(t)), { responses: [] })
    },
  }),
  rule({
    id: 'delete-topics.known-and-unknown-together',
    says: 'A topic that does not exist spoils nothing for the others in the request.',
    source: DOCUMENT,
    apis: [DeleteTopics, CreateTopics, Metadata],
    topic: 'errors',
    run: async (t) => {
      const { name } = await createTopic(t)
      const unknown = t.name('topic')
      t.expect(await t.client.ask(DeleteTopics, byName(t, unknown, name)), {
        responses: inAnyOrder(
          { name, errorCode: ErrorCode.NONE },
          { name: unknown, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION },
        ),
      })
      await untilGone(t, name)
    },
  }),
  rule({
    id: 'delete-topics.second-time',
    says: 'A topic that was deleted cannot be deleted again.',
    source: DOCUMENT,
    apis: [DeleteTopics, CreateTopics],
    topic: 'errors',
    run: async (t) => {
      const { name } = await createTopic(t)
      await deleteTopic(t, name)
      const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      t.expect(await t.client.ask(DeleteTopics, byName(t, name)), {
        responses: [{ name, errorCode }],
      })
    },
  }),
  rule({
    id: 'delete-topics.records-are-gone',
    says: 'A topic created again under the name of a deleted one starts without its records.',
    source: DOCUMENT,
    apis: [DeleteTopics, CreateTopics, Produce, ListOffsets],
    topic: 'records',
    run: async (t) => {
      const { name, id } = await createTopic(t)
      await produce(t, { name, id }, values('a', 'b', 'c'))
      await t.client.ask(DeleteTopics, byName(t, name))
      await untilGone(t, name)
      await createTopic(t, { name })
      const leader = await t.leader(name)
      const partitions = [{ partitionIndex: 0, timestamp: -1n, currentLeaderEpoch: -1 }]
      const offset = await t.until('an end offset', async () => {
        const request = { replicaId: -1, topics: [{ name, partitions }] }
        const { topics } = await leader.ask(ListOffsets, request)
        const found = topics[0]?.partitions[0]
        return found?.errorCode === ErrorCode.NONE && { end: found.offset }
      })
      t.equal(offset.end, 0n, 'end offset')
    },
  }),
  ...['topic', 'nothing'].map((what) =>
    rule({
      id: `delete-topics.forbidden-${what}`,
      says: `Without any right on it ${what === 'topic' ? 'a topic' : 'a name of no topic'} is refused with TOPIC_AUTHORIZATION_FAILED.`,
      source: DOCUMENT,
      apis: [DeleteTopics, CreateTopics],
      topic: 'security',
      needs: ['sasl-plain', 'acls'],
      run: async (t) => {
        const name = what === 'topic' ? (await createTopic(t)).name : t.name('topic')
        const alice = await t.connect({ listener: 'sasl', as: 'alice' })
        const errorCode = ErrorCode.TOPIC_AUTHORIZATION_FAILED
        t.expect(await alice.ask(DeleteTopics, byName(t, name)), {
          responses: [{ name, topicId: ZERO_UUID, errorCode }],
        })
      },
    }),
  ),
  rule({
    id: 'delete-topics.forbidden-id',
    says: 'Without any right on it a topic given by id is refused, and its name is not told.',
    source: KIP_516,
    apis: [DeleteTopics, CreateTopics],
    topic: 'security',
    versions: { min: 6 },
    needs: ['sasl-plain', 'acls'],
    run: async (t) => {
      const { id } = await createTopic(t)
      const alice = await t.connect({ listener: 'sasl', as: 'alice' })
      const errorCode = ErrorCode.TOPIC_AUTHORIZATION_FAILED
      t.expect(await alice.ask(DeleteTopics, byId(t, id)), {
        responses: [{ name: null, topicId: id, errorCode }],
      })
    },
  }),
]
