import { ErrorCode, type OffsetFetchResponseInput, ZERO_UUID } from '@ottla/protocol'
import type { GroupRequestEvent } from './events.js'
import { type CommittedOffset, OffsetStore } from './offset-store.js'
import type { Step } from './step.js'

type FetchEvent = Extract<GroupRequestEvent, { type: 'offsetFetch' }>

/** From this version on several groups are asked for at once (KIP-709). */
const groupsFrom = 8

/** From this version on topics are named by id. */
const topicIdsFrom = 10

/** Topics asked for; null = all that have offsets. */
type AskedTopics =
  | readonly {
      readonly name: string
      readonly topicId?: string
      readonly partitionIndexes: readonly number[]
    }[]
  | null

/** A topic of the answer. */
interface FetchedTopic {
  readonly name: string
  readonly topicId: string
  readonly partitions: FetchedPartition[]
}

interface FetchedPartition {
  readonly partitionIndex: number
  readonly committedOffset: bigint
  readonly committedLeaderEpoch: number
  readonly metadata: string | null
  readonly errorCode: number
}

/** OffsetFetch: offsets that are in the log. What has none is answered with -1. */
export function offsetFetch(step: Step, event: FetchEvent): void {
  const { request, requestId, version } = event
  const response: OffsetFetchResponseInput =
    version >= groupsFrom
      ? {
          groups: request.groups.map(({ groupId, topics }) => ({
            groupId,
            errorCode: ErrorCode.NONE,
            topics: fetchTopics(step, groupId, topics, version),
          })),
        }
      : {
          errorCode: ErrorCode.NONE,
          topics: fetchTopics(step, request.groupId, request.topics, version).map(
            ({ name, partitions }) => ({ name, partitions }),
          ),
        }
  step.reply('offsetFetch', requestId, { throttleTimeMs: 0, ...response })
}

function fetchTopics(
  step: Step,
  groupId: string,
  asked: AskedTopics,
  version: number,
): FetchedTopic[] {
  const { topics } = step.machine
  const offsets = step.group(groupId)?.offsets ?? new OffsetStore()
  const usesIds = version >= topicIdsFrom
  if (asked === null) {
    const found: FetchedTopic[] = []
    for (const name of offsets.topics) {
      const topicId = topics?.idOf(name)
      // A topic that is gone has no id to answer with.
      if (usesIds && topicId === undefined) continue
      const partitions = [...offsets.partitions(name).keys()]
      found.push(fetchTopic(offsets, name, topicId ?? ZERO_UUID, partitions))
    }
    return found
  }
  return asked.map(({ name, topicId = ZERO_UUID, partitionIndexes }) => {
    if (!usesIds)
      return fetchTopic(offsets, name, topics?.idOf(name) ?? ZERO_UUID, partitionIndexes)
    const known = topics?.nameOf(topicId)
    if (known !== undefined) return fetchTopic(offsets, known, topicId, partitionIndexes)
    const partitions = partitionIndexes.map((index) =>
      fetched(index, undefined, ErrorCode.UNKNOWN_TOPIC_ID),
    )
    return { name: '', topicId, partitions }
  })
}

function fetchTopic(
  offsets: OffsetStore,
  name: string,
  topicId: string,
  partitionIndexes: readonly number[],
): FetchedTopic {
  const partitions = partitionIndexes.map((index) => {
    const committed = offsets.get(name, index)
    return fetched(index, isOfTopic(committed, topicId) ? committed : undefined, ErrorCode.NONE)
  })
  return { name, topicId, partitions }
}

/** False for an offset of a topic that was deleted and made anew under the same name since. */
function isOfTopic(committed: CommittedOffset | undefined, topicId: string): boolean {
  const id = committed?.topicId ?? ZERO_UUID
  return id === topicId || id === ZERO_UUID || topicId === ZERO_UUID
}

const fetched = (
  partitionIndex: number,
  committed: CommittedOffset | undefined,
  errorCode: number,
): FetchedPartition => ({
  partitionIndex,
  committedOffset: committed?.offset ?? -1n,
  committedLeaderEpoch: committed?.leaderEpoch ?? -1,
  metadata: committed?.metadata ?? '',
  errorCode,
})
