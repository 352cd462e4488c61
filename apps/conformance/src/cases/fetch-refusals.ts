import { ErrorCode, Fetch } from '@ottla/protocol'
import { type Rule, rule } from '../rules/rule.js'
import { createTopic, fetched, fetchRequest, produce, values } from '../steps/index.js'

/** Rules of what Fetch refuses for what its version lacks. */
export const rules: readonly Rule[] = [
  rule({
    id: 'fetch.zstd-before-version-10',
    says: 'Before release 4.0 a topic that is compressed with zstd is not read by versions before 10: UNSUPPORTED_COMPRESSION_TYPE.',
    releases: { until: '3.9' },
    source: 'KIP-110: Add Codec for ZStandard Compression',
    apis: [Fetch],
    topic: 'errors',
    versions: { min: 4, max: 9 },
    run: async (t) => {
      const topic = await createTopic(t, { configs: { 'compression.type': 'zstd' } })
      await produce(t, topic, values('a'), { compression: 'zstd' })
      const leader = await t.leader(topic.name)
      const errorCode = ErrorCode.UNSUPPORTED_COMPRESSION_TYPE
      t.expect(await leader.ask(Fetch, fetchRequest(topic)), fetched(topic, { errorCode }))
    },
  }),
  rule({
    id: 'fetch.session-of-names-goes-on-with-ids',
    says: 'A session that named its topics cannot go on with their ids: FETCH_SESSION_TOPIC_ID_ERROR.',
    source: 'KIP-516: Topic Identifiers, Fetch',
    apis: [Fetch],
    topic: 'fetch-sessions',
    versions: { min: 13 },
    run: async (t) => {
      const topic = await createTopic(t)
      const leader = await t.leader(topic.name)
      const opened = await leader.ask(
        Fetch,
        fetchRequest(topic, { sessionId: 0, sessionEpoch: 0 }),
        { version: 12 },
      )
      t.equal(opened.errorCode, ErrorCode.NONE, 'error of the first Fetch')
      const { sessionId } = opened
      const request = fetchRequest(topic, { sessionId, sessionEpoch: 1 })
      t.expect(await leader.ask(Fetch, request), {
        errorCode: ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR,
        responses: [],
      })
    },
  }),
]
