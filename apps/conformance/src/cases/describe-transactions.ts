import { DescribeTransactions, ErrorCode, InitProducerId } from '@ottla/protocol'
import { atLeast, inAnyOrder } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import { addPartitions, createLog, endTransaction, initTransactions } from '../steps/index.js'

const KIP_664 = 'KIP-664: Provide tooling to detect and abort hanging transactions'

async function describe(t: RuleContext, ...transactionalIds: readonly string[]) {
  const [first = ''] = transactionalIds
  const coordinator = await t.coordinator(first || t.name('other'), 'transaction')
  return coordinator.ask(DescribeTransactions, { transactionalIds: [...transactionalIds] })
}

const apis = [DescribeTransactions, InitProducerId] as const

const ends = [
  { done: true, verb: 'commit', state: 'CompleteCommit' },
  { done: false, verb: 'abort', state: 'CompleteAbort' },
].map(({ done, verb, state }) =>
  rule({
    id: `describe-transactions.after-${verb}`,
    says: `After a ${verb} the state becomes ${state}, without partitions.`,
    source: KIP_664,
    apis,
    topic: 'transactions',
    run: async (t) => {
      const topic = await createLog(t)
      const producer = await initTransactions(t)
      await addPartitions(t, producer, topic)
      await endTransaction(t, producer, done, 1)
      const { transactionalId, producerId } = producer
      const answer = await t.until(`state ${state}`, async () => {
        const found = await describe(t, transactionalId)
        return found.transactionStates[0]?.transactionState === state && found
      })
      const errorCode = ErrorCode.NONE
      t.expect(answer, {
        transactionStates: [{ errorCode, transactionState: state, producerId, topics: [] }],
      })
    },
  }),
)

/** Rules of DescribeTransactions. */
export const rules: readonly Rule[] = [
  ...ends,
  rule({
    id: 'describe-transactions.empty',
    says: 'A transactional id that wrote nothing yet is Empty: its timeout, producer id and epoch, no start time, no partitions.',
    source: KIP_664,
    apis,
    topic: 'transactions',
    run: async (t) => {
      const producer = await initTransactions(t, { timeoutMs: 54_321 })
      t.expect(await describe(t, producer.transactionalId), {
        throttleTimeMs: 0,
        transactionStates: [
          {
            errorCode: ErrorCode.NONE,
            ...producer,
            transactionState: 'Empty',
            transactionTimeoutMs: 54_321,
            transactionStartTimeMs: -1n,
            topics: [],
          },
        ],
      })
    },
  }),
  rule({
    id: 'describe-transactions.ongoing',
    says: 'An open transaction is Ongoing, with its start time and all of its partitions by topic.',
    source: KIP_664,
    apis,
    topic: 'transactions',
    run: async (t) => {
      const [one, two] = [await createLog(t, { partitions: 2 }), await createLog(t)]
      const producer = await initTransactions(t)
      await addPartitions(t, producer, one, [0, 1])
      await addPartitions(t, producer, two, [0])
      t.expect(await describe(t, producer.transactionalId), {
        transactionStates: [
          {
            errorCode: ErrorCode.NONE,
            ...producer,
            transactionState: 'Ongoing',
            transactionTimeoutMs: 60_000,
            transactionStartTimeMs: atLeast(1_700_000_000_000n),
            topics: inAnyOrder(
              { topic: one.name, partitions: inAnyOrder(0, 1) },
              { topic: two.name, partitions: [0] },
            ),
          },
        ],
      })
    },
  }),
  rule({
    id: 'describe-transactions.unknown',
    says: 'A transactional id that nobody holds gets TRANSACTIONAL_ID_NOT_FOUND.',
    source: KIP_664,
    apis,
    topic: 'errors',
    run: async (t) => {
      const transactionalId = t.name('transactional-id')
      const errorCode = ErrorCode.TRANSACTIONAL_ID_NOT_FOUND
      t.expect(await describe(t, transactionalId), {
        transactionStates: [{ errorCode, transactionalId, transactionState: '', topics: [] }],
      })
    },
  }),
  rule({
    id: 'describe-transactions.several',
    says: 'Each id asked for is answered for itself: a known one beside an unknown one.',
    source: KIP_664,
    apis,
    topic: 'transactions',
    run: async (t) => {
      const { transactionalId } = await initTransactions(t)
      const unknown = `${transactionalId}-unknown`
      const answer = await describe(t, transactionalId, unknown)
      const known = { errorCode: ErrorCode.NONE, transactionalId }
      const other = { errorCode: ErrorCode.TRANSACTIONAL_ID_NOT_FOUND, transactionalId: unknown }
      t.expect(answer, { transactionStates: inAnyOrder(known, other) })
    },
  }),
  rule({
    id: 'describe-transactions.none',
    says: 'No ids asked for, none answered.',
    source: KIP_664,
    apis,
    topic: 'boundaries',
    run: async (t) => {
      t.expect(await describe(t), { throttleTimeMs: 0, transactionStates: [] })
    },
  }),
]
