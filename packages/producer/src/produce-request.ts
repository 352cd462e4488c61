import { type ProduceRequestInput, type ProduceResponse, ZERO_UUID } from '@ottla/protocol'
import type { ProducerBatch } from './batch.js'
import type { PartitionAnswer, ProduceCall } from './sender-contract.js'

/** Produce names topics by id from this version on (KIP-516). */
const topicIdVersion = 13

/** What a Produce request says besides its batches. */
export interface ProduceRequestSettings {
  readonly acks: 0 | 1 | -1
  /** How long the leader may wait for its followers. */
  readonly timeoutMs: number
}

/** The request of a call in the version agreed on. */
export const produceRequest = (
  call: ProduceCall,
  settings: ProduceRequestSettings,
  version: number,
  topicIdOf: (topic: string) => string,
): ProduceRequestInput => {
  const topics = new Map<string, { index: number; records: Uint8Array }[]>()
  if (version >= topicIdVersion) {
    call.topicIds = new Map(call.batches.map(({ topic }) => [topic, topicIdOf(topic)]))
  }
  call.batches.forEach((batch, index) => {
    let partitions = topics.get(batch.topic)
    if (partitions === undefined) {
      partitions = []
      topics.set(batch.topic, partitions)
    }
    partitions.push({ index: batch.partition, records: call.payloads[index] as Uint8Array })
  })
  return {
    transactionalId: null,
    acks: settings.acks,
    timeoutMs: settings.timeoutMs,
    topicData: Array.from(topics, ([name, partitionData]) =>
      version >= topicIdVersion
        ? { topicId: call.topicIds?.get(name) ?? ZERO_UUID, partitionData }
        : { name, partitionData },
    ),
  }
}

/** Hands each batch of a call its part of the response; one that the response leaves out gets undefined. */
export const eachAnswer = (
  call: ProduceCall,
  response: ProduceResponse,
  version: number,
  handle: (batch: ProducerBatch, answer: PartitionAnswer | undefined) => void,
): void => {
  const topics = new Map(
    response.responses.map((topic) => [
      version >= topicIdVersion ? topic.topicId : topic.name,
      new Map(topic.partitionResponses.map((partition) => [partition.index, partition])),
    ]),
  )
  for (const batch of call.batches) {
    const name = version >= topicIdVersion ? (call.topicIds?.get(batch.topic) ?? '') : batch.topic
    const partition = topics.get(name)?.get(batch.partition)
    handle(
      batch,
      partition && {
        errorCode: partition.errorCode,
        errorMessage: errorText(partition),
        baseOffset: partition.baseOffset,
        logAppendTimeMs: Number(partition.logAppendTimeMs),
        newLeader: newLeader(partition),
        version,
      },
    )
  }
}

type PartitionResponse = ProduceResponse['responses'][number]['partitionResponses'][number]

const newLeader = ({ currentLeader }: PartitionResponse): PartitionAnswer['newLeader'] =>
  currentLeader.leaderId < 0 ? undefined : currentLeader

/** The broker's words, with those about single records (KIP-467). */
const errorText = ({ errorMessage, recordErrors }: PartitionResponse): string | null => {
  if (recordErrors.length === 0) return errorMessage
  const records = recordErrors.map(
    ({ batchIndex, batchIndexErrorMessage }) =>
      `record ${batchIndex} of the batch: ${batchIndexErrorMessage ?? 'no reason given'}`,
  )
  return [...(errorMessage === null ? [] : [errorMessage]), ...records].join('; ')
}
