import { CreateTopics, DeleteRecords, ErrorCode, Produce } from '@ottla/protocol'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import { createLog, fetch, produce, type Topic, values, valuesIn } from '../steps/index.js'

const KIP_107 = 'KIP-107: Add deleteRecordsBefore() API in AdminClient'

const DELETING = {
  apis: [DeleteRecords, Produce, CreateTopics] satisfies Rule['apis'] as Rule['apis'],
  source: KIP_107,
} as const

function remove(t: RuleContext, name: string, offset: bigint, partitionIndex = 0) {
  const topics = [{ name, partitions: [{ partitionIndex, offset }] }]
  return t.client.ask(DeleteRecords, { topics, timeoutMs: 5000 })
}

const answered = (name: string, lowWatermark: bigint, errorCode = 0, partitionIndex = 0) => ({
  throttleTimeMs: 0,
  topics: [{ name, partitions: [{ partitionIndex, lowWatermark, errorCode }] }],
})

/** A topic with offsets 0 to 5, in batches of three. */
async function filled(t: RuleContext): Promise<Topic> {
  const topic = await createLog(t)
  await produce(t, topic, values('a', 'b', 'c'))
  await produce(t, topic, values('d', 'e', 'f'))
  return topic
}

const taken = [
  { id: 'nothing', offset: 0n, low: 0n },
  { id: 'inside-batch', offset: 2n, low: 2n },
  { id: 'at-batch', offset: 3n, low: 3n },
  { id: 'at-end', offset: 6n, low: 6n },
  { id: 'all', offset: -1n, low: 6n },
] as const

/** Rules of DeleteRecords. */
export const rules: readonly Rule[] = [
  ...taken.map(({ id, offset, low }) =>
    rule({
      ...DELETING,
      id: `delete-records.${id}`,
      says: `Offset ${offset} of a log with offsets 0 to 5 makes it start at ${low}, and a Produce after it goes on at 6.`,
      topic: 'offsets',
      run: async (t) => {
        const topic = await filled(t)
        t.expect(await remove(t, topic.name, offset), answered(topic.name, low))
        const found = await fetch(t, topic, { fetchOffset: low })
        t.expect(found, {
          responses: [{ partitions: [{ errorCode: 0, logStartOffset: low, highWatermark: 6n }] }],
        })
        t.equal(await produce(t, topic, values('g')), 6n, 'offset of the next record')
      },
    }),
  ),
  ...[7n, 1_000_000n, -2n].map((offset) =>
    rule({
      ...DELETING,
      id: `delete-records.out-of-range-${offset < 0n ? `minus-${-offset}` : offset}`,
      says: `Offset ${offset} of a log with offsets 0 to 5 is OFFSET_OUT_OF_RANGE, and nothing is deleted.`,
      topic: 'errors',
      run: async (t) => {
        const topic = await filled(t)
        const errorCode = ErrorCode.OFFSET_OUT_OF_RANGE
        t.expect(await remove(t, topic.name, offset), answered(topic.name, -1n, errorCode))
        t.equal(valuesIn(await fetch(t, topic)).length, 6, 'records left')
      },
    }),
  ),
  rule({
    ...DELETING,
    id: 'delete-records.never-goes-back',
    says: 'An offset before the start of the log changes nothing: the start is answered.',
    topic: 'offsets',
    run: async (t) => {
      const { name } = await filled(t)
      t.expect(await remove(t, name, 4n), answered(name, 4n))
      t.expect(await remove(t, name, 1n), answered(name, 4n))
    },
  }),
  rule({
    ...DELETING,
    id: 'delete-records.empty-log',
    says: 'Of an empty log nothing is deleted, without error.',
    topic: 'boundaries',
    run: async (t) => {
      const { name } = await createLog(t)
      t.expect(await remove(t, name, -1n), answered(name, 0n))
    },
  }),
  rule({
    ...DELETING,
    id: 'delete-records.other-partitions-stay',
    says: 'Other partitions of the topic keep their records.',
    topic: 'offsets',
    run: async (t) => {
      const topic = await createLog(t, { partitions: 2 })
      await produce(t, topic, values('a'))
      await produce(t, topic, values('b'), { partition: 1 })
      t.expect(await remove(t, topic.name, 1n), answered(topic.name, 1n))
      t.equal(valuesIn(await fetch(t, topic, { partition: 1 })), ['b'], 'values in partition 1')
    },
  }),
  rule({
    ...DELETING,
    id: 'delete-records.unknown-topic',
    says: 'A topic that does not exist is UNKNOWN_TOPIC_OR_PARTITION.',
    topic: 'errors',
    run: async (t) => {
      const name = t.name('topic')
      const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      t.expect(await remove(t, name, 0n), answered(name, -1n, errorCode))
    },
  }),
  ...[3, -1].map((partition) =>
    rule({
      ...DELETING,
      id: `delete-records.unknown-partition-${partition < 0 ? 'negative' : partition}`,
      says: `Partition ${partition} of a topic with one is UNKNOWN_TOPIC_OR_PARTITION.`,
      topic: 'errors',
      run: async (t) => {
        const { name } = await createLog(t)
        const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        t.expect(await remove(t, name, 0n, partition), answered(name, -1n, errorCode, partition))
      },
    }),
  ),
  rule({
    ...DELETING,
    id: 'delete-records.compacted-topic',
    says: 'A topic that is only compacted refuses with POLICY_VIOLATION.',
    topic: 'errors',
    run: async (t) => {
      const { name } = await createLog(t, { configs: { 'cleanup.policy': 'compact' } })
      t.expect(await remove(t, name, 0n), answered(name, -1n, ErrorCode.POLICY_VIOLATION))
    },
  }),
  rule({
    ...DELETING,
    id: 'delete-records.nothing-asked',
    says: 'A request without topics is answered with none.',
    topic: 'boundaries',
    run: async (t) => {
      const answer = await t.client.ask(DeleteRecords, { topics: [], timeoutMs: 5000 })
      t.expect(answer, { throttleTimeMs: 0, topics: [] })
    },
  }),
]
