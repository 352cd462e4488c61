import { ErrorCode } from '@ottla/protocol'
import type { MetadataImage, PartitionImage } from './image/image.js'

/** One partition as clients are told of it; `offlineReplicas` are those whose broker is not there. */
export const partitionAnswer = (image: MetadataImage, partition: PartitionImage) => ({
  errorCode: partition.leader === -1 ? ErrorCode.LEADER_NOT_AVAILABLE : ErrorCode.NONE,
  partitionIndex: partition.partition,
  leaderId: partition.leader,
  leaderEpoch: partition.leaderEpoch,
  replicaNodes: partition.replicas,
  isrNodes: partition.isr,
  offlineReplicas: partition.replicas.filter((id) => image.brokers.get(id)?.fenced ?? true),
})
