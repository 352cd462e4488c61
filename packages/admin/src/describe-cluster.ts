import type { Cluster } from '@ottla/network'
import { retry } from '@ottla/network'
import { BrokerError, DescribeCluster, ErrorCode } from '@ottla/protocol'
import type { OperationOptions } from './options.js'

/** A broker of the cluster. */
export interface BrokerDescription {
  readonly node: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

/** The cluster. */
export interface ClusterDescription {
  /** Null from brokers before Kafka 0.10.1. */
  readonly clusterId: string | null
  /** The controller's node id; with KRaft a broker that forwards to it; -1 when there is none. */
  readonly controllerId: number
  readonly brokers: readonly BrokerDescription[]
}

/** See `Admin.describeCluster`. */
export const describeCluster = async (
  cluster: Cluster,
  { timeoutMs = cluster.options.defaultApiTimeoutMs, signal }: OperationOptions = {},
): Promise<ClusterDescription> => {
  const limits = { timeoutMs, signal }
  // Brokers before Kafka 2.8 tell the same by Metadata (KIP-700).
  if ((await cluster.versionsOf(DescribeCluster, limits)) === undefined) {
    await cluster.refreshMetadata({ topics: [], ...limits })
    const { clusterId, controllerId } = cluster.metadata
    return { clusterId, controllerId, brokers: cluster.metadata.brokers() }
  }
  const { clock, random } = cluster.platform
  const what = 'describing the cluster'
  return retry({ clock, random, what, ...limits }, async (attempt) => {
    const { response, version, node } = await cluster.request(
      DescribeCluster,
      { includeClusterAuthorizedOperations: false, includeFencedBrokers: false },
      {
        timeoutMs: Math.min(attempt.timeoutMs, cluster.options.requestTimeoutMs),
        signal: attempt.signal,
      },
    )
    const { errorCode, errorMessage: text } = response
    if (errorCode !== ErrorCode.NONE) {
      throw new BrokerError(errorCode, { api: DescribeCluster.name, version, node, text })
    }
    const { clusterId, controllerId } = response
    const brokers = response.brokers.map(({ brokerId, host, port, rack }) => ({
      node: brokerId,
      host,
      port,
      rack,
    }))
    return { clusterId, controllerId, brokers }
  })
}
