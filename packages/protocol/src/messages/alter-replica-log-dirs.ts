import {
  type Api,
  api,
  array,
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  message,
  string,
  struct,
} from '../schema/index.js'

const AlterReplicaLogDirTopic = struct({
  name: field('0+', string),
  partitions: field('0+', array(int32)),
})

const AlterReplicaLogDir = struct({
  path: field('0+', string),
  topics: field('0+', array(AlterReplicaLogDirTopic)),
})

/** Moves replicas between log directories of one broker (KIP-113); sent to that broker. */
export const AlterReplicaLogDirsRequest = message({
  name: 'AlterReplicaLogDirsRequest',
  apiKey: 34,
  versions: '0-2',
  flexible: '2+',
  shape: {
    dirs: field('0+', array(AlterReplicaLogDir)),
  },
})
export interface AlterReplicaLogDirsRequest extends Infer<typeof AlterReplicaLogDirsRequest> {}
/**
 * What {@link AlterReplicaLogDirsRequest} takes for encoding: fields with a default may be left
 * out.
 */
export type AlterReplicaLogDirsRequestInput = InferInput<typeof AlterReplicaLogDirsRequest>

const AlterReplicaLogDirPartitionResult = struct({
  partitionIndex: field('0+', int32),
  errorCode: field('0+', int16),
})

const AlterReplicaLogDirTopicResult = struct({
  topicName: field('0+', string),
  partitions: field('0+', array(AlterReplicaLogDirPartitionResult)),
})

/** Result per partition. */
export const AlterReplicaLogDirsResponse = message({
  name: 'AlterReplicaLogDirsResponse',
  apiKey: 34,
  versions: '0-2',
  flexible: '2+',
  shape: {
    throttleTimeMs: field('0+', int32),
    results: field('0+', array(AlterReplicaLogDirTopicResult)),
  },
})
export interface AlterReplicaLogDirsResponse extends Infer<typeof AlterReplicaLogDirsResponse> {}
/**
 * What {@link AlterReplicaLogDirsResponse} takes for encoding: fields with a default may be left
 * out.
 */
export type AlterReplicaLogDirsResponseInput = InferInput<typeof AlterReplicaLogDirsResponse>

/** API 34: moves replicas between log directories of one broker (KIP-113). */
export const AlterReplicaLogDirs: Api<
  typeof AlterReplicaLogDirsRequest,
  typeof AlterReplicaLogDirsResponse
> = api(AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse)
