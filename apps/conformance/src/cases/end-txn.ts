import { AddPartitionsToTxn, EndTxn, ErrorCode, Fetch, InitProducerId } from '@ottla/protocol'
import { atLeast } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  addPartitions,
  createLog,
  endTransaction,
  initTransactions,
  produceInTransaction,
  readPartition,
  type TransactionalProducer,
  type TransactionProtocol,
  textsOf,
  untilSettled,
} from '../steps/index.js'

const KIP_98 = 'KIP-98: Exactly Once Delivery and Transactional Messaging, section EndTxnRequest'
const KIP_360 = 'KIP-360: Improve reliability of idempotent/transactional producer'
const KIP_588 = 'KIP-588: Allow producers to recover gracefully from transaction timeouts'
const KIP_890 = 'KIP-890: Transactions Server-Side Defense'

/** What EndTxn of version 5 does is named by another protocol than what came before. */
const protocolOf = (t: RuleContext): TransactionProtocol => (t.version >= 5 ? 2 : 1)

async function ask(t: RuleContext, producer: TransactionalProducer, committed: boolean) {
  const coordinator = await t.coordinator(producer.transactionalId, 'transaction')
  return untilSettled(t, () => coordinator.ask(EndTxn, { ...producer, committed }))
}

async function withOpenTransaction(t: RuleContext) {
  const topic = await createLog(t)
  const producer = await initTransactions(t)
  const protocol = protocolOf(t)
  await produceInTransaction(t, producer, topic, ['a', 'b'], { protocol })
  return { topic, producer }
}

/** Fenced producers are told so from version 2 on; before, the code did not exist. */
const fencedCode = (t: RuleContext) =>
  t.version >= 2 ? ErrorCode.PRODUCER_FENCED : ErrorCode.INVALID_PRODUCER_EPOCH

const both = [
  { committed: true, verb: 'commit', marker: 'COMMIT' },
  { committed: false, verb: 'abort', marker: 'ABORT' },
]

const endings: readonly Rule[] = both.flatMap(({ committed, verb, marker }) => [
  rule({
    id: `end-txn.${verb}s`,
    says: `An open transaction is ended with ${verb}, without error.`,
    source: KIP_98,
    apis: [EndTxn, InitProducerId, AddPartitionsToTxn],
    topic: 'transactions',
    run: async (t) => {
      const { producer } = await withOpenTransaction(t)
      const answer = await ask(t, producer, committed)
      t.expect(answer, { throttleTimeMs: 0, errorCode: ErrorCode.NONE })
    },
  }),
  rule({
    id: `end-txn.${verb}-writes-marker`,
    says: `A ${verb} writes one ${marker} marker after the records, which takes one offset.`,
    source: 'KIP-98: Exactly Once Delivery and Transactional Messaging, section Control Messages',
    apis: [EndTxn, InitProducerId, AddPartitionsToTxn, Fetch],
    topic: 'transactions',
    run: async (t) => {
      const { topic, producer } = await withOpenTransaction(t)
      await ask(t, producer, committed)
      const texts = await t.until('the marker', async () => {
        const found = textsOf(await readPartition(t, topic))
        return found.length > 2 && found
      })
      t.equal(texts, ['a', 'b', marker], 'records and markers')
      t.expect(await readPartition(t, topic), { highWatermark: 3n, lastStableOffset: 3n })
    },
  }),
  rule({
    id: `end-txn.v5-${verb}-bumps-epoch`,
    says: `A ${verb} of version 5 answers the same producer id with the next epoch.`,
    source: KIP_890,
    apis: [EndTxn, InitProducerId],
    topic: 'transactions',
    versions: { min: 5 },
    needs: ['transaction-version-2'],
    run: async (t) => {
      const { producer } = await withOpenTransaction(t)
      const { producerId, producerEpoch } = producer
      t.expect(await ask(t, producer, committed), {
        errorCode: ErrorCode.NONE,
        producerId,
        producerEpoch: producerEpoch + 1,
      })
    },
  }),
  rule({
    id: `end-txn.v5-repeated-${verb}-succeeds`,
    says: `A ${verb} of version 5 that comes again with the epoch before is answered as the first one was.`,
    source: KIP_890,
    apis: [EndTxn, InitProducerId],
    topic: 'transactions',
    versions: { min: 5 },
    needs: ['transaction-version-2'],
    run: async (t) => {
      const { producer } = await withOpenTransaction(t)
      const { errorCode, producerId, producerEpoch } = await ask(t, producer, committed)
      t.expect(await ask(t, producer, committed), { errorCode, producerId, producerEpoch })
    },
  }),
  rule({
    id: `end-txn.v4-repeated-${verb}-succeeds`,
    says: `A ${verb} of version 4 or lower may come again while no other transaction began.`,
    source: KIP_98,
    apis: [EndTxn, InitProducerId, AddPartitionsToTxn],
    topic: 'transactions',
    versions: { max: 4 },
    run: async (t) => {
      const { producer } = await withOpenTransaction(t)
      await ask(t, producer, committed)
      t.expect(await ask(t, producer, committed), { errorCode: ErrorCode.NONE })
    },
  }),
  rule({
    id: `end-txn.${verb}-then-opposite-is-invalid`,
    says: `After a ${verb}, the opposite of it with the same epoch is refused with INVALID_TXN_STATE.`,
    source: KIP_98,
    apis: [EndTxn, InitProducerId, AddPartitionsToTxn],
    topic: 'errors',
    run: async (t) => {
      const { producer } = await withOpenTransaction(t)
      await ask(t, producer, committed)
      const answer = await ask(t, producer, !committed)
      t.expect(answer, { errorCode: ErrorCode.INVALID_TXN_STATE })
    },
  }),
  rule({
    id: `end-txn.${verb}-ends-transaction-without-records`,
    says: `A transaction with partitions but no records is ended with ${verb} all the same, and its marker written.`,
    source: KIP_98,
    apis: [EndTxn, InitProducerId, AddPartitionsToTxn, Fetch],
    topic: 'transactions',
    versions: { max: 4 },
    run: async (t) => {
      const topic = await createLog(t)
      const producer = await initTransactions(t)
      await addPartitions(t, producer, topic)
      t.expect(await ask(t, producer, committed), { errorCode: ErrorCode.NONE })
      const texts = await t.until('the marker', async () => {
        const found = textsOf(await readPartition(t, topic))
        return found.length > 0 && found
      })
      t.equal(texts, [marker], 'records and markers')
    },
  }),
])

