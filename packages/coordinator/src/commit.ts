import { ErrorCode, type OffsetCommitRequest, ZERO_UUID } from '@ottla/protocol'
import type { CoordinatorRecord, GroupRequestEvent } from './events.js'
import type { Group } from './group.js'
import type { CommittedOffset } from './offset-store.js'
import { extendSession } from './rebalance.js'
import { offsetRecord } from './records.js'
import type { Step } from './step.js'
import { checkMember, commitAppendError } from './validate.js'

type CommitEvent = Extract<GroupRequestEvent, { type: 'offsetCommit' }>
type RequestTopic = OffsetCommitRequest['topics'][number]
type RequestPartition = RequestTopic['partitions'][number]

/** From this version on topics are named by id (KIP-848). */
const topicIdsFrom = 10

/** From this version on a group that does not exist has an error code of its own. */
const groupNotFoundFrom = 9

/** A partition of the request: what is to be stored, or why not. */
interface Verdict {
  readonly partitionIndex: number
  errorCode: number
  readonly committed?: CommittedOffset
}

/** A topic of the request under the name it is stored with. */
interface CommitTopic {
  readonly name: string
  readonly topicId: string
  readonly verdicts: Verdict[]
}

/** OffsetCommit: answered when the offsets are in the log. */
export function offsetCommit(step: Step, event: CommitEvent): void {
  const { request, requestId, version } = event
  const errorCode = checkCommit(step, event)
  if (errorCode !== ErrorCode.NONE) {
    const refuse = (partition: RequestPartition): Verdict => ({
      partitionIndex: partition.partitionIndex,
      errorCode,
    })
    const topics = request.topics.map(({ name, topicId, partitions }) => ({
      name,
      topicId,
      verdicts: partitions.map(refuse),
    }))
    reply(step, requestId, topics)
    return
  }
  const group = step.groupOrNew(request.groupId)
  keepSession(step, group, request.memberId)
  const topics = request.topics.map((topic) => judgeTopic(step, topic, request, version))
  const records: CoordinatorRecord[] = []
  forEachCommitted(topics, (name, partition, committed) => {
    records.push(offsetRecord(group.groupId, name, partition, committed))
  })
  if (records.length === 0) {
    reply(step, requestId, topics)
    return
  }
  group.commitsInFlight += 1
  step.append(records, (later, appendError) => {
    group.commitsInFlight -= 1
    forEachCommitted(topics, (name, partition, committed, verdict) => {
      if (appendError === ErrorCode.NONE) group.offsets.set(name, partition, committed)
      else verdict.errorCode = commitAppendError(appendError)
    })
    reply(later, requestId, topics)
  })
}

/** Who may commit: members of the generation, and anyone with generation -1 while the group has no members. */
function checkCommit(step: Step, { request, version }: CommitEvent): number {
  const { memberId, groupInstanceId, generationIdOrMemberEpoch: generationId } = request
  const group = step.group(request.groupId)
  if (group === undefined) {
    if (generationId < 0) return ErrorCode.NONE
    return version >= groupNotFoundFrom
      ? ErrorCode.GROUP_ID_NOT_FOUND
      : ErrorCode.ILLEGAL_GENERATION
  }
  const { kind } = group.state
  if (kind === 'Dead') return ErrorCode.COORDINATOR_NOT_AVAILABLE
  if (generationId < 0 && kind === 'Empty') return ErrorCode.NONE
  if (generationId < 0 && memberId === '' && groupInstanceId === null)
    return ErrorCode.UNKNOWN_MEMBER_ID
  const errorCode = checkMember(group, memberId, groupInstanceId)
  if (errorCode !== ErrorCode.NONE) return errorCode
  if (generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION
  // The generation is new and its assignment unknown: what the member commits may belong to another one by now.
  return kind === 'CompletingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE
}

function keepSession(step: Step, group: Group, memberId: string): void {
  const member = group.members.get(memberId)
  if (member !== undefined) extendSession(step, group, member)
}

function judgeTopic(
  step: Step,
  topic: RequestTopic,
  request: OffsetCommitRequest,
  version: number,
): CommitTopic {
  const { topics } = step.machine
  const usesIds = version >= topicIdsFrom
  const name = usesIds ? topics?.nameOf(topic.topicId) : topic.name
  const topicId = usesIds ? topic.topicId : topics?.idOf(topic.name)
  const isAbsent = name === undefined || (topics !== undefined && topicId === undefined)
  const absent = usesIds ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  const verdicts = topic.partitions.map((partition): Verdict => {
    const { partitionIndex, committedMetadata } = partition
    if (isAbsent) return { partitionIndex, errorCode: absent }
    if (Buffer.byteLength(committedMetadata ?? '') > step.config.offsetMetadataMaxBytes) {
      return { partitionIndex, errorCode: ErrorCode.OFFSET_METADATA_TOO_LARGE }
    }
    const committed = committedOffset(step.nowMs, partition, request, topicId ?? ZERO_UUID)
    return { partitionIndex, errorCode: ErrorCode.NONE, committed }
  })
  return { name: name ?? '', topicId: usesIds ? topic.topicId : ZERO_UUID, verdicts }
}

function committedOffset(
  nowMs: number,
  partition: RequestPartition,
  request: OffsetCommitRequest,
  topicId: string,
): CommittedOffset {
  const { commitTimestamp, committedMetadata } = partition
  const expires = request.retentionTimeMs !== -1n
  return {
    offset: partition.committedOffset,
    leaderEpoch: partition.committedLeaderEpoch,
    metadata: committedMetadata ?? '',
    commitTimestampMs: commitTimestamp === -1n ? nowMs : Number(commitTimestamp),
    expireTimestampMs: expires ? nowMs + Number(request.retentionTimeMs) : undefined,
    topicId,
  }
}

function forEachCommitted(
  topics: readonly CommitTopic[],
  visit: (name: string, partition: number, committed: CommittedOffset, verdict: Verdict) => void,
): void {
  for (const { name, verdicts } of topics) {
    for (const verdict of verdicts) {
      if (verdict.committed !== undefined)
        visit(name, verdict.partitionIndex, verdict.committed, verdict)
    }
  }
}

function reply(step: Step, requestId: number, topics: readonly CommitTopic[]): void {
  step.reply('offsetCommit', requestId, {
    throttleTimeMs: 0,
    topics: topics.map(({ name, topicId, verdicts }) => ({
      name,
      topicId,
      partitions: verdicts.map(({ partitionIndex, errorCode }) => ({ partitionIndex, errorCode })),
    })),
  })
}
