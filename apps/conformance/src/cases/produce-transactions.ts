import { DescribeTransactions, ErrorCode, InitProducerId, Produce } from '@ottla/protocol'
import { type Rule, rule } from '../rules/rule.js'
import {
  addPartitions,
  createLog,
  endTransaction,
  initTransactions,
  produceInTransaction,
  readPartition,
  sendInTransaction,
} from '../steps/index.js'

const KIP_98 = 'KIP-98: Exactly Once Delivery and Transactional Messaging, section ProduceRequest'
const KIP_890 = 'KIP-890: Transactions Server-Side Defense'

/** From this version on a partition is added to the transaction by writing to it. */
const ADDS_ITSELF = 12

/** Rules of Produce about transactions. */
export const rules: readonly Rule[] = [
  rule({
    id: 'produce.transactional',
    says: 'A batch for a partition of the transaction is appended.',
    source: KIP_98,
    apis: [Produce, InitProducerId],
    topic: 'transactions',
    versions: { min: 3, max: ADDS_ITSELF - 1 },
    run: async (t) => {
      const topic = await createLog(t)
      const producer = await initTransactions(t)
      await addPartitions(t, producer, topic)
      const answer = await sendInTransaction(t, producer, topic, ['a'], { version: t.version })
      t.expect(answer, { index: 0, errorCode: ErrorCode.NONE, baseOffset: 0n })
    },
  }),
  rule({
    id: 'produce.transactional-not-added',
    says: 'Before version 12 a partition that is not in the transaction gets INVALID_TXN_STATE, in version 11 TRANSACTION_ABORTABLE.',
    source: KIP_890,
    apis: [Produce, InitProducerId],
    topic: 'errors',
    versions: { min: 3, max: ADDS_ITSELF - 1 },
    run: async (t) => {
      const topic = await createLog(t)
      const producer = await initTransactions(t)
      const code = t.version >= 11 ? ErrorCode.TRANSACTION_ABORTABLE : ErrorCode.INVALID_TXN_STATE
      const answer = await sendInTransaction(t, producer, topic, ['a'], { version: t.version })
      t.expect(answer, { errorCode: code, baseOffset: -1n })
    },
  }),
  rule({
    id: 'produce.transactional-adds-itself',
    says: 'From version 12 on a partition is added to the transaction by the first batch for it, which begins the transaction.',
    source: KIP_890,
    apis: [Produce, InitProducerId, DescribeTransactions],
    topic: 'transactions',
    versions: { min: ADDS_ITSELF },
    needs: ['transaction-version-2'],
    run: async (t) => {
      const topic = await createLog(t)
      const producer = await initTransactions(t)
      const answer = await sendInTransaction(t, producer, topic, ['a'], { version: t.version })
      t.expect(answer, { errorCode: ErrorCode.NONE, baseOffset: 0n })
      const { transactionalId } = producer
      const coordinator = await t.coordinator(transactionalId, 'transaction')
      const topics = [{ topic: topic.name, partitions: [0] }]
      t.expect(
        await coordinator.ask(DescribeTransactions, { transactionalIds: [transactionalId] }),
        {
          transactionStates: [{ transactionState: 'Ongoing', topics }],
        },
      )
    },
  }),
  rule({
    id: 'produce.transactional-unknown-id',
    says: 'From version 12 on a transactional id that nobody holds gets INVALID_PRODUCER_ID_MAPPING.',
    source: KIP_890,
    apis: [Produce, InitProducerId],
    topic: 'errors',
    versions: { min: ADDS_ITSELF },
    needs: ['transaction-version-2'],
    run: async (t) => {
      const topic = await createLog(t)
      const producer = { ...(await initTransactions(t)), transactionalId: t.name('unknown') }
      const answer = await sendInTransaction(t, producer, topic, ['a'], { version: t.version })
      t.expect(answer, { errorCode: ErrorCode.INVALID_PRODUCER_ID_MAPPING, baseOffset: -1n })
    },
  }),
  rule({
    id: 'produce.transactional-old-epoch',
    says: 'From version 12 on the epoch of a transaction that has ended is refused with INVALID_PRODUCER_EPOCH.',
    source: KIP_890,
    apis: [Produce, InitProducerId],
    topic: 'errors',
    versions: { min: ADDS_ITSELF },
    needs: ['transaction-version-2'],
    run: async (t) => {
      const topic = await createLog(t)
      const producer = await initTransactions(t)
      await produceInTransaction(t, producer, topic, ['a'])
      await endTransaction(t, producer, true)
      // An end is answered before its markers are written everywhere.
      await t.until('the marker', async () => (await readPartition(t, topic)).highWatermark >= 2n)
      const options = { version: t.version, baseSequence: 1 }
      const answer = await sendInTransaction(t, producer, topic, ['b'], options)
      t.expect(answer, { errorCode: ErrorCode.INVALID_PRODUCER_EPOCH, baseOffset: -1n })
    },
  }),
  rule({
    id: 'produce.transactional-next-epoch-from-sequence-0',
    says: 'With the epoch that an end of version 5 answered, sequences begin at 0 again; others get OUT_OF_ORDER_SEQUENCE_NUMBER.',
    source: KIP_890,
    apis: [Produce, InitProducerId],
    topic: 'idempotence',
    versions: { min: ADDS_ITSELF },
    needs: ['transaction-version-2'],
    run: async (t) => {
      const topic = await createLog(t)
      const producer = await initTransactions(t)
      await produceInTransaction(t, producer, topic, ['a'])
      const next = await endTransaction(t, producer, true)
      const { version } = t
      const gap = await sendInTransaction(t, next, topic, ['b'], { version, baseSequence: 1 })
      t.expect(gap, { errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, baseOffset: -1n })
      const answer = await sendInTransaction(t, next, topic, ['b'], { version, baseSequence: 0 })
      t.expect(answer, { errorCode: ErrorCode.NONE, baseOffset: 2n })
    },
  }),
]
