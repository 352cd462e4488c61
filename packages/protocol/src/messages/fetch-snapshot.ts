import {
  type Api,
  api,
  array,
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  int64,
  message,
  nullable,
  records,
  string,
  struct,
  uint16,
  uuid,
} from '../schema/index.js'

const SnapshotId = struct({
  endOffset: field('0+', int64),
  epoch: field('0+', int32),
})

const PartitionSnapshot = struct({
  partition: field('0+', int32),
  currentLeaderEpoch: field('0+', int32),
  snapshotId: field('0+', SnapshotId),
  /** Byte position in the snapshot file. */
  position: field('0+', int64),
  replicaDirectoryId: field('1+', uuid, { tag: 0, ignorable: true }),
})

const TopicSnapshot = struct({
  name: field('0+', string),
  partitions: field('0+', array(PartitionSnapshot)),
})

/**
 * Reads a chunk of a KRaft snapshot (KIP-630); sent by replicas whose next offset the leader has
 * compacted away.
 */
export const FetchSnapshotRequest = message({
  name: 'FetchSnapshotRequest',
  apiKey: 59,
  versions: '0-1',
  flexible: '0+',
  shape: {
    clusterId: field('0+', nullable(string), { tag: 0, default: null }),
    replicaId: field('0+', int32, { default: -1 }),
    maxBytes: field('0+', int32, { default: 2147483647 }),
    topics: field('0+', array(TopicSnapshot)),
  },
})
export interface FetchSnapshotRequest extends Infer<typeof FetchSnapshotRequest> {}
/** What {@link FetchSnapshotRequest} takes for encoding: fields with a default may be left out. */
export type FetchSnapshotRequestInput = InferInput<typeof FetchSnapshotRequest>

const LeaderIdAndEpoch = struct({
  leaderId: field('0+', int32),
  leaderEpoch: field('0+', int32),
})

const PartitionSnapshotResponse = struct({
  index: field('0+', int32),
  errorCode: field('0+', int16),
  snapshotId: field('0+', SnapshotId),
  currentLeader: field('0+', LeaderIdAndEpoch, { tag: 0 }),
  size: field('0+', int64),
  position: field('0+', int64),
  unalignedRecords: field('0+', records),
})

const TopicSnapshotResponse = struct({
  name: field('0+', string),
  partitions: field('0+', array(PartitionSnapshotResponse)),
})

const NodeEndpoint = struct({
  nodeId: field('0+', int32),
  host: field('0+', string),
  port: field('0+', uint16),
})

/** A chunk of the snapshot, which may cut records anywhere. */
export const FetchSnapshotResponse = message({
  name: 'FetchSnapshotResponse',
  apiKey: 59,
  versions: '0-1',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32, { ignorable: true }),
    errorCode: field('0+', int16),
    topics: field('0+', array(TopicSnapshotResponse)),
    nodeEndpoints: field('1+', array(NodeEndpoint), { tag: 0 }),
  },
})
export interface FetchSnapshotResponse extends Infer<typeof FetchSnapshotResponse> {}
/** What {@link FetchSnapshotResponse} takes for encoding: fields with a default may be left out. */
export type FetchSnapshotResponseInput = InferInput<typeof FetchSnapshotResponse>

/** API 59: reads a chunk of a KRaft snapshot (KIP-630). */
export const FetchSnapshot: Api<typeof FetchSnapshotRequest, typeof FetchSnapshotResponse> = api(
  FetchSnapshotRequest,
  FetchSnapshotResponse,
)
