import {
  DeleteTopics,
  type DeleteTopicsRequest,
  type DeleteTopicsResponseInput,
  ErrorCode,
  ZERO_UUID,
} from '@ottla/protocol'
import { timedOut } from '../controller/deadline.js'
import { toApiError } from '../errors.js'
import type { MetadataImage } from '../image/image.js'
import { MutationQuota } from '../quota/mutation-quota.js'
import { handler } from '../server/handler.js'

type TopicResult = DeleteTopicsResponseInput['responses'][number]

interface Target {
  readonly name: string | null
  readonly topicId: string
}

/** Deletes topics by name or (version 6) by id; their files go after `file.delete.delay.ms`. */
export const deleteTopicsHandler = handler(
  DeleteTopics,
  { min: 1, max: 6 },
  async (context, request): Promise<DeleteTopicsResponseInput> => {
    const { broker, apiVersion } = context
    const targets = targetsOf(apiVersion, request)
    if (!broker.config.boolean('delete.topic.enable')) {
      const code = apiVersion < 3 ? ErrorCode.INVALID_REQUEST : ErrorCode.TOPIC_DELETION_DISABLED
      return { responses: targets.map((target) => result(target, code)) }
    }
    const { found, refused } = resolveTargets(broker.image, targets)
    const isAsked =
      found.length > 0 || refused.some(({ errorCode }) => errorCode !== ErrorCode.INVALID_REQUEST)
    const late = isAsked ? timedOut(request.timeoutMs) : undefined
    if (late !== undefined) {
      return { responses: targets.map((target) => result(target, late.errorCode)) }
    }
    const quota = new MutationQuota(broker.throttle, context, apiVersion >= 5)
    const ids = found.map(({ topicId }) => topicId)
    const errors = await broker.controller.deleteTopics(ids, quota)
    const done = found.map((target, index) => {
      const error = errors[index]
      if (error === undefined) return result(target, ErrorCode.NONE)
      const { errorCode, errorMessage } = toApiError(error)
      return result(target, errorCode, errorMessage ?? undefined)
    })
    return { throttleTimeMs: quota.conclude(), responses: [...refused, ...done] }
  },
)

const targetsOf = (apiVersion: number, request: DeleteTopicsRequest): readonly Target[] =>
  apiVersion >= 6
    ? request.topics
    : request.topicNames.map((name) => ({ name, topicId: ZERO_UUID }))

/** Kafka's own words for the codes that come without a reason. */
const texts: Readonly<Record<number, string>> = {
  [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]: 'This server does not host this topic-partition.',
  [ErrorCode.UNKNOWN_TOPIC_ID]: 'This server does not host this topic ID.',
  [ErrorCode.TOPIC_DELETION_DISABLED]: 'Topic deletion is disabled.',
}

const result = ({ name, topicId }: Target, errorCode: number, text?: string): TopicResult => ({
  name,
  topicId,
  errorCode,
  errorMessage: text ?? texts[errorCode] ?? null,
})

/** Finds both name and id of each target; what is named twice, by whichever, is refused. */
const resolveTargets = (
  image: MetadataImage,
  targets: readonly Target[],
): { found: { name: string; topicId: string }[]; refused: TopicResult[] } => {
  const refused: TopicResult[] = []
  const found = new Map<string, string>()
  const byName = targets.filter(({ topicId }) => topicId === ZERO_UUID)
  const names = countOf(byName.map(({ name }) => name ?? ''))
  const ids = countOf(targets.flatMap(({ name, topicId }) => (name === null ? topicId : [])))
  const invalid = (target: Target, text: string): void => {
    refused.push(result(target, ErrorCode.INVALID_REQUEST, text))
  }
  const distinct = new Map(targets.map((target) => [`${target.name} ${target.topicId}`, target]))
  for (const target of distinct.values()) {
    const { name, topicId } = target
    const hasId = topicId !== ZERO_UUID
    if (name === null && !hasId) invalid(target, 'Neither topic name nor id were specified.')
    else if (name !== null && hasId)
      invalid(target, 'You may not specify both topic name and topic id.')
    else if (name !== null && names.get(name) !== 1) invalid(target, 'Duplicate topic name.')
    else if (hasId && ids.get(topicId) !== 1) invalid(target, 'Duplicate topic id.')
    else if (name !== null) {
      const topic = image.topicsByName.get(name)
      if (topic === undefined) refused.push(result(target, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
      else if (ids.has(topic.topicId)) {
        invalid(target, 'The provided topic name maps to an ID that was already supplied.')
      } else found.set(topic.topicId, name)
    } else {
      const topic = image.topicsById.get(topicId)
      if (topic === undefined) refused.push(result(target, ErrorCode.UNKNOWN_TOPIC_ID))
      else found.set(topicId, topic.name)
    }
  }
  return { found: [...found].map(([topicId, name]) => ({ topicId, name })), refused }
}

const countOf = (values: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}