/** Producers that are not who they say they are; `wrong` changes the one who holds the id. */
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
    id: 'no-producer-id',
    says: 'producer id -1 gets INVALID_PRODUCER_ID_MAPPING',
    wrong: (producer) => ({ ...producer, producerId: -1n }),
    code: () => ErrorCode.INVALID_PRODUCER_ID_MAPPING,
  },
  {
    id: 'higher-epoch',
    says: 'an epoch above the known one is fenced: PRODUCER_FENCED, INVALID_PRODUCER_EPOCH before version 2',
    wrong: (producer) => ({ ...producer, producerEpoch: producer.producerEpoch + 1 }),
    code: fencedCode,
  },
  {
    id: 'negative-epoch',
    says: 'epoch -1 is fenced: PRODUCER_FENCED, INVALID_PRODUCER_EPOCH before version 2',
    wrong: (producer) => ({ ...producer, producerEpoch: -1 }),
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
    id: `end-txn.${id}`,
    says: `EndTxn: ${says}; the transaction stays open.`,
    source: `${KIP_98}; ${KIP_588}`,
    apis: [EndTxn, InitProducerId, AddPartitionsToTxn],
    topic: 'errors',
    run: async (t) => {
      const { producer } = await withOpenTransaction(t)
      const coordinator = await t.coordinator(producer.transactionalId, 'transaction')
      const answer = await coordinator.ask(EndTxn, { ...wrong(producer), committed: true })
      t.expect(answer, { errorCode: code(t) })
      t.expect(await ask(t, producer, true), { errorCode: ErrorCode.NONE })
    },
  }),
)

