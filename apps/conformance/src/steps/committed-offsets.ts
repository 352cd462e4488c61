import {
  ErrorCode,
  OffsetCommit,
  type OffsetCommitRequestInput,
  type OffsetFetchRequestInput,
  type OffsetFetchResponse,
} from '@ottla/protocol'
import type { RuleContext } from '../rules/rule-context.js'
import type { Topic } from './create-topic.js'
import { forSetUp } from './newest.js'

/** Who commits: a member of a generation, or nobody. */
export interface CommitSettings {
  readonly memberId?: string
  readonly instanceId?: string | null
  /** Default -1: a consumer without a group. */
  readonly generationId?: number
  readonly metadata?: string | null
  readonly leaderEpoch?: number
}

/** An OffsetCommit of one offset in partition 0 of a topic, at any version. */
export function commitRequest(
  groupId: string,
  topic: Topic,
  offset: bigint,
  settings: CommitSettings = {},
): OffsetCommitRequestInput {
  const { memberId = '', instanceId: groupInstanceId = null, generationId = -1 } = settings
  const partition = {
    partitionIndex: 0,
    committedOffset: offset,
    committedLeaderEpoch: settings.leaderEpoch ?? -1,
    committedMetadata: settings.metadata === undefined ? '' : settings.metadata,
  }
  return {
    groupId,
    generationIdOrMemberEpoch: generationId,
    memberId,
    groupInstanceId,
    topics: [{ name: topic.name, topicId: topic.id, partitions: [partition] }],
  }
}

/** Commits an offset for nobody, as set-up; the group is deleted at the end of the rule. */
export async function commit(
  t: RuleContext,
  groupId: string,
  topic: Topic,
  offset: bigint,
  settings: CommitSettings = {},
): Promise<void> {
  const client = await t.coordinator(groupId)
  const request = commitRequest(groupId, topic, offset, settings)
  const { topics } = await client.ask(OffsetCommit, request, forSetUp(t, OffsetCommit))
  const errorCode = topics[0]?.partitions[0]?.errorCode
  t.equal(errorCode, ErrorCode.NONE, `error of OffsetCommit to ${groupId}`)
}

/** An OffsetFetch of partitions of some topics, or of all that the group has (null), at any version. */
export function offsetsRequest(
  groupId: string,
  topics: readonly Topic[] | null,
  partitionIndexes: readonly number[] = [0],
): OffsetFetchRequestInput {
  const asked =
    topics?.map(({ name, id }) => ({
      name,
      topicId: id,
      partitionIndexes: [...partitionIndexes],
    })) ?? null
  return { groupId, topics: asked, groups: [{ groupId, topics: asked }], requireStable: false }
}

/** The part of an answer that is about the only group asked for: the answer itself before version 8. */
export const groupOf = (answer: OffsetFetchResponse): OffsetsOfGroup =>
  answer.groups[0] ?? (answer as OffsetsOfGroup)

/** What OffsetFetch says of one group, in old versions and new ones. */
export type OffsetsOfGroup = Pick<OffsetFetchResponse, 'errorCode'> & {
  topics: OffsetFetchResponse['groups'][number]['topics'] | OffsetFetchResponse['topics']
}
