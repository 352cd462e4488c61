import {
  CreateTopics,
  type CreateTopicsRequestInput,
  DeleteTopics,
  ErrorCode,
  Metadata,
  ZERO_UUID,
} from '@ottla/protocol'
import { absent, atLeast, containing, inAnyOrder, nonEmpty, noneOf } from '../match/index.js'
import { documents, messageDocument, topicConfigDocument } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import { createTopic, deleteTopic } from '../steps/index.js'
import { assigned, badConfigs, refusals } from './create-topics-refusals.js'

const DOCUMENT = messageDocument('CreateTopics')
const KIP_4 = 'KIP-4: Command line and centralized administrative operations, CreateTopics Request'
const KIP_464 = 'KIP-464: Defaults for AdminClient#createTopic'
const KIP_525 = 'KIP-525: Return topic metadata and configs in CreateTopics response'
const NAMES = documents.topicNames

type NewTopic = CreateTopicsRequestInput['topics'][number]

const plain = { numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }

/** Asks for topics, which are deleted at the end. */
function create(t: RuleContext, topics: readonly NewTopic[], validateOnly = false) {
  for (const { name } of topics) t.discardTopic(name)
  const request = { topics: [...topics], timeoutMs: t.deadlineMs, validateOnly }
  return t.client.ask(CreateTopics, request)
}

async function describe(t: RuleContext, name: string) {
  const request = { topics: [{ name }], allowAutoTopicCreation: false }
  const { topics } = await t.client.ask(Metadata, request)
  return topics[0]
}

async function someNode(t: RuleContext): Promise<number> {
  const { brokers } = await t.client.ask(Metadata, { topics: [], allowAutoTopicCreation: false })
  return brokers[0]?.nodeId ?? 0
}

const settled = (t: RuleContext, name: string) =>
  t.until(`topic ${name}`, async () => {
    const found = await describe(t, name)
    return found?.errorCode === ErrorCode.NONE && found
  })

const invalidNames = ['', '.', '..', 'with space', 'slash/ed', 'ünicode', 'x'.repeat(250)]

const shown = (name: string) => (name.length > 20 ? `of ${name.length} letters` : `'${name}'`)

