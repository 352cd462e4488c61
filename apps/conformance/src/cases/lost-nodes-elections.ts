import {
  ElectLeaders,
  ErrorCode,
  ListOffsets,
  Metadata,
  OffsetForLeaderEpoch,
} from '@ottla/protocol'
import { atLeast, nonEmpty } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import {
  connectTo,
  createReplicated,
  endOfEpoch,
  killNode,
  listOffsetsOf,
  losableNodes,
  partitionOf,
  produce,
  type Topic,
  untilLedBy,
  untilPartition,
  values,
} from '../steps/index.js'
import { election, LOSS, PREFERRED, UNCLEAN, withoutFirst, withoutLeader } from './lost-nodes.js'

const KIP_460 = 'KIP-460: Admin Leader Election RPC'

const { NONE, LEADER_NOT_AVAILABLE } = ErrorCode

/** How an election of the leader of partition 0 is answered. */
const elected = ({ name }: Topic, errorCode: number) => ({
  errorCode: NONE,
  replicaElectionResults: [
    {
      topic: name,
      partitionResult: [
        { partitionId: 0, errorCode, ...(errorCode === NONE ? {} : { errorMessage: nonEmpty }) },
      ],
    },
  ],
})

/** Rules of elections among nodes that are lost. */
export const rules: readonly Rule[] = [
  rule({
    ...LOSS,
    id: 'elect-leaders.preferred-lost',
    says: 'The preferred replica is not elected while its node is lost: PREFERRED_LEADER_NOT_AVAILABLE. Back in sync it is, and leads under a higher epoch.',
    source: KIP_460,
    apis: [ElectLeaders, Metadata],
    topic: 'administration',
    run: async (t) => {
      const { topic, first, restart, leaderEpoch } = await withoutFirst(t)
      const request = election(t, topic, PREFERRED)
      const refused = await t.client.ask(ElectLeaders, request)
      t.expect(refused, elected(topic, ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE))
      await restart()
      await untilPartition(t, topic, 'all in sync', ({ isrNodes }) => isrNodes.length === 3)
      t.expect(await t.client.ask(ElectLeaders, request), elected(topic, NONE))
      const state = await untilLedBy(t, topic, first, 3)
      t.expect(state, { errorCode: NONE, leaderId: first, leaderEpoch: atLeast(leaderEpoch + 2) })
    },
  }),
  rule({
    ...LOSS,
    id: 'elect-leaders.unclean-not-needed',
    says: 'A partition that has a leader has no unclean election: ELECTION_NOT_NEEDED.',
    source: KIP_460,
    apis: [ElectLeaders],
    topic: 'errors',
    run: async (t) => {
      const { topic } = await withoutFirst(t)
      const answer = await t.client.ask(ElectLeaders, election(t, topic, UNCLEAN))
      t.expect(answer, elected(topic, ErrorCode.ELECTION_NOT_NEEDED))
    },
  }),
  rule({
    ...LOSS,
    id: 'elect-leaders.no-replica-left',
    says: 'An unclean election without any replica on a living node fails with ELIGIBLE_LEADERS_NOT_AVAILABLE.',
    source: KIP_460,
    apis: [ElectLeaders],
    topic: 'errors',
    run: async (t) => {
      const { topic } = await withoutLeader(t)
      const answer = await t.client.ask(ElectLeaders, election(t, topic, UNCLEAN))
      t.expect(answer, elected(topic, ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE))
    },
  }),
  rule({
    ...LOSS,
    id: 'elect-leaders.unclean-loses-records',
    says: 'A replica out of sync is not elected by itself, only by an unclean election: then it leads alone, under a higher epoch, and what it lacks is lost.',
    source: KIP_460,
    apis: [ElectLeaders, Metadata, ListOffsets, OffsetForLeaderEpoch],
    topic: 'administration',
    run: async (t) => {
      const { first, second } = await losableNodes(t)
      const topic = await createReplicated(t, [first, second])
      await produce(t, topic, values('a', 'b'))
      const restart = await killNode(t, second)
      await untilPartition(t, topic, 'one in sync', ({ isrNodes }) => isrNodes.length === 1)
      await produce(t, topic, values('c', 'd'))
      const { leaderEpoch = -1 } = (await partitionOf(t, topic)) ?? {}
      await killNode(t, first)
      await restart()
      const out = await untilPartition(t, topic, 'no leader', ({ leaderId }) => leaderId === -1)
      t.expect(out, { errorCode: LEADER_NOT_AVAILABLE, offlineReplicas: [first] })
      const answer = await t.client.ask(ElectLeaders, election(t, topic, UNCLEAN))
      t.expect(answer, elected(topic, NONE))
      const state = await untilLedBy(t, topic, second, 1)
      t.expect(state, {
        errorCode: NONE,
        leaderId: second,
        leaderEpoch: atLeast(leaderEpoch + 1),
        isrNodes: [second],
      })
      const leader = await connectTo(t, second)
      t.expect(await leader.ask(ListOffsets, listOffsetsOf(topic, -1n)), {
        topics: [{ partitions: [{ errorCode: NONE, offset: 2n }] }],
      })
      t.expect(await leader.ask(OffsetForLeaderEpoch, endOfEpoch(topic, leaderEpoch)), {
        topics: [{ partitions: [{ errorCode: NONE, endOffset: 2n }] }],
      })
    },
  }),
]
