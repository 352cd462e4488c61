import { ErrorCode, Fetch, type FetchResponse, InitProducerId, ListOffsets } from '@ottla/protocol'
import type { Pattern } from '../match/index.js'
import { consumerConfigDocument, documents } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  batchesOf,
  createLog,
  endTransaction,
  initTransactions,
  produceInTransaction,
  type ReadOptions,
  readPartition,
  type Topic,
  textsOf,
} from '../steps/index.js'

const KIP_98 = 'KIP-98: Exactly Once Delivery and Transactional Messaging, section FetchRequest'
const STABLE = consumerConfigDocument('isolation.level')

type FetchedPartition = FetchResponse['responses'][number]['partitions'][number]

/** Reads at the rule's version, compares, and gives what was read as texts. */
async function read(
  t: RuleContext,
  topic: Topic,
  options: ReadOptions,
  pattern: Pattern<FetchedPartition>,
): Promise<readonly string[]> {
  const found = await readPartition(t, topic, { version: t.version, ...options })
  t.expect(found, { errorCode: ErrorCode.NONE, ...pattern })
  return textsOf(found)
}

/** Waits for markers: an end is answered before they are written everywhere. */
async function untilEndsAt(t: RuleContext, topic: Topic, offset: bigint): Promise<void> {
  await t.until(`log end ${offset} of ${topic.name}`, async () => {
    const { highWatermark, lastStableOffset } = await readPartition(t, topic)
    return highWatermark >= offset && lastStableOffset >= offset
  })
}

/** Older versions get records without markers. */
const TRANSACTIONAL = { min: 4 } as const

const committed = { isolation: 'read_committed' } as const
const one = { protocol: 1 } as const

const ends = [
  { done: true, verb: 'commit', marker: 'COMMIT' },
  { done: false, verb: 'abort', marker: 'ABORT' },
].map(({ done, verb, marker }) =>
  rule({
    id: `fetch.read-committed-after-${verb}`,
    says: `After a ${verb}, read_committed reads to the end and ${done ? 'names no aborted transaction' : 'names the aborted transaction with its first offset'}.`,
    source: KIP_98,
    apis: [Fetch, InitProducerId],
    topic: 'transactions',
    versions: TRANSACTIONAL,
    run: async (t) => {
      const topic = await createLog(t)
      const producer = await initTransactions(t)
      await produceInTransaction(t, producer, topic, ['a', 'b'], one)
      await endTransaction(t, producer, done, 1)
      await untilEndsAt(t, topic, 3n)
      const texts = await read(t, topic, committed, {
        highWatermark: 3n,
        lastStableOffset: 3n,
        abortedTransactions: done ? [] : [{ producerId: producer.producerId, firstOffset: 0n }],
      })
      t.equal(texts, ['a', 'b', marker], 'records and markers')
    },
  }),
)

