import { type AppendInfo, LogError } from '@ottla/log'
import {
  batchHeaderBytes,
  batchLayout,
  ErrorCode,
  logOverhead,
  Produce,
  type ProduceRequest,
  type ProduceResponseInput,
  ZERO_UUID,
} from '@ottla/protocol'
import { refusal, toApiError } from '../errors.js'
import { type BrokerImage, internalTopics, nodesOn } from '../image/image.js'
import { awaitReplication, type PendingWrite } from '../partition/delayed-produce.js'
import type { Partition } from '../partition/partition.js'
import type { HostedTopic } from '../partition/replica-manager.js'
import { CloseConnection, handler, noResponse, type RequestContext } from '../server/handler.js'

type TopicData = ProduceRequest['topicData'][number]
type PartitionAnswer = Writable<
  ProduceResponseInput['responses'][number]['partitionResponses'][number]
>
type Writable<T> = { -readonly [K in keyof T]: T[K] }

type Answer = ProduceResponseInput | typeof noResponse

/** How far one request has come. */
interface Progress {
  /** Written, but not by every replica yet. */
  readonly unreplicated: PendingWrite[]
  /** Appends that wait to be written with others of this turn. */
  unwritten: number
  /** Called when none waits any more. */
  onWritten: (() => void) | undefined
}

/** The client id under which Kafka's own tools may write internal topics. */
const adminClientId = '__admin_client'

/** Attribute bit of a batch that belongs to a transaction. */
const transactionalBit = 0x10
const zstd = 4

/**
 * Appends record batches. acks 0 is never answered, 1 after our own append, -1 when every in-sync replica has it.
 * Versions 0 to 2 are advertised though refused, because librdkafka gives up on brokers that do not (KAFKA-18659).
 */
export const produceHandler = handler(
  Produce,
  { min: 3, max: 13, advertisedMin: 0, keepsNothing: true },
  (context, request) => {
    const { acks, topicData, timeoutMs } = request
    const progress: Progress = { unreplicated: [], unwritten: 0, onWritten: undefined }
    const responses = topicData.map((topic) => appendTopic(context, request, topic, progress))
    const response: ProduceResponseInput = { responses, throttleTimeMs: 0 }
    const conclude = (): Answer | Promise<Answer> => {
      if (acks === 0) return endWithoutAnswer(response)
      addEndpoints(context, response)
      const { unreplicated } = progress
      if (acks === 1 || unreplicated.length === 0) return response
      return awaitReplication(context, unreplicated, timeoutMs).then(() => response)
    }
    if (progress.unwritten === 0) return conclude()
    return new Promise<void>((resolve) => {
      progress.onWritten = resolve
    }).then(conclude)
  },
)

const endWithoutAnswer = ({ responses }: ProduceResponseInput): typeof noResponse => {
  for (const { partitionResponses } of responses) {
    for (const { index, errorCode } of partitionResponses) {
      if (errorCode !== ErrorCode.NONE) {
        throw new CloseConnection(
          `Produce request with acks=0 failed in partition ${index}: error ${errorCode}`,
        )
      }
    }
  }
  return noResponse
}

const appendTopic = (
  context: RequestContext,
  request: ProduceRequest,
  { name, topicId, partitionData }: TopicData,
  progress: Progress,
): ProduceResponseInput['responses'][number] => {
  const { replicas } = context.broker
  const byId = context.apiVersion >= 13
  const topic = byId ? replicas.topicById(topicId) : replicas.topicByName(name)
  const unknown = byId ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  return {
    name: byId ? '' : name,
    topicId: byId ? topicId : ZERO_UUID,
    partitionResponses: partitionData.map(({ index, records }) => {
      if (topic === undefined) return failure(index, refusal(unknown))
      try {
        return append(context, request, topic, index, records, progress)
      } catch (error) {
        return failure(index, error, leaderHint(context, topic, index))
      }
    }),
  }
}

/** What an answer may say of the leader, in versions that have the field. */
const leaderHint = (
  { apiVersion }: RequestContext,
  topic: HostedTopic,
  index: number,
): Partition | undefined => (apiVersion >= 10 ? topic.partitions[index] : undefined)

