import {
  DescribeQuorum,
  type DescribeQuorumRequest,
  type DescribeQuorumResponseInput,
  ErrorCode,
  ZERO_UUID,
} from '@ottla/protocol'
import { metadataTopic } from '../controller/metadata-log.js'
import { handler } from '../server/handler.js'
import type { BrokerServices } from '../services.js'

type QuorumNode = NonNullable<DescribeQuorumResponseInput['nodes']>[number]
type PartitionAnswer = DescribeQuorumResponseInput['topics'][number]['partitions'][number]

/** Older versions name no nodes, nor the directories of voters. */
const nodesSinceVersion = 2

/** Describes the quorum of the metadata log (KIP-595): this node is its only voter, and its leader. */
export const describeQuorumHandler = handler(
  DescribeQuorum,
  { min: 0, max: 2 },
  ({ broker, apiVersion }, request): DescribeQuorumResponseInput => {
    const isMetadata = asksForMetadata(request)
    return {
      errorCode: ErrorCode.NONE,
      errorMessage: '',
      topics: request.topics.map(({ topicName, partitions }) => ({
        topicName,
        partitions: partitions.map(({ partitionIndex }) =>
          isMetadata ? describe(broker, partitionIndex, apiVersion) : unknown(partitionIndex),
        ),
      })),
      nodes: isMetadata && apiVersion >= nodesSinceVersion ? [controllerNode(broker)] : [],
    }
  },
)

/** Controller and broker are one process here: every listener of the broker leads to the controller. */
const controllerNode = ({ nodeId, image }: BrokerServices): QuorumNode => ({
  nodeId,
  listeners: (image.brokers.get(nodeId)?.endPoints ?? []).map(({ name, host, port }) => ({
    name,
    host,
    port,
  })),
})

const asksForMetadata = ({ topics }: DescribeQuorumRequest): boolean => {
  const [topic, ...others] = topics
  const [partition, ...more] = topic?.partitions ?? []
  return (
    others.length === 0 &&
    more.length === 0 &&
    topic?.topicName === metadataTopic &&
    partition?.partitionIndex === 0
  )
}

const unknown = (partitionIndex: number): PartitionAnswer => ({
  partitionIndex,
  errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  errorMessage: 'This server does not host this topic-partition.',
  leaderId: 0,
  leaderEpoch: 0,
  highWatermark: 0n,
  currentVoters: [],
  observers: [],
})

const describe = (
  { controller, clock }: BrokerServices,
  partitionIndex: number,
  apiVersion: number,
): PartitionAnswer => {
  const { endOffset, epoch, nodeId, directoryId } = controller.quorum
  const now = BigInt(clock.now())
  const voter = {
    replicaId: nodeId,
    replicaDirectoryId: apiVersion >= nodesSinceVersion ? directoryId : ZERO_UUID,
    logEndOffset: BigInt(endOffset),
    lastFetchTimestamp: now,
    lastCaughtUpTimestamp: now,
  }
  return {
    partitionIndex,
    errorCode: ErrorCode.NONE,
    errorMessage: '',
    leaderId: nodeId,
    leaderEpoch: epoch,
    highWatermark: voter.logEndOffset,
    currentVoters: [voter],
    observers: [],
  }
}
