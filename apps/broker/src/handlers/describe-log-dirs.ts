import {
  DescribeLogDirs,
  type DescribeLogDirsRequest,
  type DescribeLogDirsResponseInput,
  ErrorCode,
} from '@ottla/protocol'
import type { Partition } from '../partition/partition.js'
import { handler } from '../server/handler.js'
import type { BrokerServices } from '../services.js'

type Topics = DescribeLogDirsResponseInput['results'][number]['topics']

/** What a broker without a data directory calls the place of its logs. */
const inMemory = '(memory)'

/**
 * Tells how large the partitions on this broker are (KIP-113). The volume's own size (KIP-827) is not known here: -1, as
 * the schema has it.
 */
export const describeLogDirsHandler = handler(
  DescribeLogDirs,
  { min: 1, max: 5 },
  ({ broker }, request): DescribeLogDirsResponseInput => ({
    throttleTimeMs: 0,
    errorCode: ErrorCode.NONE,
    results: [
      {
        errorCode: ErrorCode.NONE,
        logDir: broker.config.text('log.dirs') ?? inMemory,
        topics: topicsOf(broker, request),
        totalBytes: -1n,
        usableBytes: -1n,
        isCordoned: false,
      },
    ],
  }),
)

/** What is not here, or does not exist, is left out. */
const topicsOf = (broker: BrokerServices, { topics }: DescribeLogDirsRequest): Topics => {
  const { image, replicas } = broker
  const asked =
    topics?.map(({ topic, partitions }) => ({ name: topic, partitions })) ??
    [...image.topicsByName.values()].map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partition }) => partition),
    }))
  return asked
    .map(({ name, partitions }) => ({
      name,
      partitions: partitions.flatMap((index) => {
        const partition = replicas.partition(name, index)
        return partition === undefined ? [] : [describe(partition)]
      }),
    }))
    .filter(({ partitions }) => partitions.length > 0)
}

const describe = (partition: Partition): Topics[number]['partitions'][number] => {
  const log = partition.hasLog ? partition.log : undefined
  const lag = log === undefined ? 0 : log.logEndOffset - partition.highWatermark
  return {
    partitionIndex: partition.partition,
    partitionSize: BigInt(log?.sizeInBytes ?? 0),
    offsetLag: BigInt(Math.max(lag, 0)),
    isFutureKey: false,
  }
}
