import {
  ConsumerGroupDescribe,
  ConsumerGroupHeartbeat,
  type ConsumerGroupHeartbeatRequestInput,
  type ConsumerGroupHeartbeatResponse,
  ErrorCode,
} from '@ottla/protocol'
import type { RawClient } from '../client/raw-client.js'
import { RuleBroken } from '../rules/rule-broken.js'
import type { RuleContext } from '../rules/rule-context.js'
import { joiningHeartbeat } from './consumer-group.js'
import { createdPartitions } from './create-topic.js'
import { forSetUp } from './newest.js'

type Fields = Partial<ConsumerGroupHeartbeatRequestInput>
type TopicPartitions = NonNullable<
  ConsumerGroupHeartbeatResponse['assignment']
>['topicPartitions'][number]

/** A member of a group of the new protocol that does what a client does: it keeps its epoch and its assignment. */
export interface ConsumerMember {
  readonly groupId: string
  readonly memberId: string
  readonly client: RawClient
  /** As the last answer without error said. */
  epoch: number
  /** What it is to own, as the last answer with an assignment said. */
  target: readonly TopicPartitions[]
  /** Sends a heartbeat with epoch 0 and everything about itself. */
  join(fields?: Fields): Promise<ConsumerGroupHeartbeatResponse>
  /** Sends a heartbeat with its epoch, and nothing else than is given. */
  beat(fields?: Fields): Promise<ConsumerGroupHeartbeatResponse>
  /** Tells that it owns what it is to own: what it had besides is revoked. */
  own(): Promise<ConsumerGroupHeartbeatResponse>
}

/** A member that has not joined yet; `about` is what it says of itself whenever it joins. */
export async function consumerMember(
  t: RuleContext,
  groupId: string,
  topics: readonly string[],
  about: Fields = {},
): Promise<ConsumerMember> {
  const client = await t.coordinator(groupId)
  const memberId = about.memberId ?? t.name('member')
  const { instanceId = null } = about
  const ask = async (request: ConsumerGroupHeartbeatRequestInput) => {
    const answer = await client.ask(ConsumerGroupHeartbeat, request)
    if (answer.errorCode !== ErrorCode.NONE) return answer
    member.epoch = answer.memberEpoch
    if (answer.assignment !== null) member.target = answer.assignment.topicPartitions
    return answer
  }
  const member: ConsumerMember = {
    groupId,
    memberId,
    client,
    epoch: 0,
    target: [],
    join: (fields = {}) =>
      ask({ ...joiningHeartbeat(groupId, memberId, topics), ...about, ...fields }),
    beat: (fields = {}) =>
      ask({ groupId, memberId, instanceId, memberEpoch: member.epoch, ...fields }),
    own: () => member.beat({ topicPartitions: [...member.target] }),
  }
  return member
}

/** The numbers of the partitions that a member is to own, of all topics or of one, in order. */
export function partitionsOf({ target }: ConsumerMember, topicId?: string): readonly number[] {
  const own = target.filter((topic) => topicId === undefined || topic.topicId === topicId)
  return own.flatMap(({ partitions }) => partitions).sort((a, b) => a - b)
}

/**
 * Lets members do what they are told until the group is stable and all of these partitions are theirs. A
 * broker may take its time to assign after somebody joined, so only its word that it is done counts.
 */
export async function converge(
  t: RuleContext,
  members: readonly ConsumerMember[],
  partitions: number,
): Promise<void> {
  const [first] = members
  if (first === undefined) return
  const request = { groupIds: [first.groupId], includeAuthorizedOperations: false }
  await t.until(`${members.length} members to own ${partitions} partitions`, async () => {
    for (const member of members) {
      const { errorCode } = await member.own()
      t.equal(errorCode, ErrorCode.NONE, `error of ConsumerGroupHeartbeat of ${member.memberId}`)
    }
    const owned = members.flatMap((member) => partitionsOf(member))
    if (owned.length !== partitions) return false
    const options = forSetUp(t, ConsumerGroupDescribe)
    const { groups } = await first.client.ask(ConsumerGroupDescribe, request, options)
    return groups[0]?.groupState === 'Stable'
  })
  expectEachOnce(t, members)
}

/** What a member is told first, which is soon followed by more, is of partitions that there are, each once. */
function expectAssignable(t: RuleContext, { memberId, target }: ConsumerMember): void {
  for (const { topicId, partitions } of target) {
    const count = createdPartitions(t, topicId) ?? Number.POSITIVE_INFINITY
    const are = partitions.filter((partition) => partition >= 0 && partition < count)
    if (new Set(are).size === partitions.length) continue
    throw new RuleBroken(
      `${memberId} is given [${partitions}] of ${count} partitions of ${topicId}.`,
    )
  }
}

/** Every partition of a topic, from 0 on, belongs to just one of the members. */
function expectEachOnce(t: RuleContext, members: readonly ConsumerMember[]): void {
  const topicIds = new Set(members.flatMap(({ target }) => target.map(({ topicId }) => topicId)))
  for (const topicId of topicIds) {
    const owned = members.flatMap((member) => partitionsOf(member, topicId)).sort((a, b) => a - b)
    t.equal(owned, [...owned.keys()], `partitions of ${topicId} that members own`)
  }
}

/** Members that have joined one after the other, and share what there is. */
export async function joinAll(
  t: RuleContext,
  groupId: string,
  topics: readonly string[],
  { count, partitions, about = {} }: { count: number; partitions: number; about?: Fields },
): Promise<ConsumerMember[]> {
  const members: ConsumerMember[] = []
  for (let number = 0; number < count; number++) {
    const member = await consumerMember(t, groupId, topics, about)
    t.equal((await member.join()).errorCode, ErrorCode.NONE, 'error of the first heartbeat')
    expectAssignable(t, member)
    members.push(member)
  }
  await converge(t, members, partitions)
  return members
}
