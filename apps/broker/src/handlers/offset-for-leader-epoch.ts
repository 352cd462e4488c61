import {
  ErrorCode,
  OffsetForLeaderEpoch,
  type OffsetForLeaderEpochRequest,
  type OffsetForLeaderEpochResponseInput,
} from '@ottla/protocol'
import { refusal, toApiError } from '../errors.js'
import { handler } from '../server/handler.js'
import type { BrokerServices } from '../services.js'

type Asked = OffsetForLeaderEpochRequest['topics'][number]['partitions'][number]
type Answer = OffsetForLeaderEpochResponseInput['topics'][number]['partitions'][number]

/** Tells where leader epochs end, so that a consumer notices that its log was truncated (KIP-101, KIP-320). */
export const offsetForLeaderEpochHandler = handler(
  OffsetForLeaderEpoch,
  { min: 2, max: 4 },
  ({ broker }, { topics }): OffsetForLeaderEpochResponseInput => ({
    throttleTimeMs: 0,
    topics: topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((asked) => endOf(broker, topic, asked)),
    })),
  }),
)

const endOf = ({ replicas }: BrokerServices, topic: string, asked: Asked): Answer => {
  const { partition } = asked
  try {
    const found = replicas.partition(topic, partition)
    if (found === undefined) throw refusal(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    found.checkLeader(asked.currentLeaderEpoch)
    const { leaderEpoch, endOffset } = found.log.endOffsetForEpoch(asked.leaderEpoch)
    return {
      errorCode: ErrorCode.NONE,
      partition,
      leaderEpoch,
      endOffset: BigInt(endOffset),
    }
  } catch (error) {
    const { errorCode } = toApiError(error)
    return { errorCode, partition, leaderEpoch: -1, endOffset: -1n }
  }
}
