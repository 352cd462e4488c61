import { CreateTopics, ErrorCode, encodeRecordBatch, Fetch, Produce } from '@ottla/protocol'
import { absent } from '../match/index.js'
import { documents } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import {
  createLog,
  fetched,
  fetchOf,
  fetchPartition,
  fetchRequest,
  produce,
  values,
  valuesIn,
} from '../steps/index.js'

const WAITING = {
  apis: [Fetch, Produce, CreateTopics] satisfies Rule['apis'] as Rule['apis'],
  topic: 'long-polling',
  source: documents.longPolling,
  versions: 'newest',
} as const

/** Longer than any rule takes: who waits this long is answered for another reason. */
const LONG_MS = 60_000

/** Rules of Fetch: how long it waits, and what for. */
export const rules: readonly Rule[] = [
  rule({
    ...WAITING,
    id: 'fetch.waits-max-wait',
    says: 'Without data a fetch is answered empty after maxWaitMs, and not before.',
    run: async (t) => {
      const topic = await createLog(t)
      const leader = await t.leader(topic.name)
      const start = t.now()
      const answer = await leader.ask(Fetch, fetchRequest(topic, { maxWaitMs: 400 }))
      t.check(t.now() - start >= 390, 'the answer took at least 400 ms')
      t.expect(answer, fetched(topic, { errorCode: 0, highWatermark: 0n, records: absent }))
    },
  }),
  rule({
    ...WAITING,
    id: 'fetch.wait-ends-on-data',
    says: 'A fetch that waits is answered as soon as data comes, with the data.',
    run: async (t) => {
      const topic = await createLog(t)
      const reader = await t.connect({ address: (await t.leader(topic.name)).address })
      const sent = reader.send(Fetch, fetchRequest(topic, { maxWaitMs: LONG_MS }))
      await t.pause(200)
      t.equal(reader.order.length, 0, 'answers before there was data')
      await produce(t, topic, values('a'))
      const answer = await sent.answer()
      t.expect(answer, fetched(topic, { errorCode: 0, highWatermark: 1n }))
      t.equal(valuesIn(answer), ['a'], 'values')
    },
  }),
  rule({
    ...WAITING,
    id: 'fetch.waits-for-min-bytes',
    says: 'A fetch waits until there are minBytes, not for any data.',
    run: async (t) => {
      const topic = await createLog(t)
      const size = encodeRecordBatch({ records: values('a') }).length
      const reader = await t.connect({ address: (await t.leader(topic.name)).address })
      const request = fetchRequest(topic, { maxWaitMs: LONG_MS, minBytes: 2 * size + 1 })
      const sent = reader.send(Fetch, request)
      await produce(t, topic, values('a'))
      await produce(t, topic, values('b'))
      await t.pause(200)
      t.equal(reader.order.length, 0, 'answers before there were enough bytes')
      await produce(t, topic, values('c'))
      const answer = await sent.answer()
      t.expect(answer, fetched(topic, { errorCode: 0, highWatermark: 3n }))
      t.equal(valuesIn(answer), ['a', 'b', 'c'], 'values')
    },
  }),
  rule({
    ...WAITING,
    id: 'fetch.min-bytes-over-partitions',
    says: 'minBytes counts over all partitions of the request.',
    run: async (t) => {
      const one = await createLog(t)
      const other = await createLog(t)
      const size = encodeRecordBatch({ records: values('a') }).length
      await produce(t, one, values('a'))
      await produce(t, other, values('b'))
      const topics = [fetchPartition(one), fetchPartition(other)]
      const request = fetchOf(topics, { maxWaitMs: LONG_MS, minBytes: 2 * size })
      const { responses } = await t.client.ask(Fetch, request)
      t.equal(responses.length, 2, 'topics answered')
    },
  }),
  rule({
    ...WAITING,
    id: 'fetch.too-few-bytes-come-in-the-end',
    says: 'After maxWaitMs what there is comes, even below minBytes.',
    run: async (t) => {
      const topic = await createLog(t)
      await produce(t, topic, values('a'))
      const request = fetchRequest(topic, { maxWaitMs: 300, minBytes: 100_000 })
      const start = t.now()
      const answer = await t.client.ask(Fetch, request)
      t.check(t.now() - start >= 290, 'the answer took at least 300 ms')
      t.expect(answer, fetched(topic, { errorCode: 0, highWatermark: 1n }))
      t.equal(valuesIn(answer), ['a'], 'values')
    },
  }),
  ...[
    { id: 'max-wait-0', maxWaitMs: 0, minBytes: 1 },
    { id: 'min-bytes-0', maxWaitMs: LONG_MS, minBytes: 0 },
  ].map(({ id, ...options }) =>
    rule({
      ...WAITING,
      id: `fetch.${id}`,
      says: `With maxWaitMs ${options.maxWaitMs} and minBytes ${options.minBytes} an empty log is answered at once.`,
      run: async (t) => {
        const topic = await createLog(t)
        const answer = await t.client.ask(Fetch, fetchRequest(topic, options))
        t.expect(answer, fetched(topic, { errorCode: 0, highWatermark: 0n, records: absent }))
      },
    }),
  ),
  rule({
    ...WAITING,
    id: 'fetch.error-ends-wait',
    says: 'An offset out of range is answered at once.',
    run: async (t) => {
      const topic = await createLog(t)
      const errorCode = ErrorCode.OFFSET_OUT_OF_RANGE
      const request = fetchRequest(topic, { fetchOffset: 5n, maxWaitMs: LONG_MS })
      t.expect(await t.client.ask(Fetch, request), fetched(topic, { errorCode }))
    },
  }),
  rule({
    ...WAITING,
    id: 'fetch.unknown-partition-does-not-end-wait',
    says: 'A partition that does not exist is answered with the others, after the wait for them.',
    run: async (t) => {
      const topic = await createLog(t)
      const partitions = [0, 9].flatMap(
        (partition) => fetchPartition(topic, { partition }).partitions,
      )
      const topics = [{ ...fetchPartition(topic), partitions }]
      const start = t.now()
      const answer = await t.client.ask(Fetch, fetchOf(topics, { maxWaitMs: 400 }))
      t.check(t.now() - start >= 390, 'the answer took at least 400 ms')
      t.equal(answer.responses.flatMap((found) => found.partitions).length, 2, 'partitions')
    },
  }),
]
