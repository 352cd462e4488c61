/** Messages as clusters send them: of a size that is met in practice. */
const topicId = '01234567-89ab-cdef-0123-456789abcdef'

/** Three brokers, twenty topics of twelve partitions. */
export const metadataResponse = {
  brokers: [0, 1, 2].map((nodeId) => ({
    nodeId,
    host: `broker-${nodeId}.example.com`,
    port: 9092,
    rack: `rack-${nodeId}`,
  })),
  clusterId: 'abcdefghijklmnopqrstuv',
  controllerId: 1,
  topics: Array.from({ length: 20 }, (_, topic) => ({
    errorCode: 0,
    name: `topic-number-${topic}`,
    topicId,
    partitions: Array.from({ length: 12 }, (_, partitionIndex) => ({
      errorCode: 0,
      partitionIndex,
      leaderId: partitionIndex % 3,
      leaderEpoch: 5,
      replicaNodes: [0, 1, 2],
      isrNodes: [0, 1, 2],
      offlineReplicas: [],
    })),
  })),
}

/** The envelope of a fetch of ten partitions, a kilobyte of records each. */
export const fetchResponse = {
  sessionId: 5,
  responses: [
    {
      topicId,
      partitions: Array.from({ length: 10 }, (_, partitionIndex) => ({
        partitionIndex,
        errorCode: 0,
        highWatermark: 1000n,
        lastStableOffset: 1000n,
        logStartOffset: 0n,
        abortedTransactions: null,
        records: new Uint8Array(1000),
      })),
    },
  ],
}

/** What asks for it. */
export const fetchRequest = {
  maxWaitMs: 500,
  minBytes: 1,
  maxBytes: 52_428_800,
  sessionId: 5,
  sessionEpoch: 7,
  topics: [
    {
      topicId,
      partitions: Array.from({ length: 10 }, (_, partition) => ({
        partition,
        currentLeaderEpoch: 5,
        fetchOffset: 1000n,
        partitionMaxBytes: 1_048_576,
      })),
    },
  ],
}

/** A batch of a kilobyte for each of six partitions. */
export const produceRequest = {
  acks: -1,
  timeoutMs: 30_000,
  topicData: [
    {
      name: 'orders',
      partitionData: Array.from({ length: 6 }, (_, index) => ({
        index,
        records: new Uint8Array(1000),
      })),
    },
  ],
}

/** What answers it. */
export const produceResponse = {
  responses: [
    {
      name: 'orders',
      partitionResponses: Array.from({ length: 6 }, (_, index) => ({
        index,
        errorCode: 0,
        baseOffset: 1000n,
      })),
    },
  ],
}

/** Twelve offsets of a member. */
export const offsetCommitRequest = {
  groupId: 'billing',
  generationIdOrMemberEpoch: 5,
  memberId: `consumer-1-${topicId}`,
  topics: [
    {
      name: 'orders',
      partitions: Array.from({ length: 12 }, (_, partitionIndex) => ({
        partitionIndex,
        committedOffset: 1000n,
        committedLeaderEpoch: 5,
        committedMetadata: '',
      })),
    },
  ],
}

/** What members send most. */
export const heartbeatRequest = {
  groupId: 'billing',
  generationId: 5,
  memberId: `consumer-1-${topicId}`,
}
