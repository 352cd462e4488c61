import type { ProduceRequestInput, ProduceResponse } from '@ottla/protocol'
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
  const topicIds = version >= topicIdVersion ? new Map<string, string>() : undefined
  const topics = new Map<string, PartitionData[]>()
  const topicData: TopicData[] = []
  call.batches.forEach(({ topic, partition }, index) => {
    let partitionData = topics.get(topic)
    if (partitionData === undefined) {
      partitionData = []
      topics.set(topic, partitionData)
      const topicId = topicIdOf(topic)
      topicIds?.set(topic, topicId)
      topicData.push(
        topicIds === undefined ? { name: topic, partitionData } : { topicId, partitionData },
      )
    }
    partitionData.push({ index: partition, records: call.payloads[index] as Uint8Array })
  })
  call.topicIds = topicIds
  return { transactionalId: null, acks: settings.acks, timeoutMs: settings.timeoutMs, topicData }
}

type TopicData = NonNullable<ProduceRequestInput['topicData']>[number]
type PartitionData = NonNullable<TopicData['partitionData']>[number]

/** Hands each batch of a call its part of the response; one that the response leaves out gets undefined. */
export const eachAnswer = (
  call: ProduceCall,
  response: ProduceResponse,
  version: number,
  handle: (batch: ProducerBatch, answer: PartitionAnswer | undefined) => void,
): void => {
  const { topicIds } = call
  const isById = version >= topicIdVersion
  const topicAnswers = response.responses.map(({ name, topicId, partitionResponses }) => ({
    key: isById ? topicId : name,
    partition: lookUp(partitionResponses, ({ index }) => index),
  }))
  const topicAnswer = lookUp(topicAnswers, ({ key }) => key)
  for (const batch of call.batches) {
    const key = isById ? (topicIds?.get(batch.topic) ?? '') : batch.topic
    const partition = topicAnswer(key)?.partition(batch.partition)
    handle(
      batch,
      partition && {
        errorCode: partition.errorCode,
        errorMessage: errorText(partition),
        refused: refusedRecords(partition),
        baseOffset: partition.baseOffset,
        logAppendTimeMs: Number(partition.logAppendTimeMs),
        newLeader: newLeader(partition),
        version,
      },
    )
  }
}

/** Finds items by their keys. For a single one, which an awaited `send` gets, no table is worth its making. */
const lookUp = <Key, Item>(
  items: readonly Item[],
  keyOf: (item: Item) => Key,
): ((key: Key) => Item | undefined) => {
  const [first] = items
  if (first !== undefined && items.length === 1) {
    const onlyKey = keyOf(first)
    return (key) => (key === onlyKey ? first : undefined)
  }
  const table = new Map(items.map((item) => [keyOf(item), item]))
  return (key) => table.get(key)
}

type PartitionResponse = ProduceResponse['responses'][number]['partitionResponses'][number]

const newLeader = ({ currentLeader }: PartitionResponse): PartitionAnswer['newLeader'] =>
  currentLeader.leaderId < 0 ? undefined : currentLeader

const refusedRecords = ({ recordErrors }: PartitionResponse): PartitionAnswer['refused'] =>
  recordErrors.length === 0 ? undefined : new Set(recordErrors.map(({ batchIndex }) => batchIndex))

/** The broker's words, with those about single records (KIP-467). */
const errorText = ({ errorMessage, recordErrors }: PartitionResponse): string | null => {
  if (recordErrors.length === 0) return errorMessage
  const records = recordErrors.map(
    ({ batchIndex, batchIndexErrorMessage }) =>
      `record ${batchIndex} of the batch: ${batchIndexErrorMessage ?? 'no reason given'}`,
  )
  return [...(errorMessage === null ? [] : [errorMessage]), ...records].join('; ')
}
