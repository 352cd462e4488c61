import {
  ConsumerGroupHeartbeat,
  type ConsumerGroupHeartbeatRequestInput,
  type ConsumerGroupHeartbeatResponse,
  ErrorCode,
} from '@ottla/protocol'
import type { RuleContext } from '../rules/rule-context.js'
import { createTopic, type Topic } from './create-topic.js'

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

/** A group of one member that reads a topic. */
export async function joinConsumerGroup(
  t: RuleContext,
  partitions = 1,
): Promise<ConsumerGroupMember> {
  const topic = await createTopic(t, { partitions })
  const groupId = t.name('group')
  const memberId = t.name('member')
  const client = await t.coordinator(groupId)
  const answer = await client.ask(
    ConsumerGroupHeartbeat,
    joiningHeartbeat(groupId, memberId, [topic.name]),
  )
  t.equal(answer.errorCode, ErrorCode.NONE, 'error of the first ConsumerGroupHeartbeat')
  return { groupId, memberId, memberEpoch: answer.memberEpoch, topic, answer }
}
