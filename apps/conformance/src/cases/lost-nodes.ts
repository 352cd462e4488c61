import { DescribeQuorum, type ElectLeadersRequestInput } from '@ottla/protocol'
import type { Rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  createReplicated,
  killNode,
  type LosableNodes,
  losableNodes,
  newest,
  partitionOf,
  pauseNode,
  produce,
  type Topic,
  untilPartition,
  values,
} from '../steps/index.js'

/** What the rules of a cluster that loses nodes have in common. */
export const LOSS = {
  versions: 'newest',
  needs: ['three-nodes', 'nodes-can-be-stopped'],
} as const satisfies Partial<Rule>

/** The type of an election of the preferred replica. */
export const PREFERRED = 0

/** The type of an election among replicas out of sync, too. */
export const UNCLEAN = 1

/** Asks for an election of the leader of partition 0. */
export const election = (
  t: RuleContext,
  { name }: Topic,
  type: number,
): ElectLeadersRequestInput => ({
  electionType: type,
  topicPartitions: [{ topic: name, partitions: [0] }],
  timeoutMs: t.deadlineMs,
})

/** A topic whose only replica is on a node that is gone. */
export async function withoutLeader(t: RuleContext): Promise<{ topic: Topic; lost: number }> {
  const { first } = await losableNodes(t)
  const topic = await createReplicated(t, [first])
  await killNode(t, first)
  await untilPartition(t, topic, 'no leader', ({ leaderId }) => leaderId === -1)
  return { topic, lost: first }
}

/** A topic that has lost its first leader. */
export interface WithoutFirst extends LosableNodes {
  readonly topic: Topic
  /** The epoch of the leader that is lost. */
  readonly leaderEpoch: number
  /** Starts its node again. */
  readonly restart: () => Promise<void>
}

/** A topic on three nodes, led by one that is lost after two records. */
export async function withoutFirst(t: RuleContext): Promise<WithoutFirst> {
  const { stays, first, second } = await losableNodes(t)
  const topic = await createReplicated(t, [first, stays, second])
  await produce(t, topic, values('a', 'b'))
  const { leaderEpoch = -1 } = (await partitionOf(t, topic)) ?? {}
  const restart = await killNode(t, first)
  const fits = ({ leaderId, isrNodes }: { leaderId: number; isrNodes: readonly number[] }) =>
    leaderId === stays && !isrNodes.includes(first)
  await untilPartition(t, topic, 'another leader', fits)
  return { topic, stays, first, second, leaderEpoch, restart }
}

/** Three nodes, of which the first may be held up: it is not the active controller, without which no leader is elected. */
export async function pausableNodes(t: RuleContext): Promise<LosableNodes> {
  const nodes = await losableNodes(t)
  const topics = [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }]
  const quorum = await t.client.ask(DescribeQuorum, { topics }, newest(t, DescribeQuorum))
  const { first, second } = nodes
  const isController = quorum.topics[0]?.partitions[0]?.leaderId === first
  return isController ? { ...nodes, first: second, second: first } : nodes
}

/** A topic led by the node that stays, its other replicas held up, and in sync for a while yet. */
export async function withPausedFollower(
  t: RuleContext,
  configs: Readonly<Record<string, string>> = {},
) {
  const { stays, first, second } = await pausableNodes(t)
  const topic = await createReplicated(t, [stays, first], configs)
  await produce(t, topic, values('a', 'b'))
  pauseNode(t, first)
  return { topic, stays, first, second }
}
