import {
  CreateTopics,
  ErrorCode,
  encodeRecordBatch,
  Fetch,
  ListOffsets,
  OffsetForLeaderEpoch,
  Produce,
  type RecordInput,
} from '@ottla/protocol'
import { documents, topicConfigDocument } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  batchesFrom,
  batchesOf,
  changeConfigs,
  createCompacted,
  endTransaction,
  fetch,
  fetched,
  initTransactions,
  keptIn,
  keyed,
  newest,
  newProducerId,
  produce,
  readPartition,
  type Topic,
  type TransactionalProducer,
  topicResource,
  tryProduce,
  untilKept,
  writeSegment,
  writtenAt,
} from '../steps/index.js'

const COMPACTION = documents.compaction
const KIP_534 =
  'KIP-534: Retain tombstones and transaction markers for approximately delete.retention.ms'

const COMPACTING = {
  source: COMPACTION,
  apis: [Fetch, Produce, CreateTopics] satisfies Rule['apis'] as Rule['apis'],
  topic: 'records',
  versions: 'newest',
  needs: ['short-compaction'],
} as const satisfies Partial<Rule>

/** Rules of what compaction keeps. */
const keeping: readonly Rule[] = [
  rule({
    ...COMPACTING,
    id: 'fetch.compacted-keeps-latest',
    says: 'Of each key the latest record stays, with its offset; the log starts and ends where it did.',
    run: async (t) => {
      const topic = await createCompacted(t)
      await writeSegment(t, topic, 0, [
        ['a', '1'],
        ['b', '1'],
        ['a', '2'],
      ])
      await writeSegment(t, topic, 1, [
        ['a', '3'],
        ['c', '1'],
      ])
      await writeSegment(t, topic, 2, [['z', 'end']])
      await untilKept(t, topic, '1 b=1', '3 a=3', '4 c=1', '5 z=end')
      const errorCode = ErrorCode.NONE
      const bounds = { errorCode, highWatermark: 6n, lastStableOffset: 6n, logStartOffset: 0n }
      t.expect(await fetch(t, topic), fetched(topic, bounds))
    },
  }),
  rule({
    ...COMPACTING,
    id: 'fetch.compacted-spares-active-segment',
    says: 'The segment that is being written to is not compacted.',
    run: async (t) => {
      const topic = await createCompacted(t)
      await writeSegment(t, topic, 0, [['a', '1']])
      await writeSegment(t, topic, 1, [['b', '1']])
      await writeSegment(t, topic, 2, [
        ['a', '2'],
        ['b', '2'],
        ['b', '3'],
      ])
      // What is in the active segment is not known to the compaction, so 'a=1' stays, too.
      await writeSegment(t, topic, 2, [['b', '4']])
      const probe = await createCompacted(t)
      await writeSegment(t, probe, 0, [['x', '1']])
      await writeSegment(t, probe, 1, [['x', '2']])
      await writeSegment(t, probe, 2, [['x', '3']])
      await untilKept(t, probe, '1 x=2', '2 x=3')
      const all = ['0 a=1', '1 b=1', '2 a=2', '3 b=2', '4 b=3', '5 b=4']
      t.equal(await keptIn(t, topic), all, 'records that are kept')
    },
  }),
  rule({
    ...COMPACTING,
    id: 'fetch.compacted-offset',
    says: 'A fetch from an offset whose record is gone goes on with the next one that there is, without error.',
    run: async (t) => {
      const topic = await createCompacted(t)
      await writeSegment(t, topic, 0, [
        ['a', '1'],
        ['a', '2'],
      ])
      await writeSegment(t, topic, 1, [['a', '3']])
      await writeSegment(t, topic, 2, [['z', 'end']])
      await untilKept(t, topic, '2 a=3', '3 z=end')
      const answer = await fetch(t, topic, { fetchOffset: 1n })
      t.expect(answer, fetched(topic, { errorCode: ErrorCode.NONE, highWatermark: 4n }))
      t.equal(await keptIn(t, topic, { offset: 1n }), ['2 a=3', '3 z=end'], 'records')
    },
  }),
  rule({
    ...COMPACTING,
    id: 'fetch.compacted-batch-keeps-its-offsets',
    says: 'A batch that lost records keeps its base offset, its last offset and its timestamps; the others keep theirs.',
    run: async (t) => {
      const topic = await createCompacted(t)
      await writeSegment(t, topic, 0, [
        ['a', '1'],
        ['b', '1'],
        ['c', '1'],
      ])
      await writeSegment(t, topic, 1, [
        ['a', '2'],
        ['c', '2'],
      ])
      await writeSegment(t, topic, 2, [['z', 'end']])
      await untilKept(t, topic, '1 b=1', '3 a=2', '4 c=2', '5 z=end')
      const [batch] = batchesOf(await readPartition(t, topic))
      const { baseOffset, lastOffset, count, maxTimestamp } = batch ?? {}
      t.equal([baseOffset, lastOffset, count], [0n, 2n, 1], 'base offset, last offset and count')
      t.equal(maxTimestamp, writtenAt(0), 'greatest timestamp')
      t.equal([...(batch ?? [])][0]?.timestamp, writtenAt(0), 'timestamp of the record')
    },
  }),
  ...(['gzip', 'lz4', 'zstd'] as const).map((compression) =>
    rule({
      ...COMPACTING,
      id: `fetch.compacted-${compression}`,
      says: `A batch compressed with ${compression} that lost records is still compressed, and can be read.`,
      run: async (t) => {
        const topic = await createCompacted(t)
        const records = [
          ['a', '1'],
          ['b', '1'],
        ] as const
        await writeSegment(t, topic, 0, records, { compression })
        await writeSegment(t, topic, 1, [['a', '2']], { compression })
        await writeSegment(t, topic, 2, [['z', 'end']])
        await untilKept(t, topic, '1 b=1', '2 a=2', '3 z=end')
        const [batch] = batchesOf(await readPartition(t, topic))
        t.equal(batch?.compression, compression, 'compression of the first batch')
      },
    }),
  ),
  rule({
    ...COMPACTING,
    id: 'fetch.compaction-lag',
    says: 'Records younger than min.compaction.lag.ms stay, whatever came after them.',
    source: topicConfigDocument('min.compaction.lag.ms'),
    run: async (t) => {
      const lag = await createCompacted(t, { 'min.compaction.lag.ms': '3600000' })
      const none = await createCompacted(t)
      for (const topic of [lag, none]) {
        await writeSegment(t, topic, 0, [['a', '1']])
        await writeSegment(t, topic, 1, [['a', '2']])
        await writeSegment(t, topic, 2, [['z', 'end']])
      }
      await untilKept(t, none, '1 a=2', '2 z=end')
      await untilKept(t, lag, '0 a=1', '1 a=2', '2 z=end')
    },
  }),
  rule({
    ...COMPACTING,
    id: 'fetch.compaction-begins-with-policy',
    says: 'A topic whose cleanup.policy is changed to compact is compacted from then on.',
    source: topicConfigDocument('cleanup.policy'),
    run: async (t) => {
      const topic = await createCompacted(t, { 'cleanup.policy': 'delete' })
      await writeSegment(t, topic, 0, [['a', '1']])
      await writeSegment(t, topic, 1, [['a', '2']])
      await writeSegment(t, topic, 2, [['z', 'end']])
      t.equal(await keptIn(t, topic), ['0 a=1', '1 a=2', '2 z=end'], 'records before')
      await changeConfigs(t, topicResource(topic.name), { 'cleanup.policy': 'compact' })
      await untilKept(t, topic, '1 a=2', '2 z=end')
    },
  }),
  rule({
    ...COMPACTING,
    id: 'fetch.compacted-and-deleted',
    says: 'With the policies compact and delete old segments go, too: the log starts later then.',
    source: topicConfigDocument('cleanup.policy'),
    needs: ['short-compaction', 'short-retention'],
    run: async (t) => {
      const configs = { 'cleanup.policy': 'compact,delete', 'retention.ms': '3600000' }
      const topic = await createCompacted(t, configs)
      await writeSegment(t, topic, -400, [['a', 'old']])
      await writeSegment(t, topic, -399, [['b', 'old']])
      await writeSegment(t, topic, 0, [['c', '1']])
      const errorCode = ErrorCode.OFFSET_OUT_OF_RANGE
      const gone = await t.until('the retention', async () => {
        const found = await fetch(t, topic)
        return found.responses[0]?.partitions[0]?.errorCode !== ErrorCode.NONE && found
      })
      t.expect(gone, fetched(topic, { errorCode, highWatermark: -1n }))
      // Not before: compaction puts old records and young ones into one segment, and the young keep it.
      await writeSegment(t, topic, 1, [['c', '2']])
      await writeSegment(t, topic, 2, [['z', 'end']])
      await t.until('the compaction', async () => {
        const kept = await keptIn(t, topic, { offset: 2n })
        return kept.length < 3
      })
      t.equal(await keptIn(t, topic, { offset: 2n }), ['3 c=2', '4 z=end'], 'records that are kept')
    },
  }),
]

