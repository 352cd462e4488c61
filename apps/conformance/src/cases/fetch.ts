import {
  CreateTopics,
  DeleteTopics,
  ErrorCode,
  encodeRecordBatch,
  Fetch,
  Produce,
} from '@ottla/protocol'
import { absent, inAnyOrder, nonEmpty } from '../match/index.js'
import { documents, messageDocument } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import {
  batchesIn,
  createLog,
  deleteRecords,
  deleteTopic,
  fetch,
  fetched,
  fetchOf,
  fetchPartition,
  fetchRequest,
  produce,
  values,
  valuesIn,
} from '../steps/index.js'

const DOCUMENT = messageDocument('Fetch')
const KIP_74 = 'KIP-74: Add Fetch Response Size Limit in Bytes'
const KIP_320 = 'KIP-320: Allow fetchers to detect and handle log truncation'
const KIP_516 = 'KIP-516: Topic Identifiers'

const FETCHING = {
  apis: [Fetch, Produce, CreateTopics] satisfies Rule['apis'] as Rule['apis'],
  versions: { min: 4 },
} as const

const ID_OF_NONE = '4f54544c-4100-4000-8000-000000000003'

const REFUSED = { highWatermark: -1n, lastStableOffset: -1n, logStartOffset: -1n, records: absent }

