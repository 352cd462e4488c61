import {
  ElectLeaders,
  type ElectLeadersRequest,
  type ElectLeadersResponseInput,
  ErrorCode,
} from '@ottla/protocol'
import { timedOut } from '../controller/deadline.js'
import { electionTypes } from '../controller/elections.js'
import { type ApiError, noError, refusal, toApiError } from '../errors.js'
import type { MetadataImage } from '../image/image.js'
import { handler } from '../server/handler.js'

type TopicResult = ElectLeadersResponseInput['replicaElectionResults'][number]

/** A partition to elect a leader for. */
interface Target {
  readonly topic: string
  readonly partition: number
}

/** Elects the preferred replicas, or any replica where nobody leads (KIP-460). */
export const electLeadersHandler = handler(
  ElectLeaders,
  { min: 0, max: 2 },
  async ({ broker }, request): Promise<ElectLeadersResponseInput> => {
    const { electionType, topicPartitions, timeoutMs } = request
    const late = topicPartitions?.length === 0 ? undefined : timedOut(timeoutMs)
    if (late !== undefined) {
      const results = (topicPartitions ?? []).map(({ topic, partitions }) => ({
        topic,
        partitionResult: partitions.map((partitionId) => ({ partitionId, ...late })),
      }))
      return { throttleTimeMs: 0, errorCode: late.errorCode, replicaElectionResults: results }
    }
    const targets = targetsOf(broker.image, request)
    const known: readonly number[] = Object.values(electionTypes)
    if (!known.includes(electionType)) {
      const text = `Unknown election type ${electionType}`
      const error = toApiError(refusal(ErrorCode.INVALID_REQUEST, text))
      const results = resultsOf(targets, () => error)
      return { throttleTimeMs: 0, errorCode: error.errorCode, replicaElectionResults: results }
    }
    const errors = await broker.controller.electLeaders(electionType, targets)
    const results = resultsOf(targets, (index) => {
      const error = errors[index]
      const answer = error === undefined ? noError : toApiError(error)
      // Who asks for all partitions wants to hear of those that there was something to do for.
      const isQuiet = topicPartitions === null && answer.errorCode === ErrorCode.ELECTION_NOT_NEEDED
      return isQuiet ? undefined : answer
    })
    return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, replicaElectionResults: results }
  },
)

const targetsOf = (image: MetadataImage, { topicPartitions }: ElectLeadersRequest): Target[] =>
  topicPartitions === null
    ? [...image.topicsByName.values()].flatMap(({ name, partitions }) =>
        partitions.map(({ partition }) => ({ topic: name, partition })),
      )
    : topicPartitions.flatMap(({ topic, partitions }) =>
        partitions.map((partition) => ({ topic, partition })),
      )

const resultsOf = (
  targets: readonly Target[],
  answerOf: (index: number) => ApiError | undefined,
): TopicResult[] => {
  const byTopic = new Map<string, TopicResult['partitionResult'][number][]>()
  targets.forEach(({ topic, partition }, index) => {
    const results = byTopic.get(topic) ?? []
    byTopic.set(topic, results)
    const answer = answerOf(index)
    if (answer !== undefined) results.push({ partitionId: partition, ...answer })
  })
  return [...byTopic].map(([topic, partitionResult]) => ({ topic, partitionResult }))
}