/** Rules of tombstones. */
const tombstones: readonly Rule[] = [
  rule({
    ...COMPACTING,
    id: 'fetch.tombstone-stays-for-a-while',
    says: 'A null value takes its key away; it stays itself for delete.retention.ms, so that readers hear of it.',
    source: topicConfigDocument('delete.retention.ms'),
    run: async (t) => {
      const topic = await createCompacted(t)
      await writeSegment(t, topic, 0, [
        ['a', '1'],
        ['b', '1'],
      ])
      await writeSegment(t, topic, 1, [['a', null]])
      await writeSegment(t, topic, 2, [['z', 'end']])
      await untilKept(t, topic, '1 b=1', '2 a', '3 z=end')
    },
  }),
  rule({
    ...COMPACTING,
    id: 'fetch.tombstone-goes',
    says: 'After delete.retention.ms the next compaction takes the tombstone away, too.',
    source: KIP_534,
    run: async (t) => {
      const topic = await createCompacted(t, { 'delete.retention.ms': '0' })
      await writeSegment(t, topic, 0, [
        ['a', '1'],
        ['b', '1'],
      ])
      await writeSegment(t, topic, 1, [['a', null]])
      await writeSegment(t, topic, 2, [['c', '1']])
      await untilKept(t, topic, '1 b=1', '2 a', '3 c=1')
      await writeSegment(t, topic, 3, [['b', '2']])
      await writeSegment(t, topic, 4, [['z', 'end']])
      await untilKept(t, topic, '3 c=1', '4 b=2', '5 z=end')
    },
  }),
  rule({
    ...COMPACTING,
    id: 'fetch.tombstone-marks-its-batch',
    says: 'The compaction that first sees a tombstone writes into its batch when it may go.',
    source: KIP_534,
    run: async (t) => {
      const topic = await createCompacted(t)
      await writeSegment(t, topic, 0, [['a', '1']])
      await writeSegment(t, topic, 1, [['a', null]])
      await writeSegment(t, topic, 2, [['z', 'end']])
      await untilKept(t, topic, '1 a', '2 z=end')
      const batches = await batchesFrom(t, topic)
      const marks = batches.map(({ hasDeleteHorizon }) => hasDeleteHorizon)
      t.equal(marks, [true, false], 'which batches have a delete horizon')
    },
  }),
]

