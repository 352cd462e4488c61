import {
  CreateTopics,
  DescribeProducers,
  ErrorCode,
  InitProducerId,
  Produce,
} from '@ottla/protocol'
import { absent, atLeast, noneOf } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import { createLog, newProducerId, produce, values, WRITTEN_AT } from '../steps/index.js'

const KIP_98 = 'KIP-98: Exactly Once Delivery and Transactional Messaging'
const KIP_360 = 'KIP-360: Improve reliability of idempotent/transactional producer'
const KIP_664 = 'KIP-664: Provide tooling to detect and abort hanging transactions'

const IDS = {
  apis: [InitProducerId] satisfies Rule['apis'] as Rule['apis'],
  topic: 'idempotence',
  source: KIP_98,
} as const

const DESCRIBING = {
  apis: [DescribeProducers, Produce, CreateTopics] satisfies Rule['apis'] as Rule['apis'],
  source: KIP_664,
} as const

const FOR_NOBODY = { transactionalId: null, transactionTimeoutMs: 60_000 }

/** Rules of InitProducerId without transactions, and of DescribeProducers. */
export const rules: readonly Rule[] = [
  rule({
    ...IDS,
    id: 'init-producer-id.idempotent',
    says: 'Without a transactional id a producer id comes, with epoch 0.',
    run: async (t) => {
      t.expect(await t.client.ask(InitProducerId, FOR_NOBODY), {
        throttleTimeMs: 0,
        errorCode: ErrorCode.NONE,
        producerId: atLeast(0n),
        producerEpoch: 0,
      })
    },
  }),
  rule({
    ...IDS,
    id: 'init-producer-id.idempotent-is-new',
    says: 'Without a transactional id each request gets another producer id.',
    run: async (t) => {
      const ids = new Set<bigint>()
      for (let count = 0; count < 5; count++) {
        const answer = await t.client.ask(InitProducerId, FOR_NOBODY)
        const producerId = noneOf(-1n, ...ids)
        t.expect(answer, { errorCode: 0, producerId, producerEpoch: 0 })
        ids.add(answer.producerId)
      }
    },
  }),
  rule({
    ...IDS,
    id: 'init-producer-id.timeout-does-not-matter',
    says: 'Without a transactional id the transaction timeout is not looked at.',
    run: async (t) => {
      const request = { transactionalId: null, transactionTimeoutMs: 2_147_483_647 }
      const answer = await t.client.ask(InitProducerId, request)
      t.expect(answer, { errorCode: 0, producerId: atLeast(0n), producerEpoch: 0 })
    },
  }),
  rule({
    ...IDS,
    id: 'init-producer-id.empty-transactional-id',
    says: 'The empty transactional id is INVALID_REQUEST.',
    run: async (t) => {
      const request = { transactionalId: '', transactionTimeoutMs: 60_000 }
      const answer = await t.client.ask(InitProducerId, request)
      t.expect(answer, { errorCode: ErrorCode.INVALID_REQUEST, producerId: -1n })
    },
  }),
  ...[
    { id: 'id-without-epoch', producerId: 5n, producerEpoch: -1 },
    { id: 'epoch-without-id', producerId: -1n, producerEpoch: 5 },
  ].map(({ id, producerId, producerEpoch }) =>
    rule({
      ...IDS,
      id: `init-producer-id.${id}`,
      says: 'Of producer id and epoch both or none are given: one alone is INVALID_REQUEST.',
      source: KIP_360,
      versions: { min: 3 },
      run: async (t) => {
        const request = { ...FOR_NOBODY, producerId, producerEpoch }
        const answer = await t.client.ask(InitProducerId, request)
        t.expect(answer, { errorCode: ErrorCode.INVALID_REQUEST, producerId: -1n })
      },
    }),
  ),
  rule({
    ...DESCRIBING,
    id: 'describe-producers.no-producers',
    says: 'A partition that no idempotent producer has written to has no active producers.',
    topic: 'idempotence',
    run: async (t) => {
      const topic = await createLog(t)
      await produce(t, topic, values('a'))
      const topics = [{ name: topic.name, partitionIndexes: [0] }]
      const partitions = [{ partitionIndex: 0, errorCode: 0, activeProducers: [] }]
      const expected = { throttleTimeMs: 0, topics: [{ name: topic.name, partitions }] }
      t.expect(await t.client.ask(DescribeProducers, { topics }), expected)
    },
  }),
  rule({
    ...DESCRIBING,
    id: 'describe-producers.active-producer',
    says: 'An idempotent producer comes with epoch, last sequence and last timestamp, and no transaction.',
    topic: 'idempotence',
    run: async (t) => {
      const topic = await createLog(t)
      const producerId = await newProducerId(t)
      const producer = { producerId, producerEpoch: 3 }
      await produce(t, topic, values('a', 'b'), { ...producer, baseSequence: 0 })
      await produce(t, topic, values('c'), { ...producer, baseSequence: 2 })
      const topics = [{ name: topic.name, partitionIndexes: [0] }]
      const active = { ...producer, lastSequence: 2, lastTimestamp: BigInt(WRITTEN_AT) }
      const activeProducers = [{ ...active, coordinatorEpoch: -1, currentTxnStartOffset: -1n }]
      const partitions = [{ partitionIndex: 0, errorCode: 0, activeProducers }]
      const expected = { topics: [{ name: topic.name, partitions }] }
      t.expect(await t.client.ask(DescribeProducers, { topics }), expected)
    },
  }),
  ...['topic', 'partition'].map((what) =>
    rule({
      ...DESCRIBING,
      id: `describe-producers.unknown-${what}`,
      says: `A ${what} that does not exist is UNKNOWN_TOPIC_OR_PARTITION.`,
      topic: 'errors',
      run: async (t) => {
        const name = what === 'topic' ? t.name('topic') : (await createLog(t)).name
        const topics = [{ name, partitionIndexes: [6] }]
        const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        const partitions = [{ partitionIndex: 6, errorCode, activeProducers: absent }]
        const expected = { topics: [{ name, partitions }] }
        t.expect(await t.client.ask(DescribeProducers, { topics }), expected)
      },
    }),
  ),
]
