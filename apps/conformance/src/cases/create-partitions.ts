import {
  CreatePartitions,
  type CreatePartitionsRequestInput,
  CreateTopics,
  ErrorCode,
  Metadata,
} from '@ottla/protocol'
import { inAnyOrder, nonEmpty } from '../match/index.js'
import { messageDocument } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import { createTopic } from '../steps/index.js'

const DOCUMENT = messageDocument('CreatePartitions')
const KIP_195 = 'KIP-195: AdminClient.createPartitions'

type Growth = CreatePartitionsRequestInput['topics'][number]

const NOBODY = 987_654

const grow = (t: RuleContext, topics: readonly Growth[], validateOnly = false) =>
  t.client.ask(CreatePartitions, { topics: [...topics], timeoutMs: t.deadlineMs, validateOnly })

async function partitionsOf(t: RuleContext, name: string) {
  const request = { topics: [{ name }], allowAutoTopicCreation: false }
  const { topics } = await t.client.ask(Metadata, request)
  return topics[0]?.partitions ?? []
}

const untilCount = (t: RuleContext, name: string, count: number) =>
  t.until(`${count} partitions of ${name}`, async () => {
    const partitions = await partitionsOf(t, name)
    return partitions.length === count && partitions
  })

const to = (...brokers: readonly (readonly number[])[]) =>
  brokers.map((brokerIds) => ({ brokerIds: [...brokerIds] }))

/** Of a topic with two partitions on `node`. */
const refusals: readonly (readonly [
  id: string,
  what: string,
  error: number,
  wish: (node: number) => Omit<Growth, 'name'>,
])[] = [
  [
    'same-count',
    'the number that it has',
    ErrorCode.INVALID_PARTITIONS,
    () => ({ count: 2, assignments: null }),
  ],
  [
    'fewer',
    'fewer than it has',
    ErrorCode.INVALID_PARTITIONS,
    () => ({ count: 1, assignments: null }),
  ],
  ['none', 'none', ErrorCode.INVALID_PARTITIONS, () => ({ count: 0, assignments: null })],
  [
    'negative',
    'a negative number',
    ErrorCode.INVALID_PARTITIONS,
    () => ({ count: -1, assignments: null }),
  ],
  [
    'too-few-assignments',
    'fewer assignments than new partitions',
    ErrorCode.INVALID_REPLICA_ASSIGNMENT,
    (node) => ({ count: 4, assignments: to([node]) }),
  ],
  [
    'too-many-assignments',
    'more assignments than new partitions',
    ErrorCode.INVALID_REPLICA_ASSIGNMENT,
    (node) => ({ count: 3, assignments: to([node], [node]) }),
  ],
  [
    'assignment-to-nobody',
    'a replica on a broker that is not there',
    ErrorCode.INVALID_REPLICA_ASSIGNMENT,
    () => ({ count: 3, assignments: to([NOBODY]) }),
  ],
  [
    'assignment-twice-on-a-broker',
    'two replicas on one broker',
    ErrorCode.INVALID_REPLICA_ASSIGNMENT,
    (node) => ({ count: 3, assignments: to([node, node]) }),
  ],
  [
    'assignment-without-replicas',
    'no replicas',
    ErrorCode.INVALID_REPLICA_ASSIGNMENT,
    () => ({ count: 3, assignments: to([]) }),
  ],
]