/** Rules of EndTxn. */
export const rules: readonly Rule[] = [
  ...endings,
  ...refusals,
  rule({
    id: 'end-txn.fenced-by-new-producer',
    says: 'After another InitProducerId the old epoch is fenced: PRODUCER_FENCED, INVALID_PRODUCER_EPOCH before version 2.',
    source: KIP_588,
    apis: [EndTxn, InitProducerId, AddPartitionsToTxn],
    topic: 'errors',
    run: async (t) => {
      const { producer } = await withOpenTransaction(t)
      const { transactionalId } = producer
      await initTransactions(t, { transactionalId })
      t.expect(await ask(t, producer, true), { errorCode: fencedCode(t) })
    },
  }),
  rule({
    id: 'end-txn.commit-without-transaction',
    says: 'A commit where no transaction ever began is refused with INVALID_TXN_STATE.',
    source: KIP_98,
    apis: [EndTxn, InitProducerId],
    topic: 'errors',
    run: async (t) => {
      const producer = await initTransactions(t)
      t.expect(await ask(t, producer, true), { errorCode: ErrorCode.INVALID_TXN_STATE })
    },
  }),
  rule({
    id: 'end-txn.v4-abort-without-transaction',
    says: 'An abort of version 4 or lower where no transaction ever began is refused with INVALID_TXN_STATE.',
    source: KIP_98,
    apis: [EndTxn, InitProducerId],
    topic: 'errors',
    versions: { max: 4 },
    run: async (t) => {
      const producer = await initTransactions(t)
      t.expect(await ask(t, producer, false), { errorCode: ErrorCode.INVALID_TXN_STATE })
    },
  }),
  rule({
    id: 'end-txn.v5-abort-without-transaction',
    says: 'An abort of version 5 where no transaction began succeeds and bumps the epoch: a produce may have been lost.',
    source: KIP_890,
    apis: [EndTxn, InitProducerId],
    topic: 'transactions',
    versions: { min: 5 },
    needs: ['transaction-version-2'],
    run: async (t) => {
      const producer = await initTransactions(t)
      const { producerId, producerEpoch } = producer
      t.expect(await ask(t, producer, false), {
        errorCode: ErrorCode.NONE,
        producerId,
        producerEpoch: producerEpoch + 1,
      })
    },
  }),
  rule({
    id: 'end-txn.v5-abort-after-end',
    says: 'An abort of version 5 with the epoch after the last end succeeds and bumps the epoch once more.',
    source: KIP_890,
    apis: [EndTxn, InitProducerId],
    topic: 'transactions',
    versions: { min: 5 },
    needs: ['transaction-version-2'],
    run: async (t) => {
      const { producer } = await withOpenTransaction(t)
      const next = await endTransaction(t, producer, true)
      t.expect(await ask(t, next, false), {
        errorCode: ErrorCode.NONE,
        producerId: next.producerId,
        producerEpoch: next.producerEpoch + 1,
      })
    },
  }),
  rule({
    id: 'end-txn.v5-commit-after-end',
    says: 'A commit of version 5 with the epoch after the last end, and nothing written since, is refused with INVALID_TXN_STATE.',
    source: KIP_890,
    apis: [EndTxn, InitProducerId],
    topic: 'errors',
    versions: { min: 5 },
    needs: ['transaction-version-2'],
    run: async (t) => {
      const { producer } = await withOpenTransaction(t)
      const next = await endTransaction(t, producer, true)
      t.expect(await ask(t, next, true), { errorCode: ErrorCode.INVALID_TXN_STATE })
    },
  }),
  rule({
    id: 'end-txn.v4-keeps-epoch',
    says: 'An end of version 4 or lower leaves the epoch as it is: the next InitProducerId bumps it, the next transaction need not.',
    source: KIP_360,
    apis: [EndTxn, InitProducerId, AddPartitionsToTxn],
    topic: 'transactions',
    versions: { max: 4 },
    run: async (t) => {
      const { topic, producer } = await withOpenTransaction(t)
      t.expect(await ask(t, producer, true), { errorCode: ErrorCode.NONE })
      const options = { protocol: 1, baseSequence: 2 } as const
      await produceInTransaction(t, producer, topic, ['c'], options)
      t.expect(await ask(t, producer, true), { errorCode: ErrorCode.NONE })
    },
  }),
  rule({
    id: 'end-txn.ends-on-every-partition',
    says: 'The marker is written to each partition of the transaction, and to no other.',
    source: 'KIP-98: Exactly Once Delivery and Transactional Messaging, section Control Messages',
    apis: [EndTxn, InitProducerId, AddPartitionsToTxn, Fetch],
    topic: 'transactions',
    versions: 'newest',
    run: async (t) => {
      const topic = await createLog(t, { partitions: 3 })
      const producer = await initTransactions(t)
      const protocol = protocolOf(t)
      await produceInTransaction(t, producer, topic, ['a'], { protocol, partition: 0 })
      await produceInTransaction(t, producer, topic, ['b'], { protocol, partition: 2 })
      await ask(t, producer, true)
      await t.until('both markers', async () => {
        const first = await readPartition(t, topic, { partition: 0 })
        const last = await readPartition(t, topic, { partition: 2 })
        return first.highWatermark === 2n && last.highWatermark === 2n
      })
      t.expect(await readPartition(t, topic, { partition: 0 }), { highWatermark: atLeast(2n) })
      t.expect(await readPartition(t, topic, { partition: 1 }), { highWatermark: 0n })
    },
  }),
]
