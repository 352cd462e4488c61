import { ErrorCode, InitProducerId, type InitProducerIdRequestInput } from '@ottla/protocol'
import { atLeast, noneOf } from '../match/index.js'
import { brokerConfigDocument } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  createLog,
  endTransaction,
  initTransactions,
  produceInTransaction,
  readPartition,
  sendInTransaction,
  type TransactionalProducer,
  textsOf,
  untilSettled,
} from '../steps/index.js'

const KIP_98 = 'KIP-98: Exactly Once Delivery and Transactional Messaging, section InitPidRequest'
const KIP_360 = 'KIP-360: Improve reliability of idempotent/transactional producer'
const KIP_588 = 'KIP-588: Allow producers to recover gracefully from transaction timeouts'

/** Default of `transaction.max.timeout.ms`. */
const MAX_TIMEOUT_MS = 900_000

/** Fenced producers are told so from version 4 on; before, the code did not exist. */
const fencedCode = (t: RuleContext) =>
  t.version >= 4 ? ErrorCode.PRODUCER_FENCED : ErrorCode.INVALID_PRODUCER_EPOCH

async function ask(
  t: RuleContext,
  transactionalId: string,
  more: Partial<InitProducerIdRequestInput> = {},
) {
  const coordinator = await t.coordinator(transactionalId, 'transaction')
  const request = { transactionalId, transactionTimeoutMs: 60_000, ...more }
  return untilSettled(t, () => coordinator.ask(InitProducerId, request))
}

const timeouts = [
  { timeoutMs: 0, name: 'zero', code: ErrorCode.INVALID_TRANSACTION_TIMEOUT },
  { timeoutMs: -1, name: 'negative', code: ErrorCode.INVALID_TRANSACTION_TIMEOUT },
  { timeoutMs: 2_147_483_647, name: 'largest', code: ErrorCode.INVALID_TRANSACTION_TIMEOUT },
  {
    timeoutMs: MAX_TIMEOUT_MS + 1,
    name: 'above-limit',
    code: ErrorCode.INVALID_TRANSACTION_TIMEOUT,
  },
  { timeoutMs: MAX_TIMEOUT_MS, name: 'at-limit', code: ErrorCode.NONE },
  { timeoutMs: 1, name: 'one', code: ErrorCode.NONE },
].map(({ timeoutMs, name, code }) =>
  rule({
    id: `init-producer-id.timeout-${name}`,
    says: `A transaction timeout of ${timeoutMs} ms is ${code === 0 ? 'taken' : 'refused with INVALID_TRANSACTION_TIMEOUT'}.`,
    source: `${KIP_98}; ${brokerConfigDocument('transaction.max.timeout.ms')}`,
    apis: [InitProducerId],
    topic: 'boundaries',
    run: async (t) => {
      const more = { transactionTimeoutMs: timeoutMs }
      const answer = await ask(t, t.name('transactional-id'), more)
      t.expect(answer, { errorCode: code })
    },
  }),
)

/** Ids and epochs that a producer which wants to go on (version 3) may not give. */
const unknownProducers: readonly {
  readonly id: string
  readonly says: string
  readonly wrong: (producer: TransactionalProducer) => Partial<InitProducerIdRequestInput>
  readonly code: (t: RuleContext) => number
}[] = [
  {
    id: 'other-producer-id',
    says: 'a producer id that the transactional id does not have is fenced',
    wrong: ({ producerId, producerEpoch }) => ({
      producerId: producerId + 1_000_000n,
      producerEpoch,
    }),
    code: fencedCode,
  },
  {
    id: 'higher-epoch',
    says: 'an epoch above the known one is fenced',
    wrong: ({ producerId, producerEpoch }) => ({ producerId, producerEpoch: producerEpoch + 1 }),
    code: fencedCode,
  },
  {
    id: 'transactional-without-epoch',
    says: 'a producer id without epoch gets INVALID_REQUEST',
    wrong: ({ producerId }) => ({ producerId, producerEpoch: -1 }),
    code: () => ErrorCode.INVALID_REQUEST,
  },
  {
    id: 'transactional-without-producer-id',
    says: 'an epoch without producer id gets INVALID_REQUEST',
    wrong: ({ producerEpoch }) => ({ producerId: -1n, producerEpoch }),
    code: () => ErrorCode.INVALID_REQUEST,
  },
]

