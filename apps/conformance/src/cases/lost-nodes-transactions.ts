import {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  EndTxn,
  ErrorCode,
  encodeRecordBatch,
  Produce,
} from '@ottla/protocol'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  addPartitionsRequest,
  coordinatedBy,
  createReplicated,
  initTransactions,
  LOSS_DEADLINE_MS,
  pauseNode,
  produced,
  produceInTransaction,
  produceRequest,
  values,
} from '../steps/index.js'
import { LOSS, pausableNodes } from './lost-nodes.js'

const MARKERS =
  'KIP-98: Exactly Once Delivery and Transactional Messaging, section Transaction Coordinator'

/** The last versions of clients that add partitions themselves. */
const BEFORE_KIP_890 = { endTxn: 4, addPartitionsToTxn: 3 } as const

/** A transaction that was committed, and cannot be completed: the leader of one of its partitions takes no marker. */
async function withMarkersThatWait(t: RuleContext) {
  const { stays, first } = await pausableNodes(t)
  const held = await createReplicated(t, [first])
  const topic = await createReplicated(t, [stays])
  const transactionalId = await coordinatedBy(t, stays, 'transaction')
  const producer = await initTransactions(t, { transactionalId })
  await produceInTransaction(t, producer, held, ['a'], { protocol: 1 })
  pauseNode(t, first)
  const request = { ...producer, committed: true }
  const options = { version: BEFORE_KIP_890.endTxn, deadlineMs: LOSS_DEADLINE_MS }
  const { errorCode } = await t.client.ask(EndTxn, request, options)
  t.equal(errorCode, ErrorCode.NONE, 'error of EndTxn')
  return { topic, producer }
}

/** Rules of transactions whose partitions are on nodes that are lost. */
export const rules: readonly Rule[] = [
  rule({
    ...LOSS,
    id: 'end-txn.while-markers-wait',
    says: 'Until each partition of a transaction that was ended has its marker, ending it again and adding to it are CONCURRENT_TRANSACTIONS.',
    source: MARKERS,
    apis: [EndTxn, AddPartitionsToTxn, AddOffsetsToTxn],
    topic: 'errors',
    run: async (t) => {
      const { topic, producer } = await withMarkersThatWait(t)
      const errorCode = ErrorCode.CONCURRENT_TRANSACTIONS
      const again = { ...producer, committed: true }
      const version = BEFORE_KIP_890.endTxn
      t.expect(await t.client.ask(EndTxn, again, { version }), { errorCode })
      const partitions = addPartitionsRequest(producer, [{ name: topic.name, partitions: [0] }])
      const added = await t.client.ask(AddPartitionsToTxn, partitions, {
        version: BEFORE_KIP_890.addPartitionsToTxn,
      })
      const resultsByPartition = [{ partitionIndex: 0, partitionErrorCode: errorCode }]
      t.expect(added, { resultsByTopicV3AndBelow: [{ name: topic.name, resultsByPartition }] })
      const offsets = { ...producer, groupId: t.name('group') }
      t.expect(await t.client.ask(AddOffsetsToTxn, offsets), { errorCode })
    },
  }),
  rule({
    ...LOSS,
    id: 'produce.while-markers-wait',
    says: 'Until each partition of a transaction that was ended has its marker, the next one cannot begin with records: CONCURRENT_TRANSACTIONS.',
    source: 'KIP-890: Transactions Server-Side Defense',
    apis: [Produce, EndTxn],
    topic: 'errors',
    needs: [...LOSS.needs, 'transaction-version-2'],
    run: async (t) => {
      const { topic, producer } = await withMarkersThatWait(t)
      const { producerId, producerEpoch, transactionalId } = producer
      const records = encodeRecordBatch({
        records: values('b'),
        producerId,
        producerEpoch,
        baseSequence: 0,
        isTransactional: true,
      })
      const request = { ...produceRequest(topic, records), transactionalId }
      const errorCode = ErrorCode.CONCURRENT_TRANSACTIONS
      t.expect(await t.client.ask(Produce, request), produced(topic, { errorCode }))
    },
  }),
]
