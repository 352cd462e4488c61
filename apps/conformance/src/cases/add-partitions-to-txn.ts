import {
  AddPartitionsToTxn,
  type AddPartitionsToTxnResponse,
  DescribeTransactions,
  ErrorCode,
  InitProducerId,
} from '@ottla/protocol'
import { inAnyOrder } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  addPartitions,
  addPartitionsRequest,
  createLog,
  endTransaction,
  initTransactions,
  type TransactionalProducer,
} from '../steps/index.js'

const KIP_98 =
  'KIP-98: Exactly Once Delivery and Transactional Messaging, section AddPartitionsToTxnRequest'
const KIP_588 = 'KIP-588: Allow producers to recover gracefully from transaction timeouts'
const KIP_890 = 'KIP-890: Transactions Server-Side Defense'

/** From this version on the request is one of brokers, which may hold several transactions. */
const BATCHED = 4

type Wanted = readonly { readonly name: string; readonly partitions: number[] }[]

async function ask(
  t: RuleContext,
  producer: TransactionalProducer,
  topics: Wanted,
  verifyOnly = false,
) {
  const { transactionalId } = producer
  const coordinator = await t.coordinator(transactionalId || t.name('other'), 'transaction')
  const request = addPartitionsRequest(producer, topics)
  const transactions = request.transactions.map((one) => ({ ...one, verifyOnly }))
  return coordinator.ask(AddPartitionsToTxn, { ...request, transactions })
}

/** Compares the results of the one transaction asked about, wherever the version has them. */
function expectResults(
  t: RuleContext,
  answer: AddPartitionsToTxnResponse,
  name: string,
  codes: Readonly<Record<number, number>>,
): void {
  const results = Object.entries(codes).map(([index, partitionErrorCode]) => ({
    partitionIndex: Number(index),
    partitionErrorCode,
  }))
  const topic = { name, resultsByPartition: inAnyOrder(...results) }
  t.expect(answer, {
    throttleTimeMs: 0,
    errorCode: ErrorCode.NONE,
    resultsByTransaction: [{ topicResults: [topic] }],
    resultsByTopicV3AndBelow: [topic],
  })
}

const fencedCode = (t: RuleContext) =>
  t.version >= 2 ? ErrorCode.PRODUCER_FENCED : ErrorCode.INVALID_PRODUCER_EPOCH

const strangers: readonly {
  readonly id: string
  readonly says: string
  readonly wrong: (producer: TransactionalProducer) => TransactionalProducer
  readonly code: (t: RuleContext) => number
}[] = [
  {
    id: 'unknown-transactional-id',
    says: 'a transactional id that nobody holds gets INVALID_PRODUCER_ID_MAPPING',
    wrong: (producer) => ({ ...producer, transactionalId: `${producer.transactionalId}-other` }),
    code: () => ErrorCode.INVALID_PRODUCER_ID_MAPPING,
  },
  {
    id: 'other-producer-id',
    says: 'a producer id that is not the one of the transactional id gets INVALID_PRODUCER_ID_MAPPING',
    wrong: (producer) => ({ ...producer, producerId: producer.producerId + 1_000_000n }),
    code: () => ErrorCode.INVALID_PRODUCER_ID_MAPPING,
  },
  {
    id: 'higher-epoch',
    says: 'an epoch above the known one is fenced: PRODUCER_FENCED, INVALID_PRODUCER_EPOCH before version 2',
    wrong: (producer) => ({ ...producer, producerEpoch: producer.producerEpoch + 1 }),
    code: fencedCode,
  },
  {
    id: 'lower-epoch',
    says: 'an epoch below the known one is fenced: PRODUCER_FENCED, INVALID_PRODUCER_EPOCH before version 2',
    wrong: (producer) => ({ ...producer, producerEpoch: producer.producerEpoch - 1 }),
    code: fencedCode,
  },
  {
    id: 'empty-transactional-id',
    says: 'an empty transactional id gets INVALID_REQUEST',
    wrong: (producer) => ({ ...producer, transactionalId: '' }),
    code: () => ErrorCode.INVALID_REQUEST,
  },
]

const refusals = strangers.map(({ id, says, wrong, code }) =>
  rule({
    id: `add-partitions-to-txn.${id}`,
    says: `AddPartitionsToTxn: ${says}, for each partition.`,
    source: `${KIP_98}; ${KIP_588}`,
    apis: [AddPartitionsToTxn, InitProducerId],
    topic: 'errors',
    run: async (t) => {
      const { name } = await createLog(t, { partitions: 2 })
      const producer = await initTransactions(t)
      const answer = await ask(t, wrong(producer), [{ name, partitions: [0, 1] }])
      expectResults(t, answer, name, { 0: code(t), 1: code(t) })
    },
  }),
)

