import { ErrorCode, WriteTxnMarkers, type WriteTxnMarkersRequestInput } from '@ottla/protocol'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import { createTopic, initTransactions, produceInTransaction } from '../steps/index.js'

const KIP_98 = 'KIP-98: Exactly Once Delivery and Transactional Messaging, WriteTxnMarkers'

const { NONE, UNKNOWN_TOPIC_OR_PARTITION, TRANSACTION_COORDINATOR_FENCED } = ErrorCode

const MARKERS = { source: KIP_98, apis: [WriteTxnMarkers], topic: 'transactions' } as const

type Marker = WriteTxnMarkersRequestInput['markers'][number]

/** An abort for one producer in partition 0 of a topic, as the coordinator of an epoch sends it. */
const abort = (name: string, fields: Partial<Marker> & Pick<Marker, 'producerId'>) => ({
  markers: [
    {
      producerEpoch: 0,
      transactionResult: false,
      topics: [{ name, partitionIndexes: [0] }],
      coordinatorEpoch: 5,
      ...fields,
    },
  ],
})

const marked = (name: string, producerId: bigint, errorCode: number) => ({
  markers: [{ producerId, topics: [{ name, partitions: [{ partitionIndex: 0, errorCode }] }] }],
})

/** A topic in which a producer has a transaction open. */
async function openTransaction(t: RuleContext) {
  const topic = await createTopic(t)
  const producer = await initTransactions(t)
  await produceInTransaction(t, producer, topic, ['a'], { protocol: 1 })
  const leader = await t.leader(topic.name)
  return { name: topic.name, ...producer, leader }
}

/** Rules of WriteTxnMarkers, which coordinators send to leaders: a client with the right to may, too. */
export const rules: readonly Rule[] = [
  rule({
    ...MARKERS,
    id: 'write-txn-markers.unknown-topic',
    says: 'A marker for a topic that does not exist is refused with UNKNOWN_TOPIC_OR_PARTITION.',
    topic: 'errors',
    run: async (t) => {
      const name = t.name('topic')
      const answer = await t.client.ask(WriteTxnMarkers, abort(name, { producerId: 1n }))
      t.expect(answer, marked(name, 1n, UNKNOWN_TOPIC_OR_PARTITION))
    },
  }),
  rule({
    ...MARKERS,
    id: 'write-txn-markers.stale-coordinator',
    says: 'A coordinator of an earlier epoch than the one that wrote the marker before is refused with TRANSACTION_COORDINATOR_FENCED.',
    topic: 'errors',
    run: async (t) => {
      const { name, producerId, producerEpoch, leader } = await openTransaction(t)
      const of = (coordinatorEpoch: number) =>
        leader.ask(
          WriteTxnMarkers,
          abort(name, { producerId, producerEpoch, coordinatorEpoch, transactionVersion: 0 }),
        )
      t.expect(await of(50), marked(name, producerId, NONE))
      t.expect(await of(3), marked(name, producerId, TRANSACTION_COORDINATOR_FENCED))
    },
  }),
  rule({
    ...MARKERS,
    id: 'write-txn-markers.stale-producer',
    says: 'A marker of an earlier epoch than that of the producer is refused with INVALID_PRODUCER_EPOCH.',
    topic: 'errors',
    run: async (t) => {
      const topic = await createTopic(t)
      const first = await initTransactions(t)
      const { producerId, producerEpoch } = await initTransactions(t, first)
      const producer = { ...first, producerId, producerEpoch }
      await produceInTransaction(t, producer, topic, ['a'], { protocol: 1 })
      const leader = await t.leader(topic.name)
      const stale = producerEpoch - 1
      const request = abort(topic.name, { producerId, producerEpoch: stale, transactionVersion: 0 })
      const answer = await leader.ask(WriteTxnMarkers, request)
      t.expect(answer, marked(topic.name, producerId, ErrorCode.INVALID_PRODUCER_EPOCH))
    },
  }),
]
