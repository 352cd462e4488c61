import { ErrorCode, type OffsetDeleteResponseInput } from '@ottla/protocol'
import type { GroupRequestEvent } from './events.js'
import type { Group } from './group.js'
import { offsetTombstone } from './records.js'
import type { Step } from './step.js'
import { groupAppendError } from './validate.js'

type DeleteEvent = Extract<GroupRequestEvent, { type: 'offsetDelete' }>
type TopicAnswer = OffsetDeleteResponseInput['topics'][number]

/** OffsetDelete (KIP-496): forgets offsets of topics that no member is subscribed to. */
export function offsetDelete(step: Step, { request, requestId }: DeleteEvent): void {
  const { groupId, topics } = request
  const group = step.group(groupId)
  const refused = groupId === '' ? ErrorCode.INVALID_GROUP_ID : checkDelete(group)
  const reply = (later: Step, errorCode: number, answers: TopicAnswer[]): void =>
    later.reply('offsetDelete', requestId, { throttleTimeMs: 0, errorCode, topics: answers })
  if (refused !== ErrorCode.NONE || group === undefined) {
    reply(step, refused, [])
    return
  }
  const subscribed = group.state.kind === 'Empty' ? new Set() : group.subscribedTopics()
  const answers = topics.map(({ name, partitions }) => {
    const errorCode = subscribed?.has(name) ? ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC : ErrorCode.NONE
    return {
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    }
  })
  const doomed = answers.flatMap(({ name, partitions }) =>
    partitions.flatMap(({ partitionIndex, errorCode }) => {
      const committed = group.offsets.get(name, partitionIndex)
      const isDoomed = errorCode === ErrorCode.NONE && committed !== undefined
      return isDoomed ? [{ topic: name, partition: partitionIndex, committed }] : []
    }),
  )
  if (doomed.length === 0) {
    reply(step, ErrorCode.NONE, answers)
    return
  }
  const records = doomed.map(({ topic, partition }) => offsetTombstone(groupId, topic, partition))
  step.append(records, (later, errorCode) => {
    if (errorCode === ErrorCode.NONE) group.offsets.deleteUnchanged(doomed)
    const failure = groupAppendError(errorCode)
    reply(later, failure, failure === ErrorCode.NONE ? answers : [])
  })
}

/** Groups of other kinds than consumers do not say which topics they use, so they must have no members. */
function checkDelete(group: Group | undefined): number {
  if (group === undefined || group.state.kind === 'Dead') return ErrorCode.GROUP_ID_NOT_FOUND
  if (group.state.kind === 'Empty') return ErrorCode.NONE
  return group.protocolType === 'consumer' ? ErrorCode.NONE : ErrorCode.NON_EMPTY_GROUP
}
