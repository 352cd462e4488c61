import {
  type Api,
  api,
  array,
  bool,
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  message,
  nullable,
  string,
  struct,
  uuid,
} from '../schema/index.js'

const Cursor = struct({
  topicName: field('0+', string),
  partitionIndex: field('0+', int32),
})

/** Describes topics in pages, with eligible leader replicas (KIP-966); admin only. */
export const DescribeTopicPartitionsRequest = message({
  name: 'DescribeTopicPartitionsRequest',
  apiKey: 75,
  versions: '0',
  flexible: '0+',
  shape: {
    topics: field('0+', array(struct({ name: field('0+', string) }))),
    responsePartitionLimit: field('0+', int32, { default: 2000 }),
    /** Where the last page ended; null for the first. */
    cursor: field('0+', nullable(Cursor), { default: null }),
  },
})
export interface DescribeTopicPartitionsRequest
  extends Infer<typeof DescribeTopicPartitionsRequest> {}
/**
 * What {@link DescribeTopicPartitionsRequest} takes for encoding: fields with a default may be left
 * out.
 */
export type DescribeTopicPartitionsRequestInput = InferInput<typeof DescribeTopicPartitionsRequest>

const DescribeTopicPartitionsResponsePartition = struct({
  errorCode: field('0+', int16),
  partitionIndex: field('0+', int32),
  leaderId: field('0+', int32),
  leaderEpoch: field('0+', int32, { default: -1, ignorable: true }),
  replicaNodes: field('0+', array(int32)),
  isrNodes: field('0+', array(int32)),
  eligibleLeaderReplicas: field('0+', nullable(array(int32)), { default: null }),
  lastKnownElr: field('0+', nullable(array(int32)), { default: null }),
  offlineReplicas: field('0+', array(int32), { ignorable: true }),
})

const DescribeTopicPartitionsResponseTopic = struct({
  errorCode: field('0+', int16),
  name: field('0+', nullable(string)),
  topicId: field('0+', uuid, { ignorable: true }),
  isInternal: field('0+', bool, { default: false, ignorable: true }),
  partitions: field('0+', array(DescribeTopicPartitionsResponsePartition)),
  topicAuthorizedOperations: field('0+', int32, { default: -2147483648 }),
})

/** A page of partitions sorted by topic and index, and the cursor of the next page. */
export const DescribeTopicPartitionsResponse = message({
  name: 'DescribeTopicPartitionsResponse',
  apiKey: 75,
  versions: '0',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32, { ignorable: true }),
    topics: field('0+', array(DescribeTopicPartitionsResponseTopic)),
    /** Null: this was the last page. */
    nextCursor: field('0+', nullable(Cursor), { default: null }),
  },
})
export interface DescribeTopicPartitionsResponse
  extends Infer<typeof DescribeTopicPartitionsResponse> {}
/**
 * What {@link DescribeTopicPartitionsResponse} takes for encoding: fields with a default may be
 * left out.
 */
export type DescribeTopicPartitionsResponseInput = InferInput<
  typeof DescribeTopicPartitionsResponse
>

/** API 75: describes topics in pages, with eligible leader replicas (KIP-966). */
export const DescribeTopicPartitions: Api<
  typeof DescribeTopicPartitionsRequest,
  typeof DescribeTopicPartitionsResponse
> = api(DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse)
