import type { Cluster } from '@ottla/network'
import { InvalidArgumentError } from '@ottla/protocol'
import type { ResolvedConsumerOptions } from '../options.js'
import { commonProtocol } from './assignors/built-in.js'
import { withholdMoving } from './assignors/withhold-moving.js'
import { decodeSubscription, encodeAssignment } from './consumer-protocol.js'
import type { JoinedMember } from './machine-types.js'
import { layoutTopics } from './topic-layout.js'

/** What the leader of a group works with. */
export interface LeaderContext {
  readonly cluster: Cluster
  readonly options: ResolvedConsumerOptions
  readonly signal: AbortSignal
}

/** The topics of all members, with their metadata at hand. */
export const findGroupTopics = async (
  { cluster, options, signal }: LeaderContext,
  joined: readonly JoinedMember[],
): Promise<string[]> => {
  const topics = [...new Set(joined.flatMap((member) => decodeSubscription(member).topics))]
  if (topics.some((topic) => cluster.metadata.isStale(topic))) {
    await cluster.refreshMetadata({ topics, signal, timeoutMs: options.requestTimeoutMs })
  }
  return topics
}

/**
 * The leader's work: divides the partitions of `topics` with the assignor that the group has chosen, and encodes what each
 * member gets.
 *
 * @throws InvalidArgumentError for an assignor that this member did not offer, WireError for a subscription that cannot be read.
 */
export const assignGroup = (
  { cluster, options }: LeaderContext,
  protocolName: string,
  joined: readonly JoinedMember[],
  topics: readonly string[],
): Map<string, Uint8Array> => {
  const { partitionAssignors } = options
  const assignor = partitionAssignors.find(({ name }) => name === protocolName)
  if (assignor === undefined) {
    throw new InvalidArgumentError(
      `The group chose the assignor ${JSON.stringify(protocolName)}, which this member did not offer.`,
    )
  }
  const members = joined.map(decodeSubscription)
  const computed = assignor.assign(members, layoutTopics(cluster, topics))
  const isCooperative = commonProtocol(partitionAssignors) === 'cooperative'
  const assignment = isCooperative ? withholdMoving(members, computed) : computed
  return new Map(
    members.map(({ memberId }) => [memberId, encodeAssignment(assignment.get(memberId) ?? [])]),
  )
}