/** Rules of AddPartitionsToTxn. */
export const rules: readonly Rule[] = [
  ...refusals,
  rule({
    id: 'add-partitions-to-txn.adds',
    says: 'Partitions are added to the transaction, each answered without error.',
    source: KIP_98,
    apis: [AddPartitionsToTxn, InitProducerId],
    topic: 'transactions',
    run: async (t) => {
      const { name } = await createLog(t, { partitions: 3 })
      const answer = await ask(t, await initTransactions(t), [{ name, partitions: [0, 2] }])
      expectResults(t, answer, name, { 0: ErrorCode.NONE, 2: ErrorCode.NONE })
    },
  }),
  rule({
    id: 'add-partitions-to-txn.begins-transaction',
    says: 'The first partition added begins the transaction: its state is Ongoing and it names the partition.',
    source: KIP_98,
    apis: [AddPartitionsToTxn, InitProducerId, DescribeTransactions],
    topic: 'transactions',
    run: async (t) => {
      const { name } = await createLog(t, { partitions: 2 })
      const producer = await initTransactions(t)
      await ask(t, producer, [{ name, partitions: [1] }])
      const { transactionalId, producerId, producerEpoch } = producer
      const coordinator = await t.coordinator(transactionalId, 'transaction')
      const request = { transactionalIds: [transactionalId] }
      const topics = [{ topic: name, partitions: [1] }]
      const transactionState = 'Ongoing'
      t.expect(await coordinator.ask(DescribeTransactions, request), {
        transactionStates: [{ transactionState, producerId, producerEpoch, topics }],
      })
    },
  }),
  rule({
    id: 'add-partitions-to-txn.again',
    says: 'A partition that is in the transaction already may be added again.',
    source: KIP_98,
    apis: [AddPartitionsToTxn, InitProducerId],
    topic: 'transactions',
    run: async (t) => {
      const topic = await createLog(t)
      const producer = await initTransactions(t)
      await addPartitions(t, producer, topic)
      const answer = await ask(t, producer, [{ name: topic.name, partitions: [0] }])
      expectResults(t, answer, topic.name, { 0: ErrorCode.NONE })
    },
  }),
  rule({
    id: 'add-partitions-to-txn.next-transaction',
    says: 'After an end the next transaction begins with the next partition added, without another InitProducerId.',
    source: KIP_98,
    apis: [AddPartitionsToTxn, InitProducerId],
    topic: 'transactions',
    versions: { max: BATCHED - 1 },
    run: async (t) => {
      const topic = await createLog(t)
      const producer = await initTransactions(t)
      await addPartitions(t, producer, topic)
      await endTransaction(t, producer, true, 1)
      const results = await t.until(
        'an answer that is no longer CONCURRENT_TRANSACTIONS',
        async () => {
          const answer = await ask(t, producer, [{ name: topic.name, partitions: [0] }])
          const code = answer.resultsByTopicV3AndBelow[0]?.resultsByPartition[0]?.partitionErrorCode
          return code !== ErrorCode.CONCURRENT_TRANSACTIONS && answer
        },
      )
      expectResults(t, results, topic.name, { 0: ErrorCode.NONE })
    },
  }),
  rule({
    id: 'add-partitions-to-txn.unknown-topic',
    says: 'A topic that does not exist gets UNKNOWN_TOPIC_OR_PARTITION, and nothing else is added: OPERATION_NOT_ATTEMPTED.',
    source: KIP_98,
    apis: [AddPartitionsToTxn, InitProducerId],
    topic: 'errors',
    run: async (t) => {
      const { name } = await createLog(t)
      const unknown = t.name('unknown')
      const wanted = [
        { name, partitions: [0] },
        { name: unknown, partitions: [0] },
      ]
      const answer = await ask(t, await initTransactions(t), wanted)
      const topic = (name: string, partitionErrorCode: number) => ({
        name,
        resultsByPartition: [{ partitionIndex: 0, partitionErrorCode }],
      })
      const results = inAnyOrder(
        topic(name, ErrorCode.OPERATION_NOT_ATTEMPTED),
        topic(unknown, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
      )
      t.expect(answer, {
        resultsByTransaction: [{ topicResults: results }],
        resultsByTopicV3AndBelow: results,
      })
    },
  }),
  rule({
    id: 'add-partitions-to-txn.unknown-partition',
    says: 'A partition above those of its topic gets UNKNOWN_TOPIC_OR_PARTITION, the one beside it OPERATION_NOT_ATTEMPTED.',
    source: KIP_98,
    apis: [AddPartitionsToTxn, InitProducerId],
    topic: 'errors',
    run: async (t) => {
      const { name } = await createLog(t)
      const answer = await ask(t, await initTransactions(t), [{ name, partitions: [0, 1] }])
      expectResults(t, answer, name, {
        0: ErrorCode.OPERATION_NOT_ATTEMPTED,
        1: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
      })
    },
  }),
  rule({
    id: 'add-partitions-to-txn.verifies',
    says: 'Asked to verify only, partitions of the transaction are confirmed.',
    source: KIP_890,
    apis: [AddPartitionsToTxn, InitProducerId],
    topic: 'transactions',
    versions: { min: BATCHED },
    run: async (t) => {
      const topic = await createLog(t)
      const producer = await initTransactions(t)
      await addPartitions(t, producer, topic)
      const answer = await ask(t, producer, [{ name: topic.name, partitions: [0] }], true)
      expectResults(t, answer, topic.name, { 0: ErrorCode.NONE })
    },
  }),
  rule({
    id: 'add-partitions-to-txn.verify-finds-missing',
    says: 'Asked to verify only, a partition that is not in the transaction gets TRANSACTION_ABORTABLE.',
    source: KIP_890,
    apis: [AddPartitionsToTxn, InitProducerId],
    topic: 'errors',
    versions: { min: BATCHED },
    run: async (t) => {
      const topic = await createLog(t, { partitions: 2 })
      const producer = await initTransactions(t)
      await addPartitions(t, producer, topic)
      const answer = await ask(t, producer, [{ name: topic.name, partitions: [1] }], true)
      expectResults(t, answer, topic.name, { 1: ErrorCode.TRANSACTION_ABORTABLE })
    },
  }),
]