/** Rules of CreatePartitions. */
export const rules: readonly Rule[] = [
  rule({
    id: 'create-partitions.grows',
    says: 'A topic gets the partitions that it lacks, with leaders.',
    source: KIP_195,
    apis: [CreatePartitions, CreateTopics, Metadata],
    topic: 'administration',
    run: async (t) => {
      const { name } = await createTopic(t)
      t.expect(await grow(t, [{ name, count: 3, assignments: null }]), {
        throttleTimeMs: 0,
        results: [{ name, errorCode: ErrorCode.NONE, errorMessage: null }],
      })
      const partitions = await untilCount(t, name, 3)
      const indexes = partitions.map((one) => one.partitionIndex).sort()
      t.equal(indexes, [0, 1, 2], 'partitions in Metadata')
    },
  }),
  rule({
    id: 'create-partitions.assignment',
    says: 'With an assignment the new partitions get the replicas that it names.',
    source: KIP_195,
    apis: [CreatePartitions, CreateTopics, Metadata],
    topic: 'administration',
    run: async (t) => {
      const { name } = await createTopic(t)
      const node = (await partitionsOf(t, name))[0]?.leaderId ?? 0
      t.expect(await grow(t, [{ name, count: 3, assignments: to([node], [node]) }]), {
        results: [{ name, errorCode: ErrorCode.NONE }],
      })
      const partitions = await untilCount(t, name, 3)
      const replicas = partitions.map((one) => one.replicaNodes)
      t.equal(replicas, [[node], [node], [node]], 'replicas in Metadata')
    },
  }),
  ...refusals.map(([id, what, errorCode, wish]) =>
    rule({
      id: `create-partitions.${id}`,
      says: `${what[0]?.toUpperCase()}${what.slice(1)} is refused for a topic with two partitions, and changes nothing.`,
      source: DOCUMENT,
      apis: [CreatePartitions, CreateTopics, Metadata],
      topic: 'errors',
      run: async (t) => {
        const { name } = await createTopic(t, { partitions: 2 })
        const node = (await partitionsOf(t, name))[0]?.leaderId ?? 0
        t.expect(await grow(t, [{ name, ...wish(node) }]), {
          results: [{ name, errorCode, errorMessage: nonEmpty }],
        })
        t.equal((await partitionsOf(t, name)).length, 2, 'number of partitions in Metadata')
      },
    }),
  ),
  rule({
    id: 'create-partitions.unknown-topic',
    says: 'A topic that does not exist is refused with UNKNOWN_TOPIC_OR_PARTITION.',
    source: DOCUMENT,
    apis: [CreatePartitions],
    topic: 'errors',
    run: async (t) => {
      const name = t.name('topic')
      const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      t.expect(await grow(t, [{ name, count: 3, assignments: null }]), {
        results: [{ name, errorCode }],
      })
    },
  }),
  rule({
    id: 'create-partitions.topic-twice',
    says: 'A topic named twice in a request is refused with INVALID_REQUEST, once.',
    source: DOCUMENT,
    apis: [CreatePartitions, CreateTopics, Metadata],
    topic: 'boundaries',
    run: async (t) => {
      const { name } = await createTopic(t)
      const growth = { name, count: 3, assignments: null }
      t.expect(await grow(t, [growth, growth]), {
        results: [{ name, errorCode: ErrorCode.INVALID_REQUEST, errorMessage: nonEmpty }],
      })
      t.equal((await partitionsOf(t, name)).length, 1, 'number of partitions in Metadata')
    },
  }),
  rule({
    id: 'create-partitions.validate-only',
    says: 'With validateOnly the answer is that of a growth, and nothing grows.',
    source: KIP_195,
    apis: [CreatePartitions, CreateTopics, Metadata],
    topic: 'administration',
    run: async (t) => {
      const { name } = await createTopic(t)
      t.expect(await grow(t, [{ name, count: 3, assignments: null }], true), {
        results: [{ name, errorCode: ErrorCode.NONE, errorMessage: null }],
      })
      t.equal((await partitionsOf(t, name)).length, 1, 'number of partitions in Metadata')
    },
  }),
  rule({
    id: 'create-partitions.good-and-bad-together',
    says: 'A topic that is refused spoils nothing for the others in the request.',
    source: KIP_195,
    apis: [CreatePartitions, CreateTopics, Metadata],
    topic: 'errors',
    run: async (t) => {
      const [good, bad] = [await createTopic(t), await createTopic(t)]
      const answer = await grow(t, [
        { name: bad.name, count: 1, assignments: null },
        { name: good.name, count: 2, assignments: null },
      ])
      t.expect(answer, {
        results: inAnyOrder(
          { name: bad.name, errorCode: ErrorCode.INVALID_PARTITIONS },
          { name: good.name, errorCode: ErrorCode.NONE },
        ),
      })
      await untilCount(t, good.name, 2)
    },
  }),
  rule({
    id: 'create-partitions.forbidden',
    says: 'Without the right to alter it, a topic is refused with TOPIC_AUTHORIZATION_FAILED.',
    source: DOCUMENT,
    apis: [CreatePartitions, CreateTopics],
    topic: 'security',
    needs: ['sasl-plain', 'acls'],
    run: async (t) => {
      const { name } = await createTopic(t)
      const alice = await t.connect({ listener: 'sasl', as: 'alice' })
      const topics = [{ name, count: 3, assignments: null }]
      const request = { topics, timeoutMs: t.deadlineMs, validateOnly: false }
      const errorCode = ErrorCode.TOPIC_AUTHORIZATION_FAILED
      t.expect(await alice.ask(CreatePartitions, request), { results: [{ name, errorCode }] })
    },
  }),
]
