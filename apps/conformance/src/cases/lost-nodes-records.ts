import {
  DeleteRecords,
  ElectLeaders,
  ErrorCode,
  encodeRecordBatch,
  Fetch,
  ListOffsets,
  Metadata,
  Produce,
} from '@ottla/protocol'
import { atLeast } from '../match/index.js'
import { documents, producerConfigDocument } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import {
  createReplicated,
  fetchRequest,
  killNode,
  LOSS_DEADLINE_MS,
  listOffsetsOf,
  losableNodes,
  newest,
  pauseNode,
  produce,
  produced,
  produceRequest,
  reassign,
  untilLedBy,
  untilPartition,
  values,
  valuesIn,
} from '../steps/index.js'
import {
  election,
  LOSS,
  PREFERRED,
  pausableNodes,
  withoutFirst,
  withoutLeader,
  withPausedFollower,
} from './lost-nodes.js'

const ERRORS = documents.errorCodes
const ACKS = producerConfigDocument('acks')

const { NONE, NOT_LEADER_OR_FOLLOWER, LEADER_NOT_AVAILABLE, REQUEST_TIMED_OUT } = ErrorCode

const batch = encodeRecordBatch({ records: values('more') })

/** Rules of what becomes of records when nodes are lost. */
export const rules: readonly Rule[] = [
  rule({
    ...LOSS,
    id: 'produce.not-enough-replicas',
    says: 'With acks -1 a batch is refused with NOT_ENOUGH_REPLICAS, and not stored, where fewer replicas are in sync than min.insync.replicas; acks 1 does not ask for them.',
    source: ACKS,
    apis: [Produce],
    topic: 'errors',
    run: async (t) => {
      const { stays, first } = await losableNodes(t)
      const topic = await createReplicated(t, [stays, first], { 'min.insync.replicas': '2' })
      await produce(t, topic, values('a', 'b'))
      await killNode(t, first)
      await untilPartition(t, topic, 'one in sync', ({ isrNodes }) => isrNodes.length === 1)
      const errorCode = ErrorCode.NOT_ENOUGH_REPLICAS
      const refused = await t.client.ask(Produce, produceRequest(topic, batch))
      t.expect(refused, produced(topic, { errorCode, baseOffset: -1n }))
      const taken = await t.client.ask(Produce, produceRequest(topic, batch, { acks: 1 }))
      t.expect(taken, produced(topic, { errorCode: NONE, baseOffset: 2n }))
    },
  }),
  rule({
    ...LOSS,
    id: 'produce.replicas-lost-after-append',
    says: 'Where replicas are lost after a batch with acks -1 was stored, so that fewer than min.insync.replicas are left, it is not committed: REQUEST_TIMED_OUT, and readers do not see it.',
    source: 'KIP-966: Eligible Leader Replicas, the high watermark and min.insync.replicas',
    apis: [Produce, Metadata, ListOffsets],
    topic: 'errors',
    run: async (t) => {
      const { topic } = await withPausedFollower(t, { 'min.insync.replicas': '2' })
      const request = { ...produceRequest(topic, batch), timeoutMs: 7_000 }
      const sent = t.client.send(Produce, request, { deadlineMs: LOSS_DEADLINE_MS })
      t.expect(await sent.answer(), produced(topic, { errorCode: REQUEST_TIMED_OUT }))
      const left = await untilPartition(t, topic, 'one in sync', (one) => one.isrNodes.length === 1)
      t.expect(left, { errorCode: NONE, isrNodes: [left.leaderId] })
      t.expect(await t.client.ask(ListOffsets, listOffsetsOf(topic, -1n)), {
        topics: [{ partitions: [{ errorCode: NONE, offset: 2n }] }],
      })
    },
  }),
  rule({
    ...LOSS,
    id: 'produce.times-out',
    says: 'A batch with acks -1 that a replica in sync does not take in the time of the request is answered with REQUEST_TIMED_OUT; it is stored.',
    source: ACKS,
    apis: [Produce, ListOffsets],
    topic: 'errors',
    run: async (t) => {
      const { topic } = await withPausedFollower(t)
      const request = { ...produceRequest(topic, batch), timeoutMs: 300 }
      const answer = await t.client.ask(Produce, request)
      t.expect(answer, produced(topic, { errorCode: REQUEST_TIMED_OUT }))
      const offsets = await t.until(
        'the batch to be committed',
        async () => {
          const found = await t.client.ask(ListOffsets, listOffsetsOf(topic, -1n))
          return found.topics[0]?.partitions[0]?.offset === 3n && found
        },
        LOSS_DEADLINE_MS,
      )
      t.expect(offsets, { topics: [{ partitions: [{ errorCode: NONE, offset: 3n }] }] })
    },
  }),
  rule({
    ...LOSS,
    id: 'delete-records.times-out',
    says: 'A deletion that a replica in sync does not hear of in the time of the request is answered with REQUEST_TIMED_OUT.',
    source: 'KIP-107: Add deleteRecordsBefore() API in AdminClient',
    apis: [DeleteRecords],
    topic: 'errors',
    run: async (t) => {
      const { topic } = await withPausedFollower(t)
      const partitions = [{ partitionIndex: 0, offset: 1n }]
      const request = { topics: [{ name: topic.name, partitions }], timeoutMs: 300 }
      t.expect(await t.client.ask(DeleteRecords, request), {
        topics: [
          { name: topic.name, partitions: [{ partitionIndex: 0, errorCode: REQUEST_TIMED_OUT }] },
        ],
      })
    },
  }),
  rule({
    ...LOSS,
    id: 'fetch.acknowledged-survives-its-leader',
    says: 'Records that were acknowledged with acks -1 are there when their leader is lost: at the next leader, at the same offsets, under a higher epoch.',
    source: documents.durability,
    apis: [Fetch, Produce, Metadata],
    topic: 'records',
    run: async (t) => {
      const { topic, stays, leaderEpoch } = await withoutFirst(t)
      const state = await untilLedBy(t, topic, stays, 1)
      t.expect(state, { errorCode: NONE, leaderEpoch: atLeast(leaderEpoch + 1) })
      await produce(t, topic, values('c'))
      const read = await t.client.ask(Fetch, fetchRequest(topic))
      t.equal(valuesIn(read), ['a', 'b', 'c'], 'records')
    },
  }),
  rule({
    ...LOSS,
    id: 'list-offsets.high-watermark-behind',
    says: 'Before the high watermark of a new leader has reached the start of its epoch, the end is not told: OFFSET_NOT_AVAILABLE, before version 5 LEADER_NOT_AVAILABLE.',
    source: 'KIP-207: Offsets returned by ListOffsetsResponse should be monotonically increasing',
    apis: [ListOffsets, ElectLeaders],
    topic: 'errors',
    run: async (t) => {
      const { stays, first, second } = await pausableNodes(t)
      const topic = await createReplicated(t, [second, stays, first])
      await produce(t, topic, values('a', 'b'))
      await reassign(t, topic, [stays, second, first])
      pauseNode(t, first)
      await produce(t, topic, values('c'), { acks: 1 })
      await t.client.ask(ElectLeaders, election(t, topic, PREFERRED), newest(t, ElectLeaders))
      await untilPartition(t, topic, 'the other leader', ({ leaderId }) => leaderId === stays)
      const ask = (version: number) =>
        t.client.ask(ListOffsets, listOffsetsOf(topic, -1n), { version })
      // Both at once: in two seconds the node that is held up leaves the replicas in sync.
      const [told, before] = await Promise.all([ask(t.version), ask(4)])
      t.expect(told, {
        topics: [{ partitions: [{ errorCode: ErrorCode.OFFSET_NOT_AVAILABLE, offset: -1n }] }],
      })
      t.expect(before, {
        topics: [{ partitions: [{ errorCode: LEADER_NOT_AVAILABLE, offset: -1n }] }],
      })
    },
  }),
  rule({
    ...LOSS,
    id: 'fetch.no-leader',
    says: 'A partition without a leader cannot be read or written: NOT_LEADER_OR_FOLLOWER.',
    source: ERRORS,
    apis: [Fetch, Produce],
    topic: 'errors',
    run: async (t) => {
      const { topic } = await withoutLeader(t)
      t.expect(await t.client.ask(Fetch, fetchRequest(topic)), {
        responses: [{ partitions: [{ partitionIndex: 0, errorCode: NOT_LEADER_OR_FOLLOWER }] }],
      })
      t.expect(
        await t.client.ask(Produce, produceRequest(topic, batch)),
        produced(topic, { errorCode: NOT_LEADER_OR_FOLLOWER, baseOffset: -1n }),
      )
    },
  }),
]
