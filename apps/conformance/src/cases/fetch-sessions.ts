import { CreateTopics, ErrorCode, Fetch, type FetchResponse, Produce } from '@ottla/protocol'
import { absent, noneOf } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  createLog,
  fetchOf,
  fetchPartition,
  produce,
  type Topic,
  values,
  valuesIn,
} from '../steps/index.js'

const KIP_227 = 'KIP-227: Introduce Incremental FetchRequests to Increase Partition Scalability'

const SESSIONS = {
  apis: [Fetch, Produce, CreateTopics] satisfies Rule['apis'] as Rule['apis'],
  topic: 'fetch-sessions',
  source: KIP_227,
  versions: { min: 7 },
} as const

type Topics = Parameters<typeof fetchOf>[0]

interface Step {
  readonly sessionId: number
  readonly sessionEpoch: number
  readonly topics?: Topics
  readonly forget?: readonly Topic[]
}

/** One fetch of a session, which waits for nothing. */
function step(t: RuleContext, { sessionId, sessionEpoch, topics = [], forget = [] }: Step) {
  const forgottenTopicsData = forget.map((topic) => ({
    topic: topic.name,
    topicId: topic.id,
    partitions: [0],
  }))
  const request = fetchOf(topics, { sessionId, sessionEpoch, forgottenTopicsData })
  return t.client.ask(Fetch, request)
}

/** Opens a session that reads these topics from their starts. */
async function open(t: RuleContext, ...topics: readonly Topic[]): Promise<FetchResponse> {
  const wanted = topics.map((topic) => fetchPartition(topic))
  const answer = await step(t, { sessionId: 0, sessionEpoch: 0, topics: wanted })
  t.expect(answer, { errorCode: 0, sessionId: noneOf(0) })
  return answer
}

const nothing = (sessionId: number) => ({ errorCode: 0, sessionId, responses: [] })
const place = (topic: Topic) => ({ topic: topic.name, topicId: topic.id })

