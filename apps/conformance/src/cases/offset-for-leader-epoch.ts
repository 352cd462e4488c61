import { CreateTopics, ErrorCode, OffsetForLeaderEpoch, Produce } from '@ottla/protocol'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import { createLog, produce, values } from '../steps/index.js'

const KIP_101 =
  'KIP-101: Alter Replication Protocol to use Leader Epoch rather than High Watermark for Truncation'
const KIP_320 = 'KIP-320: Allow fetchers to detect and handle log truncation'

const EPOCHS = {
  apis: [OffsetForLeaderEpoch, Produce, CreateTopics] satisfies Rule['apis'] as Rule['apis'],
  versions: { min: 2 },
} as const

function ask(t: RuleContext, name: string, leaderEpoch: number, current = -1, partition = 0) {
  const partitions = [{ partition, currentLeaderEpoch: current, leaderEpoch }]
  return t.client.ask(OffsetForLeaderEpoch, {
    replicaId: -1,
    topics: [{ topic: name, partitions }],
  })
}

const answered = (
  topic: string,
  leaderEpoch: number,
  endOffset: bigint,
  errorCode = 0,
  partition = 0,
) => ({
  topics: [{ topic, partitions: [{ errorCode, partition, leaderEpoch, endOffset }] }],
})

/** Rules of OffsetForLeaderEpoch. */
export const rules: readonly Rule[] = [
  rule({
    ...EPOCHS,
    id: 'offset-for-leader-epoch.current',
    says: 'The end of the leader’s own epoch is the end of the log.',
    source: KIP_101,
    topic: 'offsets',
    run: async (t) => {
      const topic = await createLog(t)
      await produce(t, topic, values('a', 'b', 'c'))
      t.expect(await ask(t, topic.name, 0), answered(topic.name, 0, 3n))
      await produce(t, topic, values('d'))
      t.expect(await ask(t, topic.name, 0), answered(topic.name, 0, 4n))
    },
  }),
  ...[1, 1000, -1].map((epoch) =>
    rule({
      ...EPOCHS,
      id: `offset-for-leader-epoch.${epoch < 0 ? `minus-${-epoch}` : epoch}`,
      says: `Epoch ${epoch}, which the log does not know, ends nowhere: epoch -1, offset -1, no error.`,
      source: KIP_101,
      topic: 'boundaries',
      run: async (t) => {
        const topic = await createLog(t)
        await produce(t, topic, values('a'))
        t.expect(await ask(t, topic.name, epoch), answered(topic.name, -1, -1n))
      },
    }),
  ),
  rule({
    ...EPOCHS,
    id: 'offset-for-leader-epoch.unknown-topic',
    says: 'A topic that does not exist is UNKNOWN_TOPIC_OR_PARTITION.',
    source: KIP_101,
    topic: 'errors',
    run: async (t) => {
      const name = t.name('topic')
      const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      t.expect(await ask(t, name, 0), answered(name, -1, -1n, errorCode))
    },
  }),
  rule({
    ...EPOCHS,
    id: 'offset-for-leader-epoch.unknown-partition',
    says: 'A partition that does not exist is UNKNOWN_TOPIC_OR_PARTITION.',
    source: KIP_101,
    topic: 'errors',
    run: async (t) => {
      const { name } = await createLog(t)
      const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      t.expect(await ask(t, name, 0, -1, 4), answered(name, -1, -1n, errorCode, 4))
    },
  }),
  ...[1, 2_147_483_647].map((current) =>
    rule({
      ...EPOCHS,
      id: `offset-for-leader-epoch.current-leader-epoch-${current}`,
      says: `A current leader epoch of ${current}, which the leader has not reached, is UNKNOWN_LEADER_EPOCH.`,
      source: KIP_320,
      topic: 'errors',
      run: async (t) => {
        const { name } = await createLog(t)
        const errorCode = ErrorCode.UNKNOWN_LEADER_EPOCH
        t.expect(await ask(t, name, 0, current), answered(name, -1, -1n, errorCode))
      },
    }),
  ),
]
