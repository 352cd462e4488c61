import { ErrorCode, ReadShareGroupState, ShareAcknowledge, ShareFetch } from '@ottla/protocol'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  AckType,
  acknowledged,
  connectTo,
  createReplicated,
  createShareGroup,
  newest,
  nodesOf,
  partitionOf,
  type ShareGroup,
  shareMemberId,
  sharePartition,
  shareSession,
  take,
} from '../steps/index.js'

const LEADERS = {
  source: 'KIP-932: Queues for Kafka, Share-partition leader and share coordinator',
  topic: 'errors',
  needs: ['share-groups'],
} as const satisfies Partial<Rule>

const { NONE, NOT_LEADER_OR_FOLLOWER } = ErrorCode

/** An epoch that no leader of a new topic has. */
const LATER_EPOCH = 9

/** Reads the state of partition 0 as a leader of a later epoch does: the leader of now is fenced. */
async function fence(t: RuleContext, { groupId, topic }: ShareGroup): Promise<void> {
  const partitions = [{ partition: 0, leaderEpoch: LATER_EPOCH }]
  const request = { groupId, topics: [{ topicId: topic.id, partitions }] }
  const options = newest(t, ReadShareGroupState)
  const { results } = await t.client.ask(ReadShareGroupState, request, options)
  t.equal(results[0]?.partitions[0]?.errorCode, NONE, 'error of ReadShareGroupState')
}

/** Rules of who leads the partitions of share groups. */
export const rules: readonly Rule[] = [
  rule({
    ...LEADERS,
    id: 'share-fetch.not-the-leader',
    says: 'A follower gives no records to share groups: NOT_LEADER_OR_FOLLOWER, and who leads instead.',
    apis: [ShareFetch],
    needs: ['share-groups', 'three-nodes'],
    run: async (t) => {
      const [leader, other] = await nodesOf(t)
      const leaderId = leader?.nodeId ?? -1
      const topic = await createReplicated(t, [leaderId, other?.nodeId ?? -1])
      const client = await connectTo(t, other?.nodeId ?? -1)
      await t.until('the follower to know the topic', () => partitionOf(t, topic, client))
      const answer = await client.ask(ShareFetch, {
        groupId: t.name('group'),
        memberId: shareMemberId(t),
        shareSessionEpoch: 0,
        maxWaitMs: 0,
        minBytes: 0,
        maxBytes: 1_048_576,
        maxRecords: 1,
        batchSize: 1,
        topics: sharePartition({ groupId: '', topic }),
        forgottenTopicsData: [],
      })
      const errorCode = NOT_LEADER_OR_FOLLOWER
      const partition = { partitionIndex: 0, errorCode, currentLeader: { leaderId } }
      t.expect(answer, {
        errorCode: NONE,
        responses: [{ topicId: topic.id, partitions: [partition] }],
      })
    },
  }),
  rule({
    ...LEADERS,
    id: 'share-fetch.fenced-leader',
    says: 'A leader whose group has been read by one of a later epoch gives no records: NOT_LEADER_OR_FOLLOWER.',
    apis: [ShareFetch, ReadShareGroupState],
    run: async (t) => {
      const group = await createShareGroup(t, { batches: [['a']] })
      await fence(t, group)
      const one = await shareSession(t, group, group.memberId)
      const answer = await t.until('the leader to have asked for the state', async () => {
        const found = await one.fetch({ maxWaitMs: 300, minBytes: 1 })
        return found.responses.length > 0 && found
      })
      const partition = { partitionIndex: 0, errorCode: NOT_LEADER_OR_FOLLOWER }
      t.expect(answer, {
        errorCode: NONE,
        responses: [{ topicId: group.topic.id, partitions: [partition] }],
      })
    },
  }),
  rule({
    ...LEADERS,
    id: 'share-acknowledge.fenced-leader',
    says: 'A leader whose group has been read by one of a later epoch takes no acknowledgement: NOT_LEADER_OR_FOLLOWER.',
    apis: [ShareAcknowledge, ShareFetch, ReadShareGroupState],
    run: async (t) => {
      const group = await createShareGroup(t, { batches: [['a']] })
      const one = await shareSession(t, group, group.memberId)
      await take(t, group, one, [[0n, 0n, 1]])
      await fence(t, group)
      const answer = await one.acknowledge([[0n, 0n, AckType.ACCEPT]])
      t.expect(answer, acknowledged(group, NOT_LEADER_OR_FOLLOWER))
    },
  }),
]