/** Rules of CreateTopics. */
export const rules: readonly Rule[] = [
  rule({
    id: 'create-topics.creates',
    says: 'A topic is created with the partitions and replicas asked for, and an id from version 7 on.',
    source: KIP_4,
    apis: [CreateTopics, Metadata],
    topic: 'administration',
    run: async (t) => {
      const name = t.name('topic')
      const answer = await create(t, [{ ...plain, name, numPartitions: 3 }])
      t.expect(answer, {
        throttleTimeMs: 0,
        topics: [
          {
            name,
            topicId: noneOf(ZERO_UUID),
            errorCode: ErrorCode.NONE,
            errorMessage: null,
            topicConfigErrorCode: ErrorCode.NONE,
            numPartitions: 3,
            replicationFactor: 1,
          },
        ],
      })
      const topic = await settled(t, name)
      t.equal(topic.partitions.length, 3, 'number of partitions in Metadata')
    },
  }),
  rule({
    id: 'create-topics.id-is-that-of-metadata',
    says: 'The id in the answer is the one that Metadata gives.',
    source: 'KIP-516: Topic Identifiers',
    apis: [CreateTopics, Metadata],
    topic: 'administration',
    versions: { min: 7 },
    run: async (t) => {
      const name = t.name('topic')
      const answer = await create(t, [{ ...plain, name }])
      const { topicId } = await settled(t, name)
      t.expect(answer, { topics: [{ name, topicId }] })
    },
  }),
  rule({
    id: 'create-topics.defaults',
    says: 'With -1 the broker’s defaults say how many partitions and replicas there are.',
    source: KIP_464,
    apis: [CreateTopics, Metadata],
    topic: 'administration',
    versions: { min: 4 },
    run: async (t) => {
      const name = t.name('topic')
      const answer = await create(t, [{ ...plain, name, numPartitions: -1, replicationFactor: -1 }])
      const { partitions } = await settled(t, name)
      t.expect(answer, {
        topics: [
          {
            name,
            errorCode: ErrorCode.NONE,
            numPartitions: partitions.length,
            replicationFactor: partitions[0]?.replicaNodes.length ?? 0,
          },
        ],
      })
    },
  }),
  rule({
    id: 'create-topics.assignment',
    says: 'With an assignment the partitions get the replicas that it names.',
    source: KIP_4,
    apis: [CreateTopics, Metadata],
    topic: 'administration',
    run: async (t) => {
      const name = t.name('topic')
      const node = await someNode(t)
      const answer = await create(t, [{ ...plain, name, ...assigned([node], [node]) }])
      t.expect(answer, {
        topics: [{ name, errorCode: ErrorCode.NONE, numPartitions: 2, replicationFactor: 1 }],
      })
      const { partitions } = await settled(t, name)
      const replicas = partitions.map(({ replicaNodes }) => replicaNodes)
      t.equal(replicas, [[node], [node]], 'replicas in Metadata')
    },
  }),
  rule({
    id: 'create-topics.configs-in-the-answer',
    says: 'The answer holds the configs of the topic: those given as its own, the rest by default.',
    source: KIP_525,
    apis: [CreateTopics],
    topic: 'configs',
    versions: { min: 5 },
    run: async (t) => {
      const name = t.name('topic')
      const configs = [{ name: 'retention.ms', value: '123456' }]
      const answer = await create(t, [{ ...plain, name, configs }])
      const flags = { readOnly: false, isSensitive: false }
      t.expect(answer, {
        topics: [
          {
            name,
            errorCode: ErrorCode.NONE,
            configs: containing(
              { name: 'retention.ms', value: '123456', configSource: 1, ...flags },
              { name: 'cleanup.policy', value: 'delete', configSource: 5, ...flags },
            ),
          },
        ],
      })
    },
  }),
  rule({
    id: 'create-topics.exists',
    says: 'A topic that exists is refused with TOPIC_ALREADY_EXISTS.',
    source: DOCUMENT,
    apis: [CreateTopics],
    topic: 'errors',
    run: async (t) => {
      const { name } = await createTopic(t)
      t.expect(await create(t, [{ ...plain, name }]), {
        topics: [
          {
            name,
            errorCode: ErrorCode.TOPIC_ALREADY_EXISTS,
            errorMessage: nonEmpty,
            topicId: ZERO_UUID,
            numPartitions: -1,
            replicationFactor: -1,
            configs: absent,
          },
        ],
      })
    },
  }),
  ...refusals.map(([id, what, errorCode, wish]) =>
    rule({
      id: `create-topics.${id}`,
      says: `A topic with ${what} is refused with a message and does not come into being.`,
      source: DOCUMENT,
      apis: [CreateTopics, Metadata],
      topic: 'errors',
      run: async (t) => {
        const name = t.name('topic')
        const answer = await create(t, [{ ...plain, name, ...wish(await someNode(t)) }])
        t.expect(answer, { topics: [{ name, errorCode, errorMessage: nonEmpty }] })
        const unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        t.equal((await describe(t, name))?.errorCode, unknown, 'error of Metadata')
      },
    }),
  ),
  ...badConfigs.map(([config, value], index) =>
    rule({
      id: `create-topics.invalid-config-${index + 1}`,
      says: `The value '${value}' of the config ${config} is refused with INVALID_CONFIG.`,
      source: topicConfigDocument(config),
      apis: [CreateTopics],
      topic: 'configs',
      run: async (t) => {
        const name = t.name('topic')
        const answer = await create(t, [{ ...plain, name, configs: [{ name: config, value }] }])
        const errorCode = ErrorCode.INVALID_CONFIG
        t.expect(answer, { topics: [{ name, errorCode, errorMessage: nonEmpty }] })
      },
    }),
  ),
  ...invalidNames.map((name, index) =>
    rule({
      id: `create-topics.invalid-name-${index + 1}`,
      says: `The name ${shown(name)} is refused with INVALID_TOPIC_EXCEPTION.`,
      source: NAMES,
      apis: [CreateTopics],
      topic: 'boundaries',
      run: async (t) => {
        const errorCode = ErrorCode.INVALID_TOPIC_EXCEPTION
        t.expect(await create(t, [{ ...plain, name }]), {
          topics: [{ name, errorCode, errorMessage: nonEmpty }],
        })
      },
    }),
  ),
  rule({
    id: 'create-topics.longest-name',
    says: 'A name of 249 characters is a name.',
    source: NAMES,
    apis: [CreateTopics],
    topic: 'boundaries',
    run: async (t) => {
      const name = t.name('topic').padEnd(249, 'x')
      t.expect(await create(t, [{ ...plain, name }]), {
        topics: [{ name, errorCode: ErrorCode.NONE }],
      })
    },
  }),
  rule({
    id: 'create-topics.colliding-name',
    says: 'A name that differs from a topic’s only by . for _ is refused with INVALID_TOPIC_EXCEPTION.',
    source: NAMES,
    apis: [CreateTopics],
    topic: 'boundaries',
    run: async (t) => {
      const name = `${t.name('topic')}.x`
      await createTopic(t, { name: name.replace('.', '_') })
      const errorCode = ErrorCode.INVALID_TOPIC_EXCEPTION
      t.expect(await create(t, [{ ...plain, name }]), {
        topics: [{ name, errorCode, errorMessage: nonEmpty }],
      })
    },
  }),
  rule({
    id: 'create-topics.duplicate-in-request',
    says: 'A topic named twice in a request is refused with INVALID_REQUEST, once; others are created.',
    source: KIP_4,
    apis: [CreateTopics],
    topic: 'boundaries',
    run: async (t) => {
      const name = t.name('topic')
      const other = t.name('topic')
      const answer = await create(t, [
        { ...plain, name },
        { ...plain, name: other },
        { ...plain, name },
      ])
      t.expect(answer, {
        topics: inAnyOrder(
          { name, errorCode: ErrorCode.INVALID_REQUEST, errorMessage: nonEmpty },
          { name: other, errorCode: ErrorCode.NONE },
        ),
      })
    },
  }),
  rule({
    id: 'create-topics.validate-only',
    versions: { min: 1 },
    says: 'With validateOnly the answer is that of a creation, and nothing is created.',
    source: KIP_4,
    apis: [CreateTopics, Metadata],
    topic: 'administration',
    run: async (t) => {
      const name = t.name('topic')
      const answer = await create(t, [{ ...plain, name, numPartitions: 2 }], true)
      t.expect(answer, {
        topics: [
          {
            name,
            errorCode: ErrorCode.NONE,
            numPartitions: 2,
            replicationFactor: 1,
            configs: nonEmpty,
          },
        ],
      })
      const unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      t.equal((await describe(t, name))?.errorCode, unknown, 'error of Metadata')
    },
  }),
  rule({
    id: 'create-topics.validate-only-finds-errors',
    says: 'With validateOnly a topic that could not be created has the error of its creation.',
    source: KIP_4,
    apis: [CreateTopics],
    topic: 'errors',
    run: async (t) => {
      const { name } = await createTopic(t)
      const bad = t.name('topic')
      const answer = await create(
        t,
        [
          { ...plain, name },
          { ...plain, name: bad, numPartitions: 0 },
        ],
        true,
      )
      t.expect(answer, {
        topics: inAnyOrder(
          { name, errorCode: ErrorCode.TOPIC_ALREADY_EXISTS },
          { name: bad, errorCode: ErrorCode.INVALID_PARTITIONS },
        ),
      })
    },
  }),
  rule({
    id: 'create-topics.good-and-bad-together',
    says: 'A topic that is refused spoils nothing for the others in the request.',
    source: KIP_4,
    apis: [CreateTopics],
    topic: 'errors',
    run: async (t) => {
      const [good, bad] = [t.name('topic'), t.name('topic')]
      const answer = await create(t, [
        { ...plain, name: bad, replicationFactor: 0 },
        { ...plain, name: good },
      ])
      t.expect(answer, {
        topics: inAnyOrder(
          { name: good, errorCode: ErrorCode.NONE },
          { name: bad, errorCode: ErrorCode.INVALID_REPLICATION_FACTOR },
        ),
      })
      const { partitions } = await settled(t, good)
      t.equal(partitions.length, 1, 'number of partitions in Metadata')
    },
  }),
  rule({
    id: 'create-topics.other-id-after-deletion',
    says: 'A topic created again under the name of a deleted one has another id.',
    source: 'KIP-516: Topic Identifiers',
    apis: [CreateTopics, DeleteTopics],
    topic: 'administration',
    versions: { min: 7 },
    run: async (t) => {
      const { name, id } = await createTopic(t)
      await deleteTopic(t, name)
      const answer = await t.until(`the end of ${name}`, async () => {
        const found = await create(t, [{ ...plain, name }])
        return found.topics[0]?.errorCode !== ErrorCode.TOPIC_ALREADY_EXISTS && found
      })
      t.expect(answer, { topics: [{ errorCode: ErrorCode.NONE, topicId: noneOf(ZERO_UUID, id) }] })
    },
  }),
  rule({
    id: 'create-topics.forbidden',
    says: 'Without the right to create, a topic is refused with TOPIC_AUTHORIZATION_FAILED.',
    source: DOCUMENT,
    apis: [CreateTopics],
    topic: 'security',
    needs: ['sasl-plain', 'acls'],
    run: async (t) => {
      const alice = await t.connect({ listener: 'sasl', as: 'alice' })
      const name = t.name('topic')
      const request = { topics: [{ ...plain, name }], timeoutMs: t.deadlineMs }
      const errorCode = ErrorCode.TOPIC_AUTHORIZATION_FAILED
      t.expect(await alice.ask(CreateTopics, request), { topics: [{ name, errorCode }] })
    },
  }),
  rule({
    id: 'create-topics.many-partitions-are-led',
    says: 'All partitions of a new topic have leaders soon, numbered from 0.',
    source: KIP_4,
    apis: [CreateTopics, Metadata],
    topic: 'administration',
    versions: 'newest',
    run: async (t) => {
      const name = t.name('topic')
      await create(t, [{ ...plain, name, numPartitions: 20 }])
      const topic = await t.until(`leaders of ${name}`, async () => {
        const found = await describe(t, name)
        return (
          found?.partitions.length === 20 && found.partitions.every((p) => p.leaderId >= 0) && found
        )
      })
      const partitions = Array.from({ length: 20 }, (_, partitionIndex) => ({
        partitionIndex,
        leaderId: atLeast(0),
      }))
      t.expect(topic, { partitions: inAnyOrder(...partitions) })
    },
  }),
]
