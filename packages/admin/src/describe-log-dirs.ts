import type { Cluster } from '@ottla/network'
import { BrokerError, DescribeLogDirs, ErrorCode, type KafkaError } from '@ottla/protocol'
import { askParts, groupByNode } from './ask-parts.js'
import type { OfPartition } from './leader-items.js'
import type { OperationOptions } from './options.js'
import type { ItemResult } from './results.js'
import { type ItemsAttempt, resultsOf, retryItems } from './retry-items.js'

/** A replica in a log directory. */
export interface LogDirReplica extends OfPartition {
  readonly sizeBytes: bigint
  /** How far it is behind: the high watermark's lead, or for a copy under way the current replica's. */
  readonly offsetLag: bigint
  /** A copy on its way into this directory. */
  readonly isFuture: boolean
}

/** A log directory of a broker. */
export interface LogDir extends ItemResult {
  readonly path: string
  /** Of the volume it is on; -1 from brokers before Kafka 3.3. */
  readonly totalBytes: bigint
  readonly usableBytes: bigint
  readonly replicas: readonly LogDirReplica[]
}

/** The log directories of a broker. */
export interface BrokerLogDirs extends ItemResult {
  readonly node: number
  /** Empty when there is an error. */
  readonly logDirs: readonly LogDir[]
}

/** Which brokers and topics. */
export interface DescribeLogDirsOptions extends OperationOptions {
  /** Node ids. Default: all brokers. */
  readonly nodes?: readonly number[] | undefined
  /** Only partitions of these topics. Default: all. */
  readonly topics?: readonly string[] | undefined
}

/** See `Admin.describeLogDirs`. */
export const describeLogDirs = async (
  cluster: Cluster,
  options: DescribeLogDirsOptions = {},
): Promise<BrokerLogDirs[]> => {
  const { topics, timeoutMs, signal } = options
  await cluster.refreshMetadata({ topics: topics ?? [], timeoutMs, signal })
  const nodes = options.nodes ?? cluster.metadata.brokers().map(({ node }) => node)
  const outcomes = await retryItems<number, BrokerLogDirs>(
    cluster,
    'describing log directories',
    nodes,
    options,
    async (open, attempt) => {
      const parts = groupByNode(open, (node) => node)
      const outcomes = await askParts<number, (typeof parts)[number], BrokerLogDirs>(
        parts,
        async ({ node, items }) => {
          const outcome = await ask(cluster, node, topics, attempt)
          return items.map(() => outcome)
        },
      )
      return open.map((node) => outcomes.get(node) as BrokerLogDirs | KafkaError)
    },
  )
  return resultsOf(nodes, outcomes, (node, error) => ({ node, logDirs: [], error }))
}

const ask = async (
  cluster: Cluster,
  node: number,
  topics: readonly string[] | undefined,
  { timeoutMs, signal }: ItemsAttempt,
): Promise<BrokerLogDirs | KafkaError> => {
  const { response, version } = await cluster.request(
    DescribeLogDirs,
    {
      topics: topics?.map((topic) => ({ topic, partitions: partitionsOf(cluster, topic) })) ?? null,
    },
    { node, timeoutMs, signal },
  )
  const place = { api: DescribeLogDirs.name, version, node }
  const { errorCode, results } = response
  if (errorCode !== ErrorCode.NONE) return new BrokerError(errorCode, place)
  const logDirs = results.map(
    ({ errorCode, logDir: path, totalBytes, usableBytes, topics }): LogDir => ({
      path,
      totalBytes,
      usableBytes,
      replicas: topics.flatMap(({ name: topic, partitions }) =>
        partitions.map(({ partitionIndex, partitionSize, offsetLag, isFutureKey }) => ({
          topic,
          partition: partitionIndex,
          sizeBytes: partitionSize,
          offsetLag,
          isFuture: isFutureKey,
        })),
      ),
      error:
        errorCode === ErrorCode.NONE ? undefined : new BrokerError(errorCode, { ...place, path }),
    }),
  )
  return { node, logDirs }
}

/** The request wants partitions named. */
const partitionsOf = (cluster: Cluster, topic: string): number[] =>
  (cluster.metadata.topic(topic)?.partitions ?? []).map(({ partition }) => partition)
