import { DescribeProducers, type DescribeProducersResponseInput, ErrorCode } from '@ottla/protocol'
import { checkTopicName } from '../controller/topic-name.js'
import { noError, refusal, toApiError } from '../errors.js'
import { handler } from '../server/handler.js'
import type { BrokerServices } from '../services.js'

type PartitionAnswer = DescribeProducersResponseInput['topics'][number]['partitions'][number]
type Producers = PartitionAnswer['activeProducers']

/** Lists the idempotent producers that partitions remember (KIP-664). */
export const describeProducersHandler = handler(
  DescribeProducers,
  { min: 0, max: 0 },
  ({ broker }, { topics }): DescribeProducersResponseInput => ({
    throttleTimeMs: 0,
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((index) => describe(broker, name, index)),
    })),
  }),
)

const describe = (
  broker: BrokerServices,
  topic: string,
  partitionIndex: number,
): PartitionAnswer => {
  try {
    const activeProducers = producersOf(broker, topic, partitionIndex)
    return { partitionIndex, ...noError, activeProducers }
  } catch (error) {
    return { partitionIndex, ...toApiError(error), activeProducers: [] }
  }
}

const producersOf = (
  { image, replicas }: BrokerServices,
  topic: string,
  index: number,
): Producers => {
  checkTopicName(topic)
  if (!image.topicsByName.has(topic)) {
    const text = 'This server does not host this topic-partition.'
    throw refusal(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, text)
  }
  const partition = replicas.partition(topic, index)
  if (partition === undefined) throw refusal(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  partition.checkLeader()
  return partition.log.activeProducers.map((producer) => ({
    producerId: BigInt(producer.producerId),
    producerEpoch: producer.producerEpoch,
    lastSequence: producer.lastSequence,
    lastTimestamp: BigInt(producer.lastTimestamp),
    coordinatorEpoch: producer.coordinatorEpoch,
    currentTxnStartOffset: BigInt(producer.currentTransactionStartOffset),
  }))
}
