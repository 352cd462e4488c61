import type { FetchRequestInput } from '@ottla/protocol'
import { ZERO_UUID } from '@ottla/protocol'
import type { ResolvedConsumerOptions } from '../options.js'
import type { AssignedPartition } from './assigned-partition.js'
import type { PlannedFetch } from './plan-fetches.js'

/** What metadata tells about a partition to fetch. */
export interface FetchTarget {
  readonly topicId: string
  readonly leaderEpoch: number
}

/** A fetch ready to be sent, and what its answer is checked against. */
export interface BuiltFetch {
  readonly input: FetchRequestInput
  /** From version 13 on topics go by id; without all ids the request must stay below. */
  readonly maxVersion: number | undefined
  /** Topic names by id, to read answers of version 13 and later. */
  readonly namesById: ReadonlyMap<string, string>
}

type FetchOptions = Pick<
  ResolvedConsumerOptions,
  'fetchMaxWaitMs' | 'fetchMinBytes' | 'isolationLevel' | 'maxPartitionFetchBytes' | 'clientRack'
>

/** Writes a sessionless Fetch request for a plan. */
export const buildFetch = (
  plan: PlannedFetch,
  targetOf: (partition: AssignedPartition) => FetchTarget,
  options: FetchOptions,
): BuiltFetch => {
  const topics = new Map<string, MutableTopic>()
  const namesById = new Map<string, string>()
  for (const partition of plan.partitions) {
    const { topicId, leaderEpoch } = targetOf(partition)
    let topic = topics.get(partition.topic)
    if (topic === undefined) {
      topic = { topic: partition.topic, topicId, partitions: [] }
      topics.set(partition.topic, topic)
      namesById.set(topicId, partition.topic)
    }
    topic.partitions.push({
      partition: partition.partition,
      currentLeaderEpoch: leaderEpoch,
      fetchOffset: BigInt(partition.fetchOffset ?? 0),
      partitionMaxBytes: options.maxPartitionFetchBytes,
    })
  }
  return {
    input: {
      maxWaitMs: options.fetchMaxWaitMs,
      minBytes: options.fetchMinBytes,
      maxBytes: plan.maxBytes,
      isolationLevel: options.isolationLevel === 'read_committed' ? 1 : 0,
      sessionId: 0,
      sessionEpoch: -1,
      topics: [...topics.values()],
      forgottenTopicsData: [],
      rackId: options.clientRack ?? '',
    },
    maxVersion: namesById.has(ZERO_UUID) ? 12 : undefined,
    namesById,
  }
}

interface MutableTopic {
  topic: string
  topicId: string
  partitions: {
    partition: number
    currentLeaderEpoch: number
    fetchOffset: bigint
    partitionMaxBytes: number
  }[]
}
