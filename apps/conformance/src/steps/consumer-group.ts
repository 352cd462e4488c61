import {
  ConsumerGroupHeartbeat,
  type ConsumerGroupHeartbeatRequestInput,
  type ConsumerGroupHeartbeatResponse,
  ErrorCode,
} from '@ottla/protocol'
import type { RuleContext } from '../rules/rule-context.js'
import { createTopic, type Topic } from './create-topic.js'
import { forSetUp } from './newest.js'

/** What a member says when it joins. */
export const joiningHeartbeat = (
  groupId: string,
  memberId: string,
  topics: readonly string[],
): ConsumerGroupHeartbeatRequestInput => ({
  groupId,
  memberId,
  memberEpoch: 0,
  rebalanceTimeoutMs: 10_000,
  subscribedTopicNames: [...topics],
  topicPartitions: [],
})

/** What a member says when nothing has changed. */
export const laterHeartbeat = (groupId: string, memberId: string, memberEpoch: number) => ({
  groupId,
  memberId,
  memberEpoch,
})

/** A member of the new protocol, alone in its group. */
export interface ConsumerGroupMember {
  readonly groupId: string
  readonly memberId: string
  readonly memberEpoch: number
  readonly topic: Topic
  readonly answer: ConsumerGroupHeartbeatResponse
}

/** Heartbeats until the member is assigned something: the coordinator may hear of a new topic a little later. */
export async function untilAssigned(
  t: RuleContext,
  groupId: string,
  first: ConsumerGroupHeartbeatResponse,
): Promise<ConsumerGroupHeartbeatResponse> {
  const client = await t.coordinator(groupId)
  let last = first
  const isAssigned = () => (last.assignment?.topicPartitions.length ?? 0) > 0
  if (isAssigned()) return first
  return t.until(`an assignment in ${groupId}`, async () => {
    const { memberId, memberEpoch } = last
    const request = laterHeartbeat(groupId, memberId ?? '', memberEpoch)
    last = await client.ask(ConsumerGroupHeartbeat, request, forSetUp(t, ConsumerGroupHeartbeat))
    return isAssigned() && last
  })
}

/** A group of one member that reads a topic, and has been assigned it. */
export async function joinConsumerGroup(
  t: RuleContext,
  partitions = 1,
): Promise<ConsumerGroupMember> {
  const topic = await createTopic(t, { partitions })
  const groupId = t.name('group')
  const memberId = t.name('member')
  const client = await t.coordinator(groupId)
  const request = joiningHeartbeat(groupId, memberId, [topic.name])
  const joined = await client.ask(ConsumerGroupHeartbeat, request)
  t.equal(joined.errorCode, ErrorCode.NONE, 'error of the first ConsumerGroupHeartbeat')
  const answer = await untilAssigned(t, groupId, joined)
  return { groupId, memberId, memberEpoch: answer.memberEpoch, topic, answer }
}