/** Rules of Fetch sessions. */
export const rules: readonly Rule[] = [
  rule({
    ...SESSIONS,
    id: 'fetch.session-opens',
    says: 'Session 0 with epoch 0 is a full fetch that opens a session: its id is not 0, and all partitions come.',
    run: async (t) => {
      const topic = await createLog(t)
      const { responses } = await open(t, topic)
      t.equal(responses.length, 1, 'topics answered')
    },
  }),
  rule({
    ...SESSIONS,
    id: 'fetch.without-session',
    says: 'Epoch -1 with session 0 is a full fetch without a session: session id 0 is answered.',
    run: async (t) => {
      const topic = await createLog(t)
      await produce(t, topic, values('a'))
      const topics = [fetchPartition(topic)]
      t.expect(await step(t, { sessionId: 0, sessionEpoch: -1, topics }), {
        errorCode: 0,
        sessionId: 0,
        responses: [{ ...place(topic), partitions: [{ errorCode: 0, highWatermark: 1n }] }],
      })
    },
  }),
  rule({
    ...SESSIONS,
    id: 'fetch.session-leaves-out-unchanged',
    says: 'An incremental answer leaves out partitions without news, and keeps the session id.',
    run: async (t) => {
      const { sessionId } = await open(t, await createLog(t), await createLog(t))
      t.expect(await step(t, { sessionId, sessionEpoch: 1 }), nothing(sessionId))
      t.expect(await step(t, { sessionId, sessionEpoch: 2 }), nothing(sessionId))
    },
  }),
  rule({
    ...SESSIONS,
    id: 'fetch.session-gives-news',
    says: 'An incremental fetch that names no partition gives those with new records, from where they were last asked for.',
    run: async (t) => {
      const quiet = await createLog(t)
      const topic = await createLog(t)
      const { sessionId } = await open(t, quiet, topic)
      await produce(t, topic, values('a', 'b'))
      const answer = await step(t, { sessionId, sessionEpoch: 1 })
      const partitions = [{ partitionIndex: 0, errorCode: 0, highWatermark: 2n }]
      t.expect(answer, { errorCode: 0, sessionId, responses: [{ ...place(topic), partitions }] })
      t.equal(valuesIn(answer), ['a', 'b'], 'values')
    },
  }),
  rule({
    ...SESSIONS,
    id: 'fetch.session-repeats-until-moved',
    says: 'Records come again until the partition’s offset is moved, and no more after.',
    run: async (t) => {
      const topic = await createLog(t)
      const { sessionId } = await open(t, topic)
      await produce(t, topic, values('a'))
      t.equal(valuesIn(await step(t, { sessionId, sessionEpoch: 1 })), ['a'], 'values')
      t.equal(valuesIn(await step(t, { sessionId, sessionEpoch: 2 })), ['a'], 'values again')
      const topics = [fetchPartition(topic, { fetchOffset: 1n })]
      t.expect(await step(t, { sessionId, sessionEpoch: 3, topics }), nothing(sessionId))
      t.expect(await step(t, { sessionId, sessionEpoch: 4 }), nothing(sessionId))
    },
  }),
  rule({
    ...SESSIONS,
    id: 'fetch.session-adds-partition',
    says: 'A partition named in an incremental fetch joins the session, and is answered even without records.',
    run: async (t) => {
      const { sessionId } = await open(t, await createLog(t))
      const added = await createLog(t)
      const partitions = [{ partitionIndex: 0, errorCode: 0, highWatermark: 0n, records: absent }]
      const topics = [fetchPartition(added)]
      t.expect(await step(t, { sessionId, sessionEpoch: 1, topics }), {
        errorCode: 0,
        sessionId,
        responses: [{ ...place(added), partitions }],
      })
      await produce(t, added, values('a'))
      t.equal(valuesIn(await step(t, { sessionId, sessionEpoch: 2 })), ['a'], 'values')
    },
  }),
  rule({
    ...SESSIONS,
    id: 'fetch.session-forgets-partition',
    says: 'A forgotten partition is answered no more; the others are.',
    run: async (t) => {
      const gone = await createLog(t)
      const kept = await createLog(t)
      const { sessionId } = await open(t, gone, kept)
      t.expect(await step(t, { sessionId, sessionEpoch: 1, forget: [gone] }), nothing(sessionId))
      await produce(t, gone, values('a'))
      await produce(t, kept, values('b'))
      const partitions = [{ errorCode: 0, highWatermark: 1n }]
      t.expect(await step(t, { sessionId, sessionEpoch: 2 }), {
        errorCode: 0,
        sessionId,
        responses: [{ ...place(kept), partitions }],
      })
    },
  }),
  rule({
    ...SESSIONS,
    id: 'fetch.session-error-each-time',
    says: 'A partition with an error comes in every answer of the session.',
    run: async (t) => {
      const topic = await createLog(t)
      const { sessionId } = await open(t, topic)
      const errorCode = ErrorCode.OFFSET_OUT_OF_RANGE
      const expected = {
        errorCode: 0,
        sessionId,
        responses: [{ ...place(topic), partitions: [{ errorCode }] }],
      }
      const topics = [fetchPartition(topic, { fetchOffset: 99n })]
      t.expect(await step(t, { sessionId, sessionEpoch: 1, topics }), expected)
      t.expect(await step(t, { sessionId, sessionEpoch: 2 }), expected)
    },
  }),
  ...[0, 2, 3, 2_147_483_647].map((sessionEpoch) =>
    rule({
      ...SESSIONS,
      id: `fetch.session-epoch-${sessionEpoch}-instead-of-1`,
      says:
        sessionEpoch === 0
          ? 'Epoch 0 with the id of a session closes it and opens another.'
          : `Epoch ${sessionEpoch} where 1 is due is INVALID_FETCH_SESSION_EPOCH, with session id 0 and no partitions; the session stays.`,
      run: async (t) => {
        const topic = await createLog(t)
        const { sessionId } = await open(t, topic)
        if (sessionEpoch === 0) {
          const topics = [fetchPartition(topic)]
          const answer = await step(t, { sessionId, sessionEpoch, topics })
          t.expect(answer, { errorCode: 0, sessionId: noneOf(0, sessionId) })
          const errorCode = ErrorCode.FETCH_SESSION_ID_NOT_FOUND
          t.expect(await step(t, { sessionId, sessionEpoch: 1 }), { errorCode, sessionId: 0 })
          return
        }
        const errorCode = ErrorCode.INVALID_FETCH_SESSION_EPOCH
        const refused = { errorCode, sessionId: 0, responses: [] }
        t.expect(await step(t, { sessionId, sessionEpoch }), refused)
        t.expect(await step(t, { sessionId, sessionEpoch: 1 }), nothing(sessionId))
      },
    }),
  ),
  rule({
    ...SESSIONS,
    id: 'fetch.session-epoch-repeated',
    says: 'An epoch used already is INVALID_FETCH_SESSION_EPOCH.',
    run: async (t) => {
      const { sessionId } = await open(t, await createLog(t))
      t.expect(await step(t, { sessionId, sessionEpoch: 1 }), nothing(sessionId))
      const errorCode = ErrorCode.INVALID_FETCH_SESSION_EPOCH
      const refused = { errorCode, sessionId: 0, responses: [] }
      t.expect(await step(t, { sessionId, sessionEpoch: 1 }), refused)
      t.expect(await step(t, { sessionId, sessionEpoch: 2 }), nothing(sessionId))
    },
  }),
  rule({
    ...SESSIONS,
    id: 'fetch.session-unknown',
    says: 'An id of no session is FETCH_SESSION_ID_NOT_FOUND, with session id 0 and no partitions.',
    run: async (t) => {
      const topic = await createLog(t)
      const { sessionId } = await open(t, topic)
      const errorCode = ErrorCode.FETCH_SESSION_ID_NOT_FOUND
      // Ids are drawn at random among 2^31: the one beside a session's is that of none.
      const other = sessionId > 1 ? sessionId - 1 : sessionId + 1
      const refused = { errorCode, sessionId: 0, responses: [] }
      t.expect(await step(t, { sessionId: other, sessionEpoch: 1 }), refused)
    },
  }),
  rule({
    ...SESSIONS,
    id: 'fetch.session-closes',
    says: 'Epoch -1 with the id of a session is a full fetch that closes it.',
    run: async (t) => {
      const topic = await createLog(t)
      const { sessionId } = await open(t, topic)
      const topics = [fetchPartition(topic)]
      t.expect(await step(t, { sessionId, sessionEpoch: -1, topics }), {
        errorCode: 0,
        sessionId: 0,
        responses: [{ ...place(topic), partitions: [{ errorCode: 0, highWatermark: 0n }] }],
      })
      const errorCode = ErrorCode.FETCH_SESSION_ID_NOT_FOUND
      t.expect(await step(t, { sessionId, sessionEpoch: 1 }), { errorCode, sessionId: 0 })
    },
  }),
  rule({
    ...SESSIONS,
    id: 'fetch.session-on-other-connection',
    says: 'A session belongs to no connection: it can be continued on another.',
    run: async (t) => {
      const { sessionId } = await open(t, await createLog(t))
      const other = await t.connect()
      const answer = await other.ask(Fetch, fetchOf([], { sessionId, sessionEpoch: 1 }))
      t.expect(answer, nothing(sessionId))
    },
  }),
  rule({
    ...SESSIONS,
    id: 'fetch.sessions-are-apart',
    says: 'Two sessions have two ids and go on by themselves.',
    run: async (t) => {
      const topic = await createLog(t)
      const one = await open(t, topic)
      const other = await open(t, topic)
      t.expect(other, { sessionId: noneOf(0, one.sessionId) })
      t.expect(await step(t, { sessionId: one.sessionId, sessionEpoch: 1 }), nothing(one.sessionId))
      t.expect(await step(t, { sessionId: one.sessionId, sessionEpoch: 2 }), nothing(one.sessionId))
      const { sessionId } = other
      t.expect(await step(t, { sessionId, sessionEpoch: 1 }), nothing(sessionId))
    },
  }),
]
