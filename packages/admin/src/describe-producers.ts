import type { Cluster } from '@ottla/network'
import { DescribeProducers, type DescribeProducersResponse } from '@ottla/protocol'
import { checkTopicPartition } from './group-items.js'
import { byTopic, type OfPartition, readLeaderAnswers, retryLeaderItems } from './leader-items.js'
import type { OperationOptions } from './options.js'
import type { ItemResult } from './results.js'
import { resultsOf } from './retry-items.js'

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
      return readLeaderAnswers(
        open,
        response.topics,
        { api: DescribeProducers.name, version, node },
        ({ topic, partition }, { activeProducers }) => ({
          topic,
          partition,
          producers: activeProducers.map(describe),
        }),
        (_, answer) => ({ text: answer?.errorMessage }),
      )
    },
  )
  return resultsOf(partitions, outcomes, ({ topic, partition }, error) => ({
    topic,
    partition,
    producers: [],
    error,
  }))
}

type ActiveProducer =
  DescribeProducersResponse['topics'][number]['partitions'][number]['activeProducers'][number]

const describe = (producer: ActiveProducer): ProducerDescription => ({
  producerId: producer.producerId,
  producerEpoch: producer.producerEpoch,
  lastSequence: producer.lastSequence,
  lastTimestamp: Number(producer.lastTimestamp),
  coordinatorEpoch: producer.coordinatorEpoch,
  transactionStartOffset:
    producer.currentTxnStartOffset < 0n ? undefined : producer.currentTxnStartOffset,
})