/** Rules of Fetch, and of ListOffsets, about transactions. */
export const rules: readonly Rule[] = [
  ...ends,
  rule({
    id: 'fetch.last-stable-offset-of-open-transaction',
    says: 'The last stable offset is the first offset of the open transaction; the high watermark goes on.',
    source: KIP_98,
    apis: [Fetch, InitProducerId],
    topic: 'transactions',
    versions: TRANSACTIONAL,
    run: async (t) => {
      const topic = await createLog(t)
      const producer = await initTransactions(t)
      await produceInTransaction(t, producer, topic, ['a'], one)
      await endTransaction(t, producer, true, 1)
      await untilEndsAt(t, topic, 2n)
      await produceInTransaction(t, producer, topic, ['b', 'c'], { ...one, baseSequence: 1 })
      const marks = { highWatermark: 4n, lastStableOffset: 2n }
      const texts = await read(t, topic, {}, marks)
      t.equal(texts, ['a', 'COMMIT', 'b', 'c'], 'records and markers')
    },
  }),
  rule({
    id: 'fetch.read-committed-ends-at-last-stable-offset',
    says: 'Isolation level read_committed reads nothing at or behind the last stable offset.',
    source: STABLE,
    apis: [Fetch, InitProducerId],
    topic: 'transactions',
    versions: TRANSACTIONAL,
    run: async (t) => {
      const topic = await createLog(t)
      const decided = await initTransactions(t)
      const open = await initTransactions(t)
      await produceInTransaction(t, decided, topic, ['a'], one)
      await endTransaction(t, decided, true, 1)
      await untilEndsAt(t, topic, 2n)
      await produceInTransaction(t, open, topic, ['b'], one)
      await produceInTransaction(t, decided, topic, ['c'], { ...one, baseSequence: 1 })
      await endTransaction(t, decided, true, 1)
      await t.until('the second marker', async () => {
        return (await readPartition(t, topic)).highWatermark === 5n
      })
      const marks = { highWatermark: 5n, lastStableOffset: 2n, abortedTransactions: [] }
      t.equal(await read(t, topic, committed, marks), ['a', 'COMMIT'], 'records and markers')
    },
  }),
  rule({
    id: 'fetch.read-committed-from-last-stable-offset',
    says: 'read_committed from the last stable offset gets no records and no error.',
    source: STABLE,
    apis: [Fetch, InitProducerId],
    topic: 'transactions',
    versions: TRANSACTIONAL,
    run: async (t) => {
      const topic = await createLog(t)
      await produceInTransaction(t, await initTransactions(t), topic, ['a'], one)
      const marks = { highWatermark: 1n, lastStableOffset: 0n }
      t.equal(await read(t, topic, committed, marks), [], 'records and markers')
    },
  }),
  rule({
    id: 'fetch.read-uncommitted-names-no-aborted',
    says: 'read_uncommitted gets no list of aborted transactions: null, and the records all the same.',
    source: KIP_98,
    apis: [Fetch, InitProducerId],
    topic: 'transactions',
    versions: TRANSACTIONAL,
    run: async (t) => {
      const topic = await createLog(t)
      const producer = await initTransactions(t)
      await produceInTransaction(t, producer, topic, ['a'], one)
      await endTransaction(t, producer, false, 1)
      await untilEndsAt(t, topic, 2n)
      const texts = await read(t, topic, {}, { abortedTransactions: null })
      t.equal(texts, ['a', 'ABORT'], 'records and markers')
    },
  }),
  rule({
    id: 'fetch.aborted-of-several-producers',
    says: 'Of transactions that lie across each other, the aborted ones are named, each with its own first offset.',
    source: KIP_98,
    apis: [Fetch, InitProducerId],
    topic: 'transactions',
    versions: TRANSACTIONAL,
    run: async (t) => {
      const topic = await createLog(t)
      const [first, second, third] = [
        await initTransactions(t),
        await initTransactions(t),
        await initTransactions(t),
      ]
      await produceInTransaction(t, first, topic, ['a'], one)
      await produceInTransaction(t, second, topic, ['b'], one)
      await produceInTransaction(t, third, topic, ['c'], one)
      await endTransaction(t, third, false, 1)
      await endTransaction(t, second, true, 1)
      await endTransaction(t, first, false, 1)
      await untilEndsAt(t, topic, 6n)
      const found = await readPartition(t, topic, { version: t.version, ...committed })
      const aborted = [...(found.abortedTransactions ?? [])]
      aborted.sort((a, b) => Number(a.firstOffset - b.firstOffset))
      t.expect(found, { lastStableOffset: 6n })
      const named = aborted.map(({ producerId, firstOffset }) => ({ producerId, firstOffset }))
      const wanted = [
        { producerId: first.producerId, firstOffset: 0n },
        { producerId: third.producerId, firstOffset: 2n },
      ]
      t.equal(named, wanted, 'aborted transactions')
    },
  }),
  rule({
    id: 'fetch.aborted-behind-are-not-named',
    says: 'Aborted transactions that end before the offset asked for are not named.',
    source: KIP_98,
    apis: [Fetch, InitProducerId],
    topic: 'transactions',
    versions: TRANSACTIONAL,
    run: async (t) => {
      const topic = await createLog(t)
      const producer = await initTransactions(t)
      await produceInTransaction(t, producer, topic, ['a'], one)
      await endTransaction(t, producer, false, 1)
      await untilEndsAt(t, topic, 2n)
      await produceInTransaction(t, producer, topic, ['b'], { ...one, baseSequence: 1 })
      await endTransaction(t, producer, true, 1)
      await untilEndsAt(t, topic, 4n)
      const options = { ...committed, offset: 2n }
      const texts = await read(t, topic, options, { abortedTransactions: [] })
      t.equal(texts, ['b', 'COMMIT'], 'records and markers')
    },
  }),
  rule({
    id: 'fetch.marker-is-control-batch',
    says: 'A marker is a transactional control batch of one record, with the producer’s id and no sequence.',
    source: documents.controlBatch,
    apis: [Fetch, InitProducerId],
    topic: 'records',
    versions: TRANSACTIONAL,
    run: async (t) => {
      const topic = await createLog(t)
      const producer = await initTransactions(t)
      await produceInTransaction(t, producer, topic, ['a'], one)
      await endTransaction(t, producer, true, 1)
      await untilEndsAt(t, topic, 2n)
      const found = await readPartition(t, topic, { version: t.version })
      const marker = batchesOf(found).at(-1)
      t.equal(marker?.isControl, true, 'whether the last batch is a control batch')
      t.equal(marker?.isTransactional, true, 'whether the marker is transactional')
      t.equal(marker?.count, 1, 'records of the marker')
      t.equal(marker?.baseOffset, 1n, 'offset of the marker')
      t.equal(marker?.baseSequence, -1, 'sequence of the marker')
      t.equal(marker?.producerId, producer.producerId, 'producer id of the marker')
      const epoch = marker?.producerEpoch ?? -1
      t.equal(
        epoch >= producer.producerEpoch,
        true,
        'whether the marker has the epoch or a later one',
      )
    },
  }),
  rule({
    id: 'list-offsets.read-committed-latest',
    says: 'ListOffsets of the end (-1) gives read_committed the last stable offset, read_uncommitted the high watermark.',
    source: 'KIP-98: Exactly Once Delivery and Transactional Messaging, section ListOffsetRequest',
    apis: [ListOffsets, InitProducerId],
    topic: 'offsets',
    versions: { min: 2 },
    run: async (t) => {
      const topic = await createLog(t)
      const producer = await initTransactions(t)
      await produceInTransaction(t, producer, topic, ['a', 'b'], one)
      const leader = await t.leader(topic.name)
      const end = async (isolationLevel: number) => {
        const partitions = [{ partitionIndex: 0, timestamp: -1n }]
        const topics = [{ name: topic.name, partitions }]
        return leader.ask(ListOffsets, { replicaId: -1, isolationLevel, topics })
      }
      const pattern = (offset: bigint) => ({
        topics: [{ partitions: [{ errorCode: ErrorCode.NONE, offset }] }],
      })
      t.expect(await end(1), pattern(0n))
      t.expect(await end(0), pattern(2n))
    },
  }),
]