const refusals = unknownProducers.map(({ id, says, wrong, code }) =>
  rule({
    id: `init-producer-id.${id}`,
    says: `InitProducerId: ${says}; fenced means PRODUCER_FENCED, INVALID_PRODUCER_EPOCH before version 4.`,
    source: `${KIP_360}; ${KIP_588}`,
    apis: [InitProducerId],
    topic: 'errors',
    versions: { min: 3 },
    run: async (t) => {
      const producer = await initTransactions(t)
      const answer = await ask(t, producer.transactionalId, wrong(producer))
      t.expect(answer, { errorCode: code(t), producerId: -1n })
    },
  }),
)

/** Rules of InitProducerId with a transactional id. */
export const rules: readonly Rule[] = [
  ...timeouts,
  ...refusals,
  rule({
    id: 'init-producer-id.transactional',
    says: 'A transactional id that is new gets a producer id, with epoch 0.',
    source: KIP_98,
    apis: [InitProducerId],
    topic: 'transactions',
    run: async (t) => {
      t.expect(await ask(t, t.name('transactional-id')), {
        throttleTimeMs: 0,
        errorCode: ErrorCode.NONE,
        producerId: atLeast(0n),
        producerEpoch: 0,
      })
    },
  }),
  rule({
    id: 'init-producer-id.again-bumps-epoch',
    says: 'The same transactional id gets the same producer id again, with the next epoch.',
    source: KIP_98,
    apis: [InitProducerId],
    topic: 'transactions',
    run: async (t) => {
      const { transactionalId, producerId, producerEpoch } = await initTransactions(t)
      t.expect(await ask(t, transactionalId), {
        errorCode: ErrorCode.NONE,
        producerId,
        producerEpoch: producerEpoch + 1,
      })
    },
  }),
  rule({
    id: 'init-producer-id.ids-differ',
    says: 'Two transactional ids have two producer ids.',
    source: KIP_98,
    apis: [InitProducerId],
    topic: 'transactions',
    run: async (t) => {
      const first = await ask(t, t.name('transactional-id'))
      const second = await ask(t, t.name('transactional-id'))
      t.expect(first, { errorCode: ErrorCode.NONE, producerId: atLeast(0n) })
      t.expect(second, { errorCode: ErrorCode.NONE, producerId: atLeast(0n) })
      t.expect(second, { producerId: noneOf(first.producerId) })
    },
  }),
  rule({
    id: 'init-producer-id.bumps-known-epoch',
    says: 'A producer that names its id and epoch gets the next epoch of the same id.',
    source: KIP_360,
    apis: [InitProducerId],
    topic: 'transactions',
    versions: { min: 3 },
    run: async (t) => {
      const { transactionalId, producerId, producerEpoch } = await initTransactions(t)
      t.expect(await ask(t, transactionalId, { producerId, producerEpoch }), {
        errorCode: ErrorCode.NONE,
        producerId,
        producerEpoch: producerEpoch + 1,
      })
    },
  }),
  rule({
    id: 'init-producer-id.repeated-bump-succeeds',
    says: 'A bump that comes again, naming the epoch before, is answered as the first one was.',
    source: KIP_360,
    apis: [InitProducerId],
    topic: 'transactions',
    versions: { min: 3 },
    run: async (t) => {
      const { transactionalId, producerId, producerEpoch } = await initTransactions(t)
      const known = { producerId, producerEpoch }
      const first = await ask(t, transactionalId, known)
      const { errorCode, producerEpoch: bumped } = first
      t.expect(await ask(t, transactionalId, known), {
        errorCode,
        producerId,
        producerEpoch: bumped,
      })
    },
  }),
  rule({
    id: 'init-producer-id.fences-older-epoch',
    says: 'A bump that names an epoch two or more behind is fenced: PRODUCER_FENCED, INVALID_PRODUCER_EPOCH before version 4.',
    source: `${KIP_360}; ${KIP_588}`,
    apis: [InitProducerId],
    topic: 'errors',
    versions: { min: 3 },
    run: async (t) => {
      const { transactionalId, producerId, producerEpoch } = await initTransactions(t)
      await initTransactions(t, { transactionalId })
      await initTransactions(t, { transactionalId })
      const answer = await ask(t, transactionalId, { producerId, producerEpoch })
      t.expect(answer, { errorCode: fencedCode(t), producerId: -1n })
    },
  }),
  rule({
    id: 'init-producer-id.aborts-open-transaction',
    says: 'A transaction that is open is aborted: CONCURRENT_TRANSACTIONS until that is done, then the next epochs; its records end in an ABORT marker.',
    source: KIP_98,
    apis: [InitProducerId],
    topic: 'transactions',
    run: async (t) => {
      const topic = await createLog(t)
      const producer = await initTransactions(t)
      await produceInTransaction(t, producer, topic, ['a'], { protocol: 1 })
      const coordinator = await t.coordinator(producer.transactionalId, 'transaction')
      const { transactionalId, producerId, producerEpoch } = producer
      const request = { transactionalId, transactionTimeoutMs: 60_000 }
      const first = await coordinator.ask(InitProducerId, request)
      t.expect(first, { errorCode: ErrorCode.CONCURRENT_TRANSACTIONS, producerId: -1n })
      t.expect(await ask(t, transactionalId), {
        errorCode: ErrorCode.NONE,
        producerId,
        producerEpoch: atLeast(producerEpoch + 1),
      })
      const found = await readPartition(t, topic)
      t.equal(textsOf(found), ['a', 'ABORT'], 'records and markers')
    },
  }),
  rule({
    id: 'init-producer-id.keeps-committed-transaction',
    says: 'A transaction that was committed stays so, whatever InitProducerId comes next.',
    source: KIP_98,
    apis: [InitProducerId],
    topic: 'transactions',
    run: async (t) => {
      const topic = await createLog(t)
      const producer = await initTransactions(t)
      await produceInTransaction(t, producer, topic, ['a'], { protocol: 1 })
      await endTransaction(t, producer, true, 1)
      t.expect(await ask(t, producer.transactionalId), { errorCode: ErrorCode.NONE })
      const found = await readPartition(t, topic)
      t.equal(textsOf(found), ['a', 'COMMIT'], 'records and markers')
    },
  }),
  rule({
    id: 'init-producer-id.fences-produce',
    says: 'Once the epoch is bumped, and the log has heard of it, a batch with the old epoch is refused with INVALID_PRODUCER_EPOCH.',
    source: 'KIP-98: Exactly Once Delivery and Transactional Messaging, section Zombie fencing',
    apis: [InitProducerId],
    topic: 'errors',
    versions: 'newest',
    run: async (t) => {
      const topic = await createLog(t)
      const old = await initTransactions(t)
      await produceInTransaction(t, old, topic, ['a'], { protocol: 1 })
      const bumped = await ask(t, old.transactionalId)
      t.expect(bumped, { errorCode: ErrorCode.NONE, producerEpoch: atLeast(old.producerEpoch + 1) })
      const options = { protocol: 1, baseSequence: 1 } as const
      const refused = await sendInTransaction(t, old, topic, ['b'], options)
      t.expect(refused, { errorCode: ErrorCode.INVALID_PRODUCER_EPOCH, baseOffset: -1n })
      t.equal(textsOf(await readPartition(t, topic)), ['a', 'ABORT'], 'records and markers')
    },
  }),
  rule({
    id: 'init-producer-id.not-transactional-has-no-coordinator',
    says: 'Without a transactional id any broker answers, each time with another producer id, whatever the timeout.',
    source: KIP_98,
    apis: [InitProducerId],
    topic: 'idempotence',
    run: async (t) => {
      const request = { transactionalId: null, transactionTimeoutMs: 0 }
      // A broker that has used up its ids is given more by the controller, and has none meanwhile.
      const ask = () => untilSettled(t, () => t.client.ask(InitProducerId, request))
      const first = await ask()
      const second = await ask()
      for (const answer of [first, second]) {
        t.expect(answer, { errorCode: ErrorCode.NONE, producerId: atLeast(0n), producerEpoch: 0 })
      }
      t.expect(second, { producerId: noneOf(first.producerId) })
    },
  }),
  rule({
    id: 'init-producer-id.wide-transactional-id',
    says: 'A transactional id may have letters beyond ASCII, and hundreds of them.',
    source: KIP_98,
    apis: [InitProducerId],
    topic: 'boundaries',
    run: async (t) => {
      const transactionalId = `${t.name('transactional-id')}-ключ-${'é'.repeat(500)}`
      const first = await ask(t, transactionalId)
      t.expect(first, { errorCode: ErrorCode.NONE, producerEpoch: 0 })
      const { producerId } = first
      t.expect(await ask(t, transactionalId), { producerId, producerEpoch: 1 })
    },
  }),
]
