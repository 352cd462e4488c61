import type { ListTransactionsRequestInput } from '@ottla/protocol'
import { ErrorCode, InitProducerId, ListTransactions } from '@ottla/protocol'
import { containing, lacking } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  addPartitions,
  createLog,
  initTransactions,
  type TransactionalProducer,
} from '../steps/index.js'

const KIP_664 = 'KIP-664: Provide tooling to detect and abort hanging transactions'
const KIP_994 = 'KIP-994: Minor Enhancements to ListTransactions and DescribeTransactions APIs'
const KIP_1152 = 'KIP-1152: Add transactional ID pattern filter to ListTransactions API'

async function list(
  t: RuleContext,
  { transactionalId }: TransactionalProducer,
  filters: Partial<ListTransactionsRequestInput> = {},
) {
  const coordinator = await t.coordinator(transactionalId, 'transaction')
  const request = { stateFilters: [], producerIdFilters: [], ...filters }
  return coordinator.ask(ListTransactions, request)
}

async function open(t: RuleContext): Promise<TransactionalProducer> {
  const producer = await initTransactions(t)
  await addPartitions(t, producer, await createLog(t))
  return producer
}

const apis = [ListTransactions, InitProducerId] as const

/** Filters on one open transaction, and whether it stays in the list. */
const filters: readonly {
  readonly id: string
  readonly says: string
  readonly min?: number
  readonly source?: string
  readonly filter: (producer: TransactionalProducer) => Partial<ListTransactionsRequestInput>
  readonly stays: boolean
}[] = [
  {
    id: 'state-that-fits',
    says: 'the filter Ongoing lets an open transaction through',
    filter: () => ({ stateFilters: ['Ongoing'] }),
    stays: true,
  },
  {
    id: 'one-of-several-states',
    says: 'of several states one must fit',
    filter: () => ({ stateFilters: ['Empty', 'Ongoing'] }),
    stays: true,
  },
  {
    id: 'state-that-does-not-fit',
    says: 'the filter Empty holds an open transaction back',
    filter: () => ({ stateFilters: ['Empty'] }),
    stays: false,
  },
  {
    id: 'producer-id-that-fits',
    says: 'a producer id lets its transaction through',
    filter: ({ producerId }) => ({ producerIdFilters: [producerId] }),
    stays: true,
  },
  {
    id: 'producer-id-that-does-not-fit',
    says: 'another producer id holds it back',
    filter: ({ producerId }) => ({ producerIdFilters: [producerId + 1_000_000n] }),
    stays: false,
  },
  {
    id: 'state-and-producer-id',
    says: 'both filters must let it through',
    filter: ({ producerId }) => ({ stateFilters: ['Empty'], producerIdFilters: [producerId] }),
    stays: false,
  },
  {
    id: 'duration-not-reached',
    says: 'a duration longer than the transaction is open holds it back',
    min: 1,
    source: KIP_994,
    filter: () => ({ durationFilter: 3_600_000n }),
    stays: false,
  },
  {
    id: 'negative-duration',
    says: 'a negative duration filters nothing',
    min: 1,
    source: KIP_994,
    filter: () => ({ durationFilter: -1n }),
    stays: true,
  },
  {
    id: 'pattern-that-fits',
    says: 'a pattern that matches the whole id lets it through',
    min: 2,
    source: KIP_1152,
    filter: ({ transactionalId }) => ({
      transactionalIdPattern: `${transactionalId.slice(0, -3)}.*`,
    }),
    stays: true,
  },
  {
    id: 'pattern-of-a-part',
    says: 'a pattern that matches only a part of the id holds it back',
    min: 2,
    source: KIP_1152,
    filter: ({ transactionalId }) => ({ transactionalIdPattern: transactionalId.slice(0, -3) }),
    stays: false,
  },
  {
    id: 'empty-pattern',
    says: 'an empty pattern filters nothing',
    min: 2,
    source: KIP_1152,
    filter: () => ({ transactionalIdPattern: '' }),
    stays: true,
  },
]

const filtering = filters.map(({ id, says, min = 0, source = KIP_664, filter, stays }) =>
  rule({
    id: `list-transactions.${id}`,
    says: `ListTransactions: ${says}.`,
    source,
    apis,
    topic: 'transactions',
    versions: { min },
    run: async (t) => {
      const producer = await open(t)
      const answer = await list(t, producer, filter(producer))
      const { transactionalId } = producer
      const transactionStates = (stays ? containing : lacking)({ transactionalId })
      t.expect(answer, { errorCode: ErrorCode.NONE, unknownStateFilters: [], transactionStates })
    },
  }),
)

/** Rules of ListTransactions. */
export const rules: readonly Rule[] = [
  ...filtering,
  rule({
    id: 'list-transactions.lists',
    says: 'A transactional id is listed by its coordinator with producer id and state.',
    source: KIP_664,
    apis,
    topic: 'transactions',
    run: async (t) => {
      const producer = await open(t)
      const { transactionalId, producerId } = producer
      t.expect(await list(t, producer), {
        throttleTimeMs: 0,
        errorCode: ErrorCode.NONE,
        unknownStateFilters: [],
        transactionStates: containing({ transactionalId, producerId, transactionState: 'Ongoing' }),
      })
    },
  }),
  rule({
    id: 'list-transactions.lists-empty',
    says: 'One that wrote nothing yet is listed too, as Empty.',
    source: KIP_664,
    apis,
    topic: 'transactions',
    run: async (t) => {
      const producer = await initTransactions(t)
      const { transactionalId, producerId } = producer
      t.expect(await list(t, producer), {
        transactionStates: containing({ transactionalId, producerId, transactionState: 'Empty' }),
      })
    },
  }),
  rule({
    id: 'list-transactions.unknown-state',
    says: 'A state that does not exist is named as unknown, without error, and lets nothing through.',
    source: KIP_664,
    apis,
    topic: 'boundaries',
    run: async (t) => {
      const answer = await list(t, await open(t), { stateFilters: ['Sleeping'] })
      t.expect(answer, {
        errorCode: ErrorCode.NONE,
        unknownStateFilters: ['Sleeping'],
        transactionStates: [],
      })
    },
  }),
  rule({
    id: 'list-transactions.unknown-state-beside-known',
    says: 'A state that does not exist beside one that does: the first is named, the second filters.',
    source: KIP_664,
    apis,
    topic: 'boundaries',
    run: async (t) => {
      const producer = await open(t)
      const { transactionalId } = producer
      const answer = await list(t, producer, { stateFilters: ['ongoing?', 'Ongoing'] })
      t.expect(answer, {
        errorCode: ErrorCode.NONE,
        unknownStateFilters: ['ongoing?'],
        transactionStates: containing({ transactionalId, transactionState: 'Ongoing' }),
      })
    },
  }),
  rule({
    id: 'list-transactions.invalid-pattern',
    says: 'A pattern that is no regular expression gets INVALID_REGULAR_EXPRESSION.',
    source: KIP_1152,
    apis,
    topic: 'errors',
    versions: { min: 2 },
    run: async (t) => {
      const answer = await list(t, await open(t), { transactionalIdPattern: '(unclosed' })
      const errorCode = ErrorCode.INVALID_REGULAR_EXPRESSION
      t.expect(answer, { errorCode, transactionStates: [] })
    },
  }),
]
