import {
  AlterConfigs,
  CreatePartitions,
  CreateTopics,
  DeleteRecords,
  DescribeConfigs,
  encodeRecordBatch,
  IncrementalAlterConfigs,
  OffsetCommit,
  OffsetDelete,
  OffsetFetch,
  OffsetForLeaderEpoch,
  Produce,
  ZERO_UUID,
} from '@ottla/protocol'
import type { Exchange } from './dialogue.js'

/** Numbers of config resources. */
export const TOPIC = 2
export const BROKER = 4
export const CLIENT_METRICS = 16
export const GROUP = 32

/** Numbers of incremental operations. */
export const SET = 0
export const DELETE = 1
export const APPEND = 2
export const SUBTRACT = 3

type Fields = Record<string, unknown>

/** CreateTopics of one partition with one replica each, unless a topic says otherwise. */
export const create = (title: string, topics: readonly Fields[], more: Fields = {}): Exchange => ({
  title,
  api: CreateTopics,
  version: 7,
  // Configs have a test of their own.
  ignored: ['configs'],
  body: {
    timeoutMs: 10_000,
    topics: topics.map((topic) => ({
      numPartitions: 1,
      replicationFactor: 1,
      assignments: [],
      configs: [],
      ...topic,
    })),
    ...more,
  },
})

/** The configs of a new topic. */
export const withConfigs = (name: string, configs: Record<string, string | null>): Fields => ({
  name,
  configs: Object.entries(configs).map(([config, value]) => ({ name: config, value })),
})

/** A new topic with its replicas written out. */
export const assigned = (name: string, ...replicas: readonly (readonly number[])[]): Fields => ({
  name,
  numPartitions: -1,
  replicationFactor: -1,
  assignments: replicas.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds })),
})

/** CreatePartitions; `replicas` are those of the new partitions. */
export const grow = (
  title: string,
  counts: readonly (readonly [name: string, count: number])[],
  replicas: readonly (readonly number[])[] | null = null,
  more: Fields = {},
): Exchange => ({
  title,
  api: CreatePartitions,
  version: 3,
  body: {
    timeoutMs: 10_000,
    validateOnly: false,
    topics: counts.map(([name, count]) => ({
      name,
      count,
      assignments: replicas?.map((brokerIds) => ({ brokerIds })) ?? null,
    })),
    ...more,
  },
})

/** IncrementalAlterConfigs: for each resource its type, its name, and its operations. */
export const change = (
  title: string,
  resources: readonly (readonly [
    type: number,
    name: string,
    ...operations: (readonly [config: string, operation: number, value: string | null])[],
  ])[],
  validateOnly = false,
): Exchange => ({
  title,
  api: IncrementalAlterConfigs,
  version: 1,
  body: {
    validateOnly,
    resources: resources.map(([resourceType, resourceName, ...operations]) => ({
      resourceType,
      resourceName,
      configs: operations.map(([name, configOperation, value]) => ({
        name,
        configOperation,
        value,
      })),
    })),
  },
})

/** AlterConfigs: for each resource its type, its name, and all its configs. */
export const replace = (
  title: string,
  resources: readonly (readonly [
    type: number,
    name: string,
    ...configs: (readonly [config: string, value: string | null])[],
  ])[],
): Exchange => ({
  title,
  api: AlterConfigs,
  version: 2,
  body: {
    validateOnly: false,
    resources: resources.map(([resourceType, resourceName, ...configs]) => ({
      resourceType,
      resourceName,
      configs: configs.map(([name, value]) => ({ name, value })),
    })),
  },
})

/** DescribeConfigs of some configs, of all if none is named. */
export const configsOf = (
  title: string,
  resourceType: number,
  resourceName: string,
  ...names: readonly string[]
): Exchange => ({
  title,
  api: DescribeConfigs,
  version: 4,
  body: {
    resources: [
      { resourceType, resourceName, configurationKeys: names.length === 0 ? null : names },
    ],
    includeSynonyms: true,
    includeDocumentation: false,
  },
})

type Placed<Value> = readonly (readonly [name: string, ...values: Value[]])[]

/** DeleteRecords: for each topic its partitions with the offset that is to be the first. */
export const deleteBefore = (
  title: string,
  topics: Placed<readonly [number, bigint]>,
): Exchange => ({
  title,
  api: DeleteRecords,
  version: 2,
  body: {
    timeoutMs: 5_000,
    topics: topics.map(([name, ...partitions]) => ({
      name,
      partitions: partitions.map(([partitionIndex, offset]) => ({ partitionIndex, offset })),
    })),
  },
})

/** OffsetForLeaderEpoch: for each topic its partitions with the epoch asked for and the one the client believes in. */
export const epochEnds = (
  title: string,
  topics: Placed<readonly [partition: number, leaderEpoch: number, current?: number]>,
): Exchange => ({
  title,
  api: OffsetForLeaderEpoch,
  version: 4,
  body: {
    replicaId: -1,
    topics: topics.map(([topic, ...partitions]) => ({
      topic,
      partitions: partitions.map(([partition, leaderEpoch, currentLeaderEpoch = -1]) => ({
        partition,
        leaderEpoch,
        currentLeaderEpoch,
      })),
    })),
  },
})

/** One batch of records with these values. */
export const produce = (title: string, name: string, ...values: readonly string[]): Exchange => ({
  title,
  api: Produce,
  version: 9,
  body: {
    acks: -1,
    timeoutMs: 5_000,
    topicData: [
      {
        name,
        partitionData: [
          {
            index: 0,
            records: encodeRecordBatch({
              records: values.map((value) => ({ key: 'k', value, timestamp: 1_700_000_000_000 })),
            }),
          },
        ],
      },
    ],
  },
})

/** OffsetCommit: for each topic its partitions with offset and metadata. */
export const commit = (
  title: string,
  groupId: string,
  topics: Placed<readonly [partition: number, offset: bigint, metadata?: string]>,
  { version = 9, ...more }: Fields & { readonly version?: number } = {},
): Exchange => ({
  title,
  api: OffsetCommit,
  version,
  body: {
    groupId,
    generationIdOrMemberEpoch: -1,
    memberId: '',
    groupInstanceId: null,
    retentionTimeMs: -1n,
    topics: topics.map(([name, ...partitions]) => ({
      name,
      topicId: ZERO_UUID,
      partitions: partitions.map(([partitionIndex, committedOffset, committedMetadata = '']) => ({
        partitionIndex,
        committedOffset,
        committedLeaderEpoch: -1,
        commitTimestamp: -1n,
        committedMetadata,
      })),
    })),
    ...more,
  },
})

/** OffsetFetch of everything that groups have. */
export const committed = (title: string, ...groups: readonly string[]): Exchange => ({
  title,
  api: OffsetFetch,
  version: 8,
  body: { groups: groups.map((groupId) => ({ groupId, topics: null })), requireStable: true },
})

/** OffsetDelete. */
export const forget = (title: string, groupId: string, topics: Placed<number>): Exchange => ({
  title,
  api: OffsetDelete,
  version: 0,
  body: {
    groupId,
    topics: topics.map(([name, ...partitions]) => ({
      name,
      partitions: partitions.map((partitionIndex) => ({ partitionIndex })),
    })),
  },
})
