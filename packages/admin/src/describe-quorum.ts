import { type Cluster, retry } from '@ottla/network'
import {
  BrokerError,
  DescribeQuorum,
  type DescribeQuorumResponse,
  ErrorCode,
} from '@ottla/protocol'
import type { OperationOptions } from './options.js'

/** A node that follows the metadata log. */
export interface QuorumReplica {
  readonly node: number
  readonly logEndOffset: bigint
  /** When it last fetched, in ms; -1 when unknown. */
  readonly lastFetchTimestamp: number
  /** When it last had all there was, in ms; -1 when unknown. */
  readonly lastCaughtUpTimestamp: number
}

/** The controllers' quorum over the metadata log (KIP-595). */
export interface QuorumDescription {
  readonly leader: number
  readonly leaderEpoch: number
  readonly highWatermark: bigint
  readonly voters: readonly QuorumReplica[]
  /** Brokers, and controllers without a vote. */
  readonly observers: readonly QuorumReplica[]
}

const metadataTopic = '__cluster_metadata'

/** See `Admin.describeQuorum`. */
export const describeQuorum = (
  cluster: Cluster,
  { timeoutMs = cluster.options.defaultApiTimeoutMs, signal }: OperationOptions = {},
): Promise<QuorumDescription> => {
  const { clock, random } = cluster.platform
  const limits = { clock, random, what: 'describing the quorum', timeoutMs, signal }
  return retry(limits, async (attempt) => {
    const { response, version, node } = await cluster.request(
      DescribeQuorum,
      { topics: [{ topicName: metadataTopic, partitions: [{ partitionIndex: 0 }] }] },
      {
        timeoutMs: Math.min(attempt.timeoutMs, cluster.options.requestTimeoutMs),
        signal: attempt.signal,
      },
    )
    const partition = response.topics[0]?.partitions[0]
    const failed = response.errorCode !== ErrorCode.NONE ? response : partition
    const errorCode = failed?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
    if (partition === undefined || errorCode !== ErrorCode.NONE) {
      const place = { api: DescribeQuorum.name, version, node, topic: metadataTopic }
      throw new BrokerError(errorCode, { ...place, text: failed?.errorMessage })
    }
    const { leaderId, leaderEpoch, highWatermark, currentVoters, observers } = partition
    return {
      leader: leaderId,
      leaderEpoch,
      highWatermark,
      voters: currentVoters.map(describe),
      observers: observers.map(describe),
    }
  })
}

type Replica =
  DescribeQuorumResponse['topics'][number]['partitions'][number]['currentVoters'][number]

const describe = (replica: Replica): QuorumReplica => ({
  node: replica.replicaId,
  logEndOffset: replica.logEndOffset,
  lastFetchTimestamp: Number(replica.lastFetchTimestamp),
  lastCaughtUpTimestamp: Number(replica.lastCaughtUpTimestamp),
})
