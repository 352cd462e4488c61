import { EndTxn, ErrorCode, Fetch, InitProducerId } from '@ottla/protocol'
import { atLeast } from '../match/index.js'
import { producerConfigDocument } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  createLog,
  initTransactions,
  produceInTransaction,
  readPartition,
  textsOf,
  untilSettled,
} from '../steps/index.js'

const KIP_588 = 'KIP-588: Allow producers to recover gracefully from transaction timeouts'
const LIMIT = producerConfigDocument('transaction.timeout.ms')

/** Long enough for brokers that look for timeouts every ten seconds, as they do by default. */
const ABORT_DEADLINE_MS = 25_000

/** A transaction of half a second that the coordinator has aborted. */
async function timedOut(t: RuleContext) {
  const topic = await createLog(t)
  const producer = await initTransactions(t, { timeoutMs: 500 })
  await produceInTransaction(t, producer, topic, ['a'], { protocol: 1 })
  const isAborted = async () => textsOf(await readPartition(t, topic)).length > 1
  await t.until('the marker of the coordinator', isAborted, ABORT_DEADLINE_MS)
  return { topic, producer }
}

/** Rules of transactions that take too long. */
export const rules: readonly Rule[] = [
  rule({
    id: 'fetch.timed-out-transaction',
    says: 'A transaction that is open for longer than its timeout is aborted by the coordinator: its marker is ABORT.',
    source: LIMIT,
    apis: [Fetch, InitProducerId],
    topic: 'transactions',
    versions: 'newest',
    needs: ['short-transaction-timeouts'],
    run: async (t) => {
      const { topic } = await timedOut(t)
      const found = await readPartition(t, topic, { isolation: 'read_committed' })
      t.expect(found, {
        highWatermark: 2n,
        lastStableOffset: 2n,
        abortedTransactions: [{ firstOffset: 0n }],
      })
      t.equal(textsOf(found), ['a', 'ABORT'], 'records and markers')
    },
  }),
  rule({
    id: 'end-txn.timed-out',
    says: 'A producer whose transaction has timed out cannot commit it: PRODUCER_FENCED, from version 5 on INVALID_TXN_STATE.',
    source: KIP_588,
    apis: [EndTxn, InitProducerId],
    topic: 'errors',
    versions: { min: 4 },
    needs: ['short-transaction-timeouts'],
    run: async (t) => {
      const { producer } = await timedOut(t)
      const coordinator = await t.coordinator(producer.transactionalId, 'transaction')
      const answer = await untilSettled(t, () =>
        coordinator.ask(EndTxn, { ...producer, committed: true }),
      )
      const code = t.version >= 5 ? ErrorCode.INVALID_TXN_STATE : ErrorCode.PRODUCER_FENCED
      t.expect(answer, { errorCode: code })
    },
  }),
  rule({
    id: 'init-producer-id.recovers-from-timeout',
    releases: { from: '4.0' },
    says: 'A producer whose transaction has timed out goes on with InitProducerId, which names its id and epoch: the same id, a higher epoch.',
    source: KIP_588,
    apis: [InitProducerId],
    topic: 'transactions',
    versions: 'newest',
    needs: ['short-transaction-timeouts'],
    run: async (t) => {
      const { producer } = await timedOut(t)
      const { transactionalId, producerId, producerEpoch } = producer
      const coordinator = await t.coordinator(transactionalId, 'transaction')
      const request = { transactionalId, transactionTimeoutMs: 500, producerId, producerEpoch }
      const answer = await untilSettled(t, () => coordinator.ask(InitProducerId, request))
      t.expect(answer, {
        errorCode: ErrorCode.NONE,
        producerId,
        producerEpoch: atLeast(producerEpoch + 1),
      })
    },
  }),
]