/** Rules of what else is asked of a compacted log. */
const asking: readonly Rule[] = [
  rule({
    ...COMPACTING,
    id: 'list-offsets.compacted',
    says: 'An offset is looked up by time among the records that are left; the earliest one is still the start of the log.',
    apis: [ListOffsets, Produce, CreateTopics],
    topic: 'offsets',
    run: async (t) => {
      const topic = await createCompacted(t)
      await writeSegment(t, topic, 0, [['a', '1']])
      await writeSegment(t, topic, 1, [['b', '1']])
      await writeSegment(t, topic, 2, [['a', '2']])
      await writeSegment(t, topic, 3, [['z', 'end']])
      await untilKept(t, topic, '1 b=1', '2 a=2', '3 z=end')
      const leader = await t.leader(topic.name)
      const ask = (timestamp: bigint) =>
        leader.ask(ListOffsets, {
          replicaId: -1,
          isolationLevel: 0,
          topics: [{ name: topic.name, partitions: [{ partitionIndex: 0, timestamp }] }],
          timeoutMs: t.deadlineMs,
        })
      const at = (offset: bigint, timestamp: bigint) => ({
        topics: [{ partitions: [{ errorCode: ErrorCode.NONE, offset, timestamp }] }],
      })
      t.expect(await ask(-2n), at(0n, -1n))
      t.expect(await ask(BigInt(writtenAt(0))), at(1n, BigInt(writtenAt(1))))
      t.expect(await ask(BigInt(writtenAt(1)) + 1n), at(2n, BigInt(writtenAt(2))))
    },
  }),
  rule({
    ...COMPACTING,
    id: 'offset-for-leader-epoch.compacted',
    says: 'An epoch ends where it did, whatever compaction has taken away.',
    apis: [OffsetForLeaderEpoch, Produce, CreateTopics],
    topic: 'offsets',
    run: async (t) => {
      const topic = await createCompacted(t)
      await writeSegment(t, topic, 0, [['a', '1']])
      await writeSegment(t, topic, 1, [['a', '2']])
      await writeSegment(t, topic, 2, [['z', 'end']])
      await untilKept(t, topic, '1 a=2', '2 z=end')
      const leader = await t.leader(topic.name)
      const partitions = [{ partition: 0, currentLeaderEpoch: -1, leaderEpoch: 0 }]
      const topics = [{ topic: topic.name, partitions }]
      const request = { replicaId: -1, topics }
      t.expect(await leader.ask(OffsetForLeaderEpoch, request, newest(t, OffsetForLeaderEpoch)), {
        topics: [{ partitions: [{ errorCode: ErrorCode.NONE, leaderEpoch: 0, endOffset: 3n }] }],
      })
    },
  }),
  rule({
    ...COMPACTING,
    id: 'produce.compacted-duplicate',
    says: 'A batch that compaction has emptied is still known: sent again, it is a duplicate and not appended.',
    apis: [Produce, Fetch, CreateTopics],
    topic: 'idempotence',
    run: async (t) => {
      const topic = await createCompacted(t)
      const producerId = await newProducerId(t)
      const header = { producerId, producerEpoch: 0, baseSequence: 0 }
      const records = keyed(0, ['a', '1'])
      t.equal(await produce(t, topic, records, header), 0n, 'offset')
      await writeSegment(t, topic, 1, [['a', '2']])
      await writeSegment(t, topic, 2, [['z', 'end']])
      await untilKept(t, topic, '1 a=2', '2 z=end')
      const again = await tryProduce(t, topic, encodeRecordBatch({ records, ...header }))
      t.expect(again, {
        responses: [{ partitionResponses: [{ errorCode: ErrorCode.NONE, baseOffset: 0n }] }],
      })
      t.equal(await keptIn(t, topic), ['1 a=2', '2 z=end'], 'records that are kept')
    },
  }),
  rule({
    ...COMPACTING,
    id: 'fetch.compacted-keeps-last-batch-of-producer',
    says: 'The last batch of a producer stays, though without records, so that its sequence is not forgotten.',
    topic: 'idempotence',
    run: async (t) => {
      const topic = await createCompacted(t)
      const producerId = await newProducerId(t)
      const header = { producerId, producerEpoch: 0, baseSequence: 0 }
      await produce(t, topic, keyed(0, ['a', '1'], ['a', '2']), header)
      await writeSegment(t, topic, 1, [['a', '3']])
      await writeSegment(t, topic, 2, [['z', 'end']])
      await untilKept(t, topic, '2 a=3', '3 z=end')
      const [batch] = batchesOf(await readPartition(t, topic))
      const { baseOffset, lastOffset, count, baseSequence } = batch ?? {}
      const facts = [baseOffset, lastOffset, count, baseSequence, batch?.producerId]
      t.equal(facts, [0n, 1n, 0, 0, producerId], 'offsets, count, sequence and producer')
    },
  }),
]

