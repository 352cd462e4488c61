import type { Cluster } from '@ottla/network'
import { BrokerError, DescribeProducers, ErrorCode, KafkaError } from '@ottla/protocol'
import { checkTopicPartition } from './group-items.js'
import { byTopic, indexByPartition, type OfPartition, retryLeaderItems } from './leader-items.js'
import type { OperationOptions } from './options.js'
import type { ItemResult } from './results.js'

/** A producer that a partition's leader remembers. */
export interface ProducerDescription {
  readonly producerId: bigint
  readonly producerEpoch: number
  /** Of its last record; -1 when unknown. */
  readonly lastSequence: number
  /** Of its last batch, in ms; -1 when unknown. */
  readonly lastTimestamp: number
  /** Of the transaction coordinator that wrote its last marker; -1 when there was none. */
  readonly coordinatorEpoch: number
  /** Where its open transaction begins; undefined when none is open. */
  readonly transactionStartOffset?: bigint | undefined
}

/** The idempotent and transactional producers of a partition. */
export interface PartitionProducers extends ItemResult, OfPartition {
  /** Empty when there is an error. */
  readonly producers: readonly ProducerDescription[]
}

/** See `Admin.describeProducers`. */
export const describeProducers = async (
  cluster: Cluster,
  partitions: readonly OfPartition[],
  options: OperationOptions = {},
): Promise<PartitionProducers[]> => {
  for (const partition of partitions) checkTopicPartition(partition)
  const outcomes = await retryLeaderItems<OfPartition, PartitionProducers>(
    cluster,
    'describing producers',
    partitions,
    options,
    async (node, open, { timeoutMs, signal }) => {
      const topics = byTopic(open, ({ partition }) => partition)
      const { response, version } = await cluster.request(
        DescribeProducers,
        { topics: topics.map(([name, partitionIndexes]) => ({ name, partitionIndexes })) },
        { node, timeoutMs, signal },
      )
      const find = indexByPartition(
        response.topics.flatMap(({ name, partitions }) =>
          partitions.map((answer) => [name, answer.partitionIndex, answer] as const),
        ),
      )
      return open.map((item) => {
        const { topic, partition } = item
        const answer = find(item)
        const errorCode = answer?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
        if (answer === undefined || errorCode !== ErrorCode.NONE) {
          const place = { api: DescribeProducers.name, version, node, topic, partition }
          return new BrokerError(errorCode, { ...place, text: answer?.errorMessage })
        }
        const producers = answer.activeProducers.map((producer) => ({
          producerId: producer.producerId,
          producerEpoch: producer.producerEpoch,
          lastSequence: producer.lastSequence,
          lastTimestamp: Number(producer.lastTimestamp),
          coordinatorEpoch: producer.coordinatorEpoch,
          transactionStartOffset:
            producer.currentTxnStartOffset < 0n ? undefined : producer.currentTxnStartOffset,
        }))
        return { topic, partition, producers }
      })
    },
  )
  return outcomes.map((outcome, index) => {
    if (!(outcome instanceof KafkaError)) return outcome
    const { topic, partition } = partitions[index] as OfPartition
    return { topic, partition, producers: [], error: outcome }
  })
}
