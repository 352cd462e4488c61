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
  struct,
  uuid,
} from '../schema/index.js'

const TopicData = struct({
  topicId: field('0+', uuid),
  partitions: field('0+', array(struct({ partitionIndex: field('0+', int32) }))),
})

const DirectoryData = struct({
  id: field('0+', uuid),
  topics: field('0+', array(TopicData)),
})

/** Tells the controller in which log directory replicas live (KIP-858). */
export const AssignReplicasToDirsRequest = message({
  name: 'AssignReplicasToDirsRequest',
  apiKey: 73,
  versions: '0',
  flexible: '0+',
  shape: {
    brokerId: field('0+', int32),
    brokerEpoch: field('0+', int64, { default: -1n }),
    directories: field('0+', array(DirectoryData)),
  },
})
export interface AssignReplicasToDirsRequest extends Infer<typeof AssignReplicasToDirsRequest> {}
/**
 * What {@link AssignReplicasToDirsRequest} takes for encoding: fields with a default may be left
 * out.
 */
export type AssignReplicasToDirsRequestInput = InferInput<typeof AssignReplicasToDirsRequest>

const PartitionData = struct({
  partitionIndex: field('0+', int32),
  errorCode: field('0+', int16),
})

const TopicDataResponse = struct({
  topicId: field('0+', uuid),
  partitions: field('0+', array(PartitionData)),
})

const DirectoryDataResponse = struct({
  id: field('0+', uuid),
  topics: field('0+', array(TopicDataResponse)),
})

/** Result per partition. */
export const AssignReplicasToDirsResponse = message({
  name: 'AssignReplicasToDirsResponse',
  apiKey: 73,
  versions: '0',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    directories: field('0+', array(DirectoryDataResponse)),
  },
})
export interface AssignReplicasToDirsResponse extends Infer<typeof AssignReplicasToDirsResponse> {}
/**
 * What {@link AssignReplicasToDirsResponse} takes for encoding: fields with a default may be left
 * out.
 */
export type AssignReplicasToDirsResponseInput = InferInput<typeof AssignReplicasToDirsResponse>

/** API 73: tells the controller in which log directory replicas live (KIP-858). */
export const AssignReplicasToDirs: Api<
  typeof AssignReplicasToDirsRequest,
  typeof AssignReplicasToDirsResponse
> = api(AssignReplicasToDirsRequest, AssignReplicasToDirsResponse)