const TRANSACTIONAL = {
  ...COMPACTING,
  topic: 'transactions',
  needs: ['short-compaction', 'transaction-version-2'],
} as const

/** Writes one batch in a transaction. */
const send = (
  t: RuleContext,
  producer: TransactionalProducer,
  topic: Topic,
  records: readonly RecordInput[],
) => produce(t, topic, records, { ...producer, baseSequence: 0, isTransactional: true })

/** Ends a transaction, and waits until the topic has its marker. */
async function end(
  t: RuleContext,
  producer: TransactionalProducer,
  topic: Topic,
  committed: boolean,
): Promise<void> {
  await endTransaction(t, producer, committed)
  await t.until('the marker', async () => {
    const { lastStableOffset, highWatermark } = await readPartition(t, topic)
    return lastStableOffset === highWatermark
  })
}

/** Rules of transactions in a compacted log. */
const transactional: readonly Rule[] = [
  rule({
    ...TRANSACTIONAL,
    id: 'fetch.compacted-aborted',
    says: 'Compaction takes the records of aborted transactions away, and they replace nothing.',
    run: async (t) => {
      const topic = await createCompacted(t)
      await writeSegment(t, topic, 0, [['a', 'kept']])
      const producer = await initTransactions(t)
      await send(t, producer, topic, keyed(1, ['a', 'aborted'], ['b', 'aborted']))
      await end(t, producer, topic, false)
      await produce(t, topic, [{ key: 'z', value: 'end', timestamp: Date.now() + 10_000 }])
      await untilKept(t, topic, '0 a=kept', '4 z=end')
      const { highWatermark, lastStableOffset } = await readPartition(t, topic)
      t.equal([highWatermark, lastStableOffset], [5n, 5n], 'high watermark, last stable offset')
    },
  }),
  rule({
    ...TRANSACTIONAL,
    id: 'fetch.compacted-committed',
    says: 'Records of committed transactions are kept like others, and the marker stays for readers.',
    run: async (t) => {
      const topic = await createCompacted(t)
      await writeSegment(t, topic, 0, [['a', '1']])
      const producer = await initTransactions(t)
      await send(t, producer, topic, keyed(1, ['a', 'committed']))
      await end(t, producer, topic, true)
      await produce(t, topic, [{ key: 'z', value: 'end', timestamp: Date.now() + 10_000 }])
      await untilKept(t, topic, '1 a=committed', '3 z=end')
      const batches = await batchesFrom(t, topic, { isolation: 'read_committed' })
      const isControl = batches.map((batch) => batch.isControl)
      t.equal(isControl, [false, true, false], 'which batches are markers')
    },
  }),
  rule({
    ...TRANSACTIONAL,
    id: 'fetch.compaction-waits-for-transaction',
    says: 'Nothing after the last stable offset is compacted: an open transaction holds it back.',
    run: async (t) => {
      const topic = await createCompacted(t)
      await writeSegment(t, topic, 0, [['a', '1']])
      const producer = await initTransactions(t)
      await send(t, producer, topic, keyed(1, ['b', 'open']))
      await writeSegment(t, topic, 2, [['a', '2']])
      await writeSegment(t, topic, 3, [['z', 'end']])
      const probe = await createCompacted(t)
      await writeSegment(t, probe, 0, [['x', '1']])
      await writeSegment(t, probe, 1, [['x', '2']])
      await writeSegment(t, probe, 2, [['x', '3']])
      await untilKept(t, probe, '1 x=2', '2 x=3')
      const all = ['0 a=1', '1 b=open', '2 a=2', '3 z=end']
      t.equal(await keptIn(t, topic), all, 'records while the transaction is open')
      await end(t, producer, topic, true)
      await produce(t, topic, [{ key: 'z', value: 'later', timestamp: Date.now() + 10_000 }])
      await untilKept(t, topic, '1 b=open', '2 a=2', '3 z=end', '5 z=later')
    },
  }),
]

/** Rules of compaction, as readers see it. */
export const rules: readonly Rule[] = [...keeping, ...tombstones, ...asking, ...transactional]
