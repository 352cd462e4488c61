import {
  ErrorCode,
  ListOffsets,
  type ListOffsetsRequest,
  type ListOffsetsResponseInput,
} from '@ottla/protocol'
import { refusal, toApiError } from '../errors.js'
import type { Partition } from '../partition/partition.js'
import { handler, type RequestContext } from '../server/handler.js'

type PartitionRequest = ListOffsetsRequest['topics'][number]['partitions'][number]
type PartitionAnswer = ListOffsetsResponseInput['topics'][number]['partitions'][number]

/** An offset with its timestamp and the leader epoch it was written in; -1 where there is none. */
interface Found {
  readonly offset: number
  readonly timestamp: number
  readonly leaderEpoch: number
}

/** Timestamps that are questions rather than times, with the version that knows them. */
const questions = {
  latest: -1,
  earliest: -2,
  maxTimestamp: -3,
  earliestLocal: -4,
  latestTiered: -5,
  earliestPendingUpload: -6,
} as const

const sinceVersion: Record<number, number> = {
  [questions.latest]: 0,
  [questions.earliest]: 0,
  [questions.maxTimestamp]: 7,
  [questions.earliestLocal]: 8,
  [questions.latestTiered]: 9,
  [questions.earliestPendingUpload]: 11,
}

const nothing: Found = { offset: -1, timestamp: -1, leaderEpoch: -1 }

/** Finds offsets by time, and where partitions begin and end (KIP-79, KIP-734, KIP-405). */
export const listOffsetsHandler = handler(
  ListOffsets,
  { min: 1, max: 11 },
  (context, request): ListOffsetsResponseInput => {
    const repeated = repeatedPartitions(request)
    return {
      throttleTimeMs: 0,
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: [
          ...partitions
            .filter(({ partitionIndex }) => !repeated.has(`${name}-${partitionIndex}`))
            .map((asked) => find(context, request, name, asked)),
          ...new Map(
            partitions
              .filter(({ partitionIndex }) => repeated.has(`${name}-${partitionIndex}`))
              .map((asked) => [asked.partitionIndex, failure(asked, ErrorCode.INVALID_REQUEST)]),
          ).values(),
        ],
      })),
    }
  },
)

const repeatedPartitions = ({ topics }: ListOffsetsRequest): Set<string> => {
  const seen = new Set<string>()
  const repeated = new Set<string>()
  for (const { name, partitions } of topics) {
    for (const { partitionIndex } of partitions) {
      const key = `${name}-${partitionIndex}`
      if (seen.has(key)) repeated.add(key)
      seen.add(key)
    }
  }
  return repeated
}

const failure = ({ partitionIndex }: PartitionRequest, errorCode: number): PartitionAnswer => ({
  partitionIndex,
  errorCode,
  timestamp: -1n,
  offset: -1n,
  leaderEpoch: -1,
})

const find = (
  { broker, apiVersion }: RequestContext,
  request: ListOffsetsRequest,
  topic: string,
  asked: PartitionRequest,
): PartitionAnswer => {
  try {
    const partition = broker.replicas.partition(topic, asked.partitionIndex)
    if (partition === undefined) throw refusal(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    partition.checkLeader(asked.currentLeaderEpoch)
    const timestamp = Number(asked.timestamp)
    if (timestamp < 0 && apiVersion < (sinceVersion[timestamp] ?? Number.POSITIVE_INFINITY)) {
      throw refusal(ErrorCode.UNSUPPORTED_VERSION)
    }
    const found = answer(partition, request, timestamp)
    return {
      partitionIndex: asked.partitionIndex,
      errorCode: ErrorCode.NONE,
      timestamp: BigInt(found.timestamp),
      offset: BigInt(found.offset),
      leaderEpoch: apiVersion >= 4 ? found.leaderEpoch : -1,
    }
  } catch (error) {
    return failure(asked, toApiError(error).errorCode)
  }
}

const answer = (
  partition: Partition,
  { replicaId, isolationLevel }: ListOffsetsRequest,
  timestamp: number,
): Found => {
  const { log } = partition
  const end = lastFetchable(partition, replicaId, isolationLevel)
  switch (timestamp) {
    case questions.latest:
      return { offset: end, timestamp: -1, leaderEpoch: partition.leaderEpoch }
    case questions.earliest:
    case questions.earliestLocal:
      return earliest(partition)
    case questions.maxTimestamp:
      return log.maxTimestampOffset() ?? nothing
    case questions.latestTiered:
    case questions.earliestPendingUpload:
      return nothing
    default:
      return log.offsetForTimestamp(timestamp, end) ?? nothing
  }
}

/** Followers see the whole log, consumers what is committed, read_committed ones what no transaction can undo. */
const lastFetchable = (partition: Partition, replicaId: number, isolationLevel: number): number => {
  if (replicaId !== -1) return partition.log.logEndOffset
  return isolationLevel === 1 ? partition.lastStableOffset : partition.highWatermark
}

const earliest = ({ log }: Partition): Found => {
  const first = log.epochs[0]
  const isKnown = first !== undefined && first.startOffset <= log.logStartOffset
  return { offset: log.logStartOffset, timestamp: -1, leaderEpoch: isKnown ? first.epoch : -1 }
}