/** Rules of Fetch without sessions: what is read from where, and how much of it. */
export const rules: readonly Rule[] = [
  rule({
    ...FETCHING,
    id: 'fetch.empty-log',
    says: 'An empty log gives no records and no error: high watermark, last stable offset and log start are 0.',
    source: DOCUMENT,
    topic: 'records',
    run: async (t) => {
      const topic = await createLog(t)
      t.expect(
        await fetch(t, topic),
        fetched(topic, {
          partitionIndex: 0,
          errorCode: ErrorCode.NONE,
          highWatermark: 0n,
          lastStableOffset: 0n,
          logStartOffset: 0n,
          abortedTransactions: absent,
          preferredReadReplica: -1,
          records: absent,
        }),
      )
    },
  }),
  rule({
    ...FETCHING,
    id: 'fetch.from-start',
    says: 'A fetch from offset 0 gives all batches in order, with the high watermark after them.',
    source: DOCUMENT,
    topic: 'records',
    run: async (t) => {
      const topic = await createLog(t)
      await produce(t, topic, values('a', 'b'))
      await produce(t, topic, values('c'))
      const answer = await fetch(t, topic)
      const offsets = { highWatermark: 3n, lastStableOffset: 3n, logStartOffset: 0n }
      t.expect(answer, fetched(topic, { errorCode: 0, ...offsets }))
      t.equal(
        batchesIn(answer).map((batch) => batch.baseOffset),
        [0n, 2n],
        'base offsets',
      )
      t.equal(valuesIn(answer), ['a', 'b', 'c'], 'values')
    },
  }),
  rule({
    ...FETCHING,
    id: 'fetch.inside-batch',
    says: 'A fetch from an offset inside a batch gives the whole batch, from before the offset.',
    source: documents.logReads,
    topic: 'boundaries',
    run: async (t) => {
      const topic = await createLog(t)
      await produce(t, topic, values('a'))
      await produce(t, topic, values('b', 'c', 'd'))
      const answer = await fetch(t, topic, { fetchOffset: 3n })
      t.expect(answer, fetched(topic, { errorCode: 0, highWatermark: 4n }))
      t.equal(valuesIn(answer), ['b', 'c', 'd'], 'values')
    },
  }),
  rule({
    ...FETCHING,
    id: 'fetch.at-end',
    says: 'A fetch from the end of the log gives no records and no error.',
    source: DOCUMENT,
    topic: 'boundaries',
    run: async (t) => {
      const topic = await createLog(t)
      await produce(t, topic, values('a', 'b'))
      const answer = await fetch(t, topic, { fetchOffset: 2n })
      t.expect(answer, fetched(topic, { errorCode: 0, highWatermark: 2n, records: absent }))
    },
  }),
  ...[3n, 1_000_000n, 9_223_372_036_854_775_807n, -1n, -2n].map((fetchOffset) =>
    rule({
      ...FETCHING,
      id: `fetch.out-of-range-${fetchOffset < 0n ? `minus-${-fetchOffset}` : fetchOffset}`,
      says: `Offset ${fetchOffset} of a log with offsets 0 and 1 is OFFSET_OUT_OF_RANGE.`,
      source: DOCUMENT,
      topic: 'boundaries',
      run: async (t) => {
        const topic = await createLog(t)
        await produce(t, topic, values('a', 'b'))
        const errorCode = ErrorCode.OFFSET_OUT_OF_RANGE
        t.expect(
          await fetch(t, topic, { fetchOffset }),
          fetched(topic, { partitionIndex: 0, errorCode, highWatermark: -1n, records: absent }),
        )
      },
    }),
  ),
  rule({
    ...FETCHING,
    id: 'fetch.below-log-start',
    says: 'An offset before the start of the log is OFFSET_OUT_OF_RANGE; the start itself is not.',
    source: 'KIP-107: Add deleteRecordsBefore() API in AdminClient',
    topic: 'boundaries',
    run: async (t) => {
      const topic = await createLog(t)
      await produce(t, topic, values('a', 'b', 'c'))
      await deleteRecords(t, topic, 2n)
      const errorCode = ErrorCode.OFFSET_OUT_OF_RANGE
      const refused = fetched(topic, { errorCode, records: absent })
      t.expect(await fetch(t, topic, { fetchOffset: 1n }), refused)
      const answer = await fetch(t, topic, { fetchOffset: 2n })
      t.expect(answer, fetched(topic, { errorCode: 0, logStartOffset: 2n, highWatermark: 3n }))
      t.equal(valuesIn(answer).at(-1), 'c', 'the record at the start')
    },
  }),
  rule({
    ...FETCHING,
    id: 'fetch.unknown-topic',
    says: 'A topic that does not exist is UNKNOWN_TOPIC_OR_PARTITION in its partition.',
    source: DOCUMENT,
    topic: 'errors',
    versions: { min: 4, max: 12 },
    run: async (t) => {
      const topic = { name: t.name('topic'), id: ID_OF_NONE }
      const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      const answer = await t.client.ask(Fetch, fetchRequest(topic))
      t.expect(answer, fetched(topic, { partitionIndex: 0, errorCode, ...REFUSED }))
    },
  }),
  rule({
    ...FETCHING,
    id: 'fetch.unknown-topic-id',
    says: 'A topic id of no topic is UNKNOWN_TOPIC_ID in its partition.',
    source: KIP_516,
    topic: 'errors',
    versions: { min: 13 },
    run: async (t) => {
      const topic = { name: '', id: ID_OF_NONE }
      const answer = await t.client.ask(Fetch, fetchRequest(topic))
      const errorCode = ErrorCode.UNKNOWN_TOPIC_ID
      t.expect(answer, fetched(topic, { partitionIndex: 0, errorCode, records: absent }))
    },
  }),
  ...[1, -1].map((partition) =>
    rule({
      ...FETCHING,
      id: `fetch.unknown-partition-${partition < 0 ? 'negative' : partition}`,
      says: `Partition ${partition} of a topic with one is UNKNOWN_TOPIC_OR_PARTITION.`,
      source: DOCUMENT,
      topic: 'errors',
      run: async (t) => {
        const topic = await createLog(t)
        const answer = await t.client.ask(Fetch, fetchRequest(topic, { partition }))
        const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        t.expect(answer, fetched(topic, { partitionIndex: partition, errorCode, records: absent }))
      },
    }),
  ),
  rule({
    ...FETCHING,
    id: 'fetch.deleted-topic',
    apis: [Fetch, CreateTopics, DeleteTopics],
    says: 'A topic that was deleted is unknown soon after.',
    source: DOCUMENT,
    topic: 'errors',
    run: async (t) => {
      const topic = await createLog(t)
      await deleteTopic(t, topic.name)
      const answer = await t.until(`the end of ${topic.name}`, async () => {
        const found = await t.client.ask(Fetch, fetchRequest(topic))
        return found.responses[0]?.partitions[0]?.errorCode !== ErrorCode.NONE && found
      })
      const unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      const errorCode = t.version >= 13 ? ErrorCode.UNKNOWN_TOPIC_ID : unknown
      t.expect(answer, fetched(topic, { errorCode, records: absent }))
    },
  }),
  rule({
    ...FETCHING,
    id: 'fetch.error-spoils-no-other',
    says: 'A partition that is refused spoils nothing for the others.',
    source: DOCUMENT,
    topic: 'errors',
    run: async (t) => {
      const topic = await createLog(t)
      await produce(t, topic, values('a'))
      const partitions = [0, 9].flatMap(
        (partition) => fetchPartition(topic, { partition }).partitions,
      )
      const topics = [{ ...fetchPartition(topic), partitions }]
      const answer = await t.client.ask(Fetch, fetchOf(topics, { maxWaitMs: 0 }))
      const found = answer.responses.flatMap((one) => one.partitions)
      const [good, bad] = found.toSorted((a, b) => a.partitionIndex - b.partitionIndex)
      t.equal(found.length, 2, 'partitions answered')
      if (good === undefined || bad === undefined) return
      t.expect(good, { partitionIndex: 0, errorCode: 0, highWatermark: 1n })
      t.expect(bad, { partitionIndex: 9, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION })
    },
  }),
  ...(
    [
      { id: 'newer', currentLeaderEpoch: 1, errorCode: ErrorCode.UNKNOWN_LEADER_EPOCH },
      {
        id: 'newest',
        currentLeaderEpoch: 2_147_483_647,
        errorCode: ErrorCode.UNKNOWN_LEADER_EPOCH,
      },
      { id: 'current', currentLeaderEpoch: 0, errorCode: ErrorCode.NONE },
      { id: 'any', currentLeaderEpoch: -1, errorCode: ErrorCode.NONE },
    ] as const
  ).map(({ id, currentLeaderEpoch, errorCode }) =>
    rule({
      ...FETCHING,
      id: `fetch.leader-epoch-${id}`,
      says: `Current leader epoch ${currentLeaderEpoch}, where the leader’s is 0, is ${errorCode === 0 ? 'taken' : 'UNKNOWN_LEADER_EPOCH'}.`,
      source: KIP_320,
      topic: 'errors',
      versions: { min: 9 },
      run: async (t) => {
        const topic = await createLog(t)
        t.expect(await fetch(t, topic, { currentLeaderEpoch }), fetched(topic, { errorCode }))
      },
    }),
  ),
  rule({
    ...FETCHING,
    id: 'fetch.several-topics',
    says: 'All partitions asked for are answered, records or not.',
    source: DOCUMENT,
    topic: 'records',
    run: async (t) => {
      const one = await createLog(t)
      const other = await createLog(t)
      await produce(t, one, values('a'))
      const answer = await t.client.ask(
        Fetch,
        fetchOf([fetchPartition(one), fetchPartition(other)]),
      )
      const of = ({ name, id }: typeof one, partition: object) => ({
        topic: name,
        topicId: id,
        partitions: [{ partitionIndex: 0, errorCode: 0, ...partition }],
      })
      t.expect(answer, {
        responses: inAnyOrder(
          of(one, { highWatermark: 1n, records: nonEmpty }),
          of(other, { highWatermark: 0n, records: absent }),
        ),
      })
    },
  }),
  rule({
    ...FETCHING,
    id: 'fetch.partition-max-bytes',
    says: 'No more whole batches come than fit partitionMaxBytes, beyond the first.',
    source: KIP_74,
    topic: 'boundaries',
    run: async (t) => {
      const topic = await createLog(t)
      const size = encodeRecordBatch({ records: values('x'.repeat(200)) }).length
      for (let batch = 0; batch < 4; batch++) await produce(t, topic, values('x'.repeat(200)))
      const counted = async (partitionMaxBytes: number) =>
        batchesIn(await fetch(t, topic, { partitionMaxBytes })).length
      t.equal(await counted(size), 1, 'batches in the size of one')
      t.equal(await counted(2 * size), 2, 'batches in the size of two')
      t.equal(await counted(2 * size + 10), 2, 'batches in a little more than the size of two')
      t.equal(await counted(4 * size), 4, 'batches in the size of four')
    },
  }),
  ...[0, 1, 61].map((bytes) =>
    rule({
      ...FETCHING,
      id: `fetch.oversized-first-batch-partition-${bytes}`,
      says: `The first batch comes whole even where partitionMaxBytes is ${bytes}.`,
      source: KIP_74,
      topic: 'boundaries',
      run: async (t) => {
        const topic = await createLog(t)
        await produce(t, topic, values('a'.repeat(1000)))
        await produce(t, topic, values('b'))
        const answer = await fetch(t, topic, { partitionMaxBytes: bytes })
        t.expect(answer, fetched(topic, { errorCode: 0, highWatermark: 2n }))
        t.equal(valuesIn(answer), ['a'.repeat(1000)], 'values')
      },
    }),
  ),
  rule({
    ...FETCHING,
    id: 'fetch.max-bytes-of-answer',
    says: 'maxBytes bounds the answer over its partitions: after a first oversized batch the others give none.',
    source: KIP_74,
    topic: 'boundaries',
    run: async (t) => {
      const one = await createLog(t)
      const other = await createLog(t)
      for (const topic of [one, other]) await produce(t, topic, values('x'.repeat(1000)))
      const ask = (maxBytes: number) =>
        t.client.ask(Fetch, fetchOf([fetchPartition(one), fetchPartition(other)], { maxBytes }))
      const filled = (answer: Awaited<ReturnType<typeof ask>>) =>
        answer.responses
          .flatMap((topic) => topic.partitions)
          .filter(({ records }) => (records?.length ?? 0) > 0).length
      t.equal(filled(await ask(1)), 1, 'partitions with records where maxBytes is 1')
      t.equal(filled(await ask(100_000)), 2, 'partitions with records where maxBytes is 100000')
    },
  }),
  rule({
    ...FETCHING,
    id: 'fetch.duplicate-reads-repeat',
    says: 'Reading changes nothing: the same fetch gives the same bytes again.',
    source: DOCUMENT,
    topic: 'records',
    run: async (t) => {
      const topic = await createLog(t)
      await produce(t, topic, values('a', 'b'), { compression: 'gzip' })
      const answer = await fetch(t, topic)
      const records = answer.responses[0]?.partitions[0]?.records ?? new Uint8Array(0)
      t.expect(await fetch(t, topic), fetched(topic, { highWatermark: 2n, records }))
    },
  }),
  rule({
    ...FETCHING,
    id: 'fetch.zstd-of-any-version',
    says: 'Since 4.0 batches of zstd come as they are stored, before version 10 too.',
    source: 'KIP-896: Remove old client protocol API versions in Kafka 4.0',
    topic: 'records',
    releases: { from: '4.0' },
    run: async (t) => {
      const topic = await createLog(t, { configs: { 'compression.type': 'zstd' } })
      await produce(t, topic, values('a'))
      const answer = await fetch(t, topic)
      t.expect(answer, fetched(topic, { errorCode: 0, highWatermark: 1n }))
      t.equal(batchesIn(answer)[0]?.compression, 'zstd', 'compression of the batch')
    },
  }),
  ...[0, 1].map((isolationLevel) =>
    rule({
      ...FETCHING,
      id: `fetch.aborted-list-of-isolation-${isolationLevel}`,
      says: `Without transactions the list of aborted ones is ${isolationLevel === 0 ? 'null for read_uncommitted' : 'empty for read_committed'}.`,
      source: 'KIP-98: Exactly Once Delivery and Transactional Messaging',
      topic: 'transactions',
      run: async (t) => {
        const topic = await createLog(t)
        await produce(t, topic, values('a'))
        const answer = await fetch(t, topic, { isolationLevel })
        t.expect(answer, fetched(topic, { errorCode: 0, lastStableOffset: 1n }))
        const aborted = answer.responses[0]?.partitions[0]?.abortedTransactions
        t.equal(aborted, isolationLevel === 0 ? null : [], 'aborted transactions')
      },
    }),
  ),
]
