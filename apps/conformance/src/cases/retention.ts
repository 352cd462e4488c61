import { CreateTopics, ErrorCode, encodeRecordBatch, ListOffsets, Produce } from '@ottla/protocol'
import { topicConfigDocument } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import { createLog, fetch, fetched, produce, type Topic, values } from '../steps/index.js'

const RETAINING = {
  apis: [ListOffsets, Produce, CreateTopics] satisfies Rule['apis'] as Rule['apis'],
  topic: 'records',
  versions: 'newest',
  needs: ['short-retention'],
} as const

/** Records that were written long ago. */
const old = (...texts: readonly string[]) =>
  values(...texts).map((one) => ({ ...one, timestamp: 1_700_000_000_000 }))

const request = (topic: Topic) => ({
  replicaId: -1,
  isolationLevel: 0,
  topics: [{ name: topic.name, partitions: [{ partitionIndex: 0, timestamp: -2n }] }],
  timeoutMs: 5000,
})

/** Waits until the log starts at an offset or later, and checks that it is this one. */
async function untilStart(t: RuleContext, topic: Topic, offset: bigint): Promise<void> {
  const leader = await t.leader(topic.name)
  const answer = await t.until(`the retention of ${topic.name}`, async () => {
    const found = await leader.ask(ListOffsets, request(topic))
    return (found.topics[0]?.partitions[0]?.offset ?? 0n) >= offset && found
  })
  t.expect(answer, { topics: [{ name: topic.name, partitions: [{ errorCode: 0, offset }] }] })
}

/** Rules of retention, as readers see it. */
export const rules: readonly Rule[] = [
  rule({
    ...RETAINING,
    id: 'list-offsets.retention-by-time',
    says: 'Records older than retention.ms go: the log starts after them, and what was before is OFFSET_OUT_OF_RANGE.',
    source: topicConfigDocument('retention.ms'),
    run: async (t) => {
      const topic = await createLog(t, { configs: { 'retention.ms': '60000' } })
      await produce(t, topic, old('a', 'b', 'c'))
      await untilStart(t, topic, 3n)
      const errorCode = ErrorCode.OFFSET_OUT_OF_RANGE
      t.expect(await fetch(t, topic), fetched(topic, { errorCode }))
      t.equal(await produce(t, topic, values('d')), 3n, 'offset of the next record')
    },
  }),
  rule({
    ...RETAINING,
    id: 'list-offsets.retention-by-size',
    says: 'The oldest segments go until the log is smaller than retention.bytes and one segment.',
    source: topicConfigDocument('retention.bytes'),
    run: async (t) => {
      const text = 'x'.repeat(600_000)
      const size = encodeRecordBatch({ records: values(text) }).length
      const configs = { 'segment.bytes': '1048576', 'retention.bytes': String(2 * size) }
      const topic = await createLog(t, { configs })
      // Two do not fit one segment: each batch has its own, and the last two stay.
      for (let batch = 0; batch < 4; batch++) await produce(t, topic, values(text))
      await untilStart(t, topic, 2n)
    },
  }),
  rule({
    ...RETAINING,
    id: 'list-offsets.retention-spares-young',
    says: 'A record that is young enough keeps its segment, and with it older records beside it.',
    source: topicConfigDocument('retention.ms'),
    run: async (t) => {
      const topic = await createLog(t, { configs: { 'retention.ms': '600000' } })
      const now = Date.now()
      await produce(t, topic, [
        { value: 'old', timestamp: 1_700_000_000_000 },
        { value: 'young', timestamp: now },
      ])
      const other = await createLog(t, { configs: { 'retention.ms': '60000' } })
      await produce(t, other, old('a'))
      await untilStart(t, other, 1n)
      await untilStart(t, topic, 0n)
    },
  }),
]
