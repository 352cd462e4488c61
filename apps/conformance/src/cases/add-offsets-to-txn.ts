import { AddOffsetsToTxn, DescribeTransactions, ErrorCode, InitProducerId } from '@ottla/protocol'
import { between } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import { initTransactions, type TransactionalProducer } from '../steps/index.js'

const KIP_98 =
  'KIP-98: Exactly Once Delivery and Transactional Messaging, section AddOffsetsToTxnRequest'
const KIP_588 = 'KIP-588: Allow producers to recover gracefully from transaction timeouts'

const fencedCode = (t: RuleContext) =>
  t.version >= 2 ? ErrorCode.PRODUCER_FENCED : ErrorCode.INVALID_PRODUCER_EPOCH

async function ask(t: RuleContext, holder: string, producer: TransactionalProducer) {
  const coordinator = await t.coordinator(holder, 'transaction')
  return coordinator.ask(AddOffsetsToTxn, { ...producer, groupId: t.name('group') })
}

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
    id: `add-offsets-to-txn.${id}`,
    says: `AddOffsetsToTxn: ${says}.`,
    source: `${KIP_98}; ${KIP_588}`,
    apis: [AddOffsetsToTxn, InitProducerId],
    topic: 'errors',
    run: async (t) => {
      const producer = await initTransactions(t)
      const answer = await ask(t, producer.transactionalId, wrong(producer))
      t.expect(answer, { errorCode: code(t) })
    },
  }),
)

/** Rules of AddOffsetsToTxn. */
export const rules: readonly Rule[] = [
  ...refusals,
  rule({
    id: 'add-offsets-to-txn.adds',
    says: 'The offsets of a group are added to the transaction, which begins with that: it names one partition of __consumer_offsets.',
    source: KIP_98,
    apis: [AddOffsetsToTxn, InitProducerId, DescribeTransactions],
    topic: 'transactions',
    run: async (t) => {
      const producer = await initTransactions(t)
      const { transactionalId } = producer
      const answer = await ask(t, transactionalId, producer)
      t.expect(answer, { throttleTimeMs: 0, errorCode: ErrorCode.NONE })
      const coordinator = await t.coordinator(transactionalId, 'transaction')
      const request = { transactionalIds: [transactionalId] }
      const topics = [{ topic: '__consumer_offsets', partitions: [between(0, 10_000)] }]
      t.expect(await coordinator.ask(DescribeTransactions, request), {
        transactionStates: [{ transactionState: 'Ongoing', topics }],
      })
    },
  }),
  rule({
    id: 'add-offsets-to-txn.again',
    says: 'The same group may be added again.',
    source: KIP_98,
    apis: [AddOffsetsToTxn, InitProducerId],
    topic: 'transactions',
    run: async (t) => {
      const producer = await initTransactions(t)
      const coordinator = await t.coordinator(producer.transactionalId, 'transaction')
      const request = { ...producer, groupId: t.name('group') }
      await coordinator.ask(AddOffsetsToTxn, request)
      const answer = await coordinator.ask(AddOffsetsToTxn, request)
      t.expect(answer, { errorCode: ErrorCode.NONE })
    },
  }),
]