/** Hands the batch over to be written; the answer is filled in when that is done. */
const append = (
  context: RequestContext,
  { acks, transactionalId }: ProduceRequest,
  topic: HostedTopic,
  index: number,
  records: Uint8Array | null,
  progress: Progress,
): PartitionAnswer => {
  const { broker, apiVersion, clientId } = context
  if (acks !== 1 && acks !== -1 && acks !== 0) throw refusal(ErrorCode.INVALID_REQUIRED_ACKS)
  if (internalTopics.has(topic.name) && clientId !== adminClientId) {
    const text = `Cannot append to internal topic ${topic.name}`
    throw refusal(ErrorCode.INVALID_TOPIC_EXCEPTION, text)
  }
  const partition = topic.partitions[index]
  if (partition === undefined) throw refusal(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  const batch = checkedBatch(apiVersion, transactionalId, records)
  const answer = emptyAnswer(index)
  const options = {
    nowMs: broker.clock.now(),
    origin: 'client',
    requireMinIsr: acks === -1,
  } as const
  partition.enqueue(batch, options, (result) => {
    if (result instanceof Error) {
      Object.assign(answer, failure(index, result, leaderHint(context, topic, index)))
    } else {
      fillIn(answer, result)
      const requiredOffset = result.lastOffset + 1
      if (acks === -1 && partition.highWatermark < requiredOffset) {
        const fail = (errorCode: number): unknown => Object.assign(answer, { errorCode })
        progress.unreplicated.push({ partition, requiredOffset, fail })
      }
    }
    progress.unwritten -= 1
    if (progress.unwritten === 0) progress.onWritten?.()
  })
  progress.unwritten += 1
  return answer
}

const emptyAnswer = (index: number): PartitionAnswer => ({
  index,
  errorCode: ErrorCode.NONE,
  baseOffset: -1n,
  logAppendTimeMs: -1n,
  logStartOffset: -1n,
  recordErrors: [],
  errorMessage: null,
  currentLeader: {},
})

const fillIn = (
  answer: PartitionAnswer,
  { firstOffset, logAppendTimeMs, logStartOffset }: AppendInfo,
): void => {
  answer.baseOffset = BigInt(firstOffset)
  answer.logAppendTimeMs = logAppendTimeMs === -1 ? -1n : BigInt(logAppendTimeMs)
  answer.logStartOffset = logStartOffset === 0 ? 0n : BigInt(logStartOffset)
}

/** Exactly one batch of the current format, as versions from 3 on must carry. */
const checkedBatch = (
  apiVersion: number,
  transactionalId: string | null,
  records: Uint8Array | null,
): Uint8Array => {
  const invalid = (what: string): Error =>
    refusal(ErrorCode.INVALID_RECORD, `Produce requests with version ${apiVersion} ${what}`)
  if (records === null || records.length < batchLayout.magic + 1) {
    throw invalid('must have at least one record batch per partition')
  }
  const magic = records[batchLayout.magic] as number
  if (magic !== 2) throw invalid('are only allowed to contain record batches with magic version 2')
  const view = new DataView(records.buffer, records.byteOffset, records.length)
  const size = view.getInt32(batchLayout.length) + logOverhead
  if (size < batchHeaderBytes) {
    throw refusal(ErrorCode.CORRUPT_MESSAGE, `A record batch of ${size} bytes has no whole header`)
  }
  if (size < records.length)
    throw invalid('are only allowed to contain exactly one record batch per partition')
  const attributes = records[batchLayout.attributes + 1] ?? 0
  if (apiVersion < 7 && (attributes & 7) === zstd) {
    throw refusal(
      ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
      `Produce requests with version ${apiVersion} are not allowed to use ZStandard compression`,
    )
  }
  if (transactionalId !== null || (attributes & transactionalBit) !== 0) {
    throw refusal(ErrorCode.INVALID_TXN_STATE, 'this broker coordinates no transactions')
  }
  return records
}

const failure = (index: number, error: unknown, partition?: Partition): PartitionAnswer => {
  const { errorCode, errorMessage } = toApiError(error)
  const answer = { ...emptyAnswer(index), errorCode, errorMessage }
  if (error instanceof LogError) {
    answer.recordErrors = error.recordErrors.map(({ batchIndex, message }) => ({
      batchIndex,
      batchIndexErrorMessage: message,
    }))
  }
  if (errorCode === ErrorCode.NOT_LEADER_OR_FOLLOWER && partition !== undefined) {
    const { leader, leaderEpoch } = partition.image
    return { ...answer, currentLeader: { leaderId: leader, leaderEpoch } }
  }
  return answer
}

/** Names the brokers that the answer points to as leaders (KIP-951). */
const addEndpoints = (
  { broker: { image }, listener }: RequestContext,
  response: ProduceResponseInput,
): void => {
  const leaders = new Set<BrokerImage>()
  for (const { partitionResponses } of response.responses) {
    for (const { errorCode, currentLeader } of partitionResponses) {
      if (errorCode !== ErrorCode.NOT_LEADER_OR_FOLLOWER) continue
      const leader = image.brokers.get(currentLeader?.leaderId ?? -1)
      if (leader !== undefined) leaders.add(leader)
    }
  }
  if (leaders.size === 0) return
  Object.assign(response, { nodeEndpoints: nodesOn(listener, leaders) })
}
