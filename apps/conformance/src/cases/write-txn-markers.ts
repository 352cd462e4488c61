import { ErrorCode, WriteTxnMarkers, type WriteTxnMarkersRequestInput } from '@ottla/protocol'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  connectTo,
  createReplicated,
  createTopic,
  initTransactions,
  killNode,
  LOSS_DEADLINE_MS,
  losableNodes,
  nodesOf,
  produceInTransaction,
  untilPartition,
} from '../steps/index.js'
import { LOSS, withPausedFollower } from './lost-nodes.js'

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
  rule({
    ...MARKERS,
    id: 'write-txn-markers.not-the-leader',
    says: 'A follower takes no markers: NOT_LEADER_OR_FOLLOWER.',
    topic: 'errors',
    needs: ['three-nodes'],
    run: async (t) => {
      const [leader, other] = await nodesOf(t)
      const { name } = await createReplicated(t, [leader?.nodeId ?? -1, other?.nodeId ?? -1])
      const follower = await connectTo(t, other?.nodeId ?? -1)
      const request = abort(name, { producerId: 1n, transactionVersion: 0 })
      const answer = await t.until('the follower to have the partition', async () => {
        const found = await follower.ask(WriteTxnMarkers, request)
        const errorCode = found.markers[0]?.topics[0]?.partitions[0]?.errorCode
        return errorCode !== UNKNOWN_TOPIC_OR_PARTITION && found
      })
      t.expect(answer, marked(name, 1n, ErrorCode.NOT_LEADER_OR_FOLLOWER))
    },
  }),
  rule({
    ...MARKERS,
    ...LOSS,
    id: 'write-txn-markers.not-enough-replicas',
    says: 'Where fewer replicas are in sync than min.insync.replicas a marker is refused with NOT_ENOUGH_REPLICAS.',
    topic: 'errors',
    run: async (t) => {
      const { stays, first } = await losableNodes(t)
      const topic = await createReplicated(t, [stays, first], { 'min.insync.replicas': '2' })
      await killNode(t, first)
      await untilPartition(t, topic, 'one in sync', ({ isrNodes }) => isrNodes.length === 1)
      const request = abort(topic.name, { producerId: 1n, transactionVersion: 0 })
      const answer = await t.client.ask(WriteTxnMarkers, request)
      t.expect(answer, marked(topic.name, 1n, ErrorCode.NOT_ENOUGH_REPLICAS))
    },
  }),
  rule({
    ...MARKERS,
    ...LOSS,
    id: 'write-txn-markers.times-out',
    says: 'A marker that is not committed within request.timeout.ms is answered with REQUEST_TIMED_OUT.',
    topic: 'errors',
    run: async (t) => {
      const { topic } = await withPausedFollower(t, { 'min.insync.replicas': '2' })
      const request = abort(topic.name, { producerId: 1n, transactionVersion: 0 })
      const options = { deadlineMs: LOSS_DEADLINE_MS }
      const answer = await t.client.send(WriteTxnMarkers, request, options).answer()
      t.expect(answer, marked(topic.name, 1n, ErrorCode.REQUEST_TIMED_OUT))
    },
  }),
]
