import {
  DeleteRecords,
  type DeleteRecordsRequest,
  type DeleteRecordsResponseInput,
  ErrorCode,
} from '@ottla/protocol'
import { refusal, toApiError } from '../errors.js'
import { internalTopics } from '../image/image.js'
import { handler } from '../server/handler.js'
import type { BrokerServices } from '../services.js'

type PartitionAnswer = DeleteRecordsResponseInput['topics'][number]['partitions'][number]

/** An offset that stands for "everything that consumers can read". */
const highWatermark = -1

/** Deletes records from the beginning of partitions (KIP-107): the log starts later, its files go with the next retention. */
export const deleteRecordsHandler = handler(
  DeleteRecords,
  { min: 0, max: 2 },
  ({ broker }, request): DeleteRecordsResponseInput => ({
    throttleTimeMs: 0,
    topics: [...offsetsByTopic(request)].map(([name, offsets]) => ({
      name,
      partitions: [...offsets].map(([index, offset]) => truncate(broker, name, index, offset)),
    })),
  }),
)

/** A partition that is named twice counts once, with the last offset. */
const offsetsByTopic = ({ topics }: DeleteRecordsRequest): Map<string, Map<number, number>> => {
  const byTopic = new Map<string, Map<number, number>>()
  for (const { name, partitions } of topics) {
    const offsets = byTopic.get(name) ?? new Map<number, number>()
    byTopic.set(name, offsets)
    for (const { partitionIndex, offset } of partitions) offsets.set(partitionIndex, Number(offset))
  }
  return byTopic
}

const truncate = (
  broker: BrokerServices,
  topic: string,
  partitionIndex: number,
  offset: number,
): PartitionAnswer => {
  try {
    const lowWatermark = BigInt(moveLogStart(broker, topic, partitionIndex, offset))
    return { partitionIndex, lowWatermark, errorCode: ErrorCode.NONE }
  } catch (error) {
    return { partitionIndex, lowWatermark: -1n, errorCode: toApiError(error).errorCode }
  }
}

const moveLogStart = (
  { replicas }: BrokerServices,
  topic: string,
  index: number,
  offset: number,
): number => {
  const partition = replicas.partition(topic, index)
  if (partition === undefined) throw refusal(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  if (internalTopics.has(topic)) throw refusal(ErrorCode.INVALID_TOPIC_EXCEPTION)
  partition.checkLeader()
  const policy = replicas.topicConfig(topic).list('cleanup.policy')
  // What compaction keeps for ever is not deleted from the front either.
  if (policy.includes('compact') && !policy.includes('delete')) {
    throw refusal(ErrorCode.POLICY_VIOLATION)
  }
  const end = partition.highWatermark
  const start = offset === highWatermark ? end : offset
  if (start < 0 || start > end) throw refusal(ErrorCode.OFFSET_OUT_OF_RANGE)
  partition.log.advanceLogStart(start)
  return partition.log.logStartOffset
}
