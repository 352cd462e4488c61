import {
  DescribeTopicPartitions,
  type DescribeTopicPartitionsRequest,
  type DescribeTopicPartitionsResponseInput,
  ErrorCode,
  ZERO_UUID,
} from '@ottla/protocol'
import { topicOperations } from '../authorized-operations.js'
import { topicNameProblem } from '../controller/topic-name.js'
import { internalTopics, type MetadataImage, type TopicImage } from '../image/image.js'
import { partitionAnswer } from '../partition-answer.js'
import { handler } from '../server/handler.js'

type TopicAnswer = DescribeTopicPartitionsResponseInput['topics'][number]
type PartitionAnswer = TopicAnswer['partitions'][number]
type Cursor = DescribeTopicPartitionsResponseInput['nextCursor']

/** Describes topics page by page (KIP-966): in the order of names, from the cursor on, up to a number of partitions. */
export const describeTopicPartitionsHandler = handler(
  DescribeTopicPartitions,
  { min: 0, max: 0 },
  ({ broker }, request): DescribeTopicPartitionsResponseInput => {
    const { image, config } = broker
    const { cursor } = request
    if (cursor !== null && cursor.partitionIndex < 0) {
      const topics = request.topics.map(({ name }) => failedTopic(ErrorCode.INVALID_REQUEST, name))
      return { throttleTimeMs: 0, topics }
    }
    const limit = config.number('max.request.partition.size.limit')
    const page = new Page(image, Math.max(1, Math.min(limit, request.responsePartitionLimit)))
    for (const name of namesOf(image, request)) {
      const first = cursor?.topicName === name ? cursor.partitionIndex : 0
      if (!page.add(name, first)) break
    }
    return { throttleTimeMs: 0, topics: page.topics, nextCursor: page.nextCursor }
  },
)

const namesOf = (image: MetadataImage, request: DescribeTopicPartitionsRequest): string[] => {
  const asked = request.topics.map(({ name }) => name)
  const names = asked.length === 0 ? [...image.topicsByName.keys()] : [...new Set(asked)]
  const from = request.cursor?.topicName ?? ''
  return names.filter((name) => name >= from).sort()
}

/** A response that fills up to its limit of partitions. */
class Page {
  readonly topics: TopicAnswer[] = []
  nextCursor: Cursor = null
  readonly #image: MetadataImage
  #left: number

  constructor(image: MetadataImage, limit: number) {
    this.#image = image
    this.#left = limit
  }

  /** Adds a topic's partitions from `first` on. @returns false once the page is full and names where to go on. */
  add(name: string, first: number): boolean {
    const topic = this.#image.topicsByName.get(name)
    if (topic === undefined) {
      this.topics.push(unknownTopic(name))
      return true
    }
    if (this.#left === 0) {
      this.nextCursor = { topicName: name, partitionIndex: first }
      return false
    }
    const partitions = topic.partitions.slice(first, first + this.#left)
    this.topics.push(
      describe(
        topic,
        partitions.map((each) => describePartition(this.#image, each)),
      ),
    )
    this.#left -= partitions.length
    const next = first + partitions.length
    if (next >= topic.partitions.length) return true
    this.nextCursor = { topicName: name, partitionIndex: next }
    return false
  }
}

const unknownTopic = (name: string): TopicAnswer => ({
  ...failedTopic(
    topicNameProblem(name) === undefined
      ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      : ErrorCode.INVALID_TOPIC_EXCEPTION,
    name,
  ),
  isInternal: internalTopics.has(name),
  topicAuthorizedOperations: topicOperations,
})

const failedTopic = (errorCode: number, name: string): TopicAnswer => ({
  errorCode,
  name,
  topicId: ZERO_UUID,
  partitions: [],
})

const describe = ({ name, topicId }: TopicImage, partitions: PartitionAnswer[]): TopicAnswer => ({
  errorCode: ErrorCode.NONE,
  name,
  topicId,
  isInternal: internalTopics.has(name),
  partitions,
  topicAuthorizedOperations: topicOperations,
})

const describePartition = (
  image: MetadataImage,
  partition: TopicImage['partitions'][number],
): PartitionAnswer => ({
  ...partitionAnswer(image, partition),
  eligibleLeaderReplicas: [],
  lastKnownElr: [],
})
