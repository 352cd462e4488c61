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
  string,
  struct,
  uuid,
} from '../schema/index.js'

const DescribeShareGroupOffsetsRequestTopic = struct({
  topicName: field('0+', string),
  partitions: field('0+', array(int32)),
})

const DescribeShareGroupOffsetsRequestGroup = struct({
  groupId: field('0+', string),
  topics: field('0+', nullable(array(DescribeShareGroupOffsetsRequestTopic))),
})

/** Reads the start offsets of share groups (KIP-932); null topics mean all. */
export const DescribeShareGroupOffsetsRequest = message({
  name: 'DescribeShareGroupOffsetsRequest',
  apiKey: 90,
  versions: '0-1',
  flexible: '0+',
  shape: {
    groups: field('0+', array(DescribeShareGroupOffsetsRequestGroup)),
  },
})
export interface DescribeShareGroupOffsetsRequest
  extends Infer<typeof DescribeShareGroupOffsetsRequest> {}
/**
 * What {@link DescribeShareGroupOffsetsRequest} takes for encoding: fields with a default may be
 * left out.
 */
export type DescribeShareGroupOffsetsRequestInput = InferInput<
  typeof DescribeShareGroupOffsetsRequest
>

const DescribeShareGroupOffsetsResponsePartition = struct({
  partitionIndex: field('0+', int32),
  startOffset: field('0+', int64),
  leaderEpoch: field('0+', int32),
  lag: field('1+', int64, { default: -1n, ignorable: true }),
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string), { default: null }),
})

const DescribeShareGroupOffsetsResponseTopic = struct({
  topicName: field('0+', string),
  topicId: field('0+', uuid),
  partitions: field('0+', array(DescribeShareGroupOffsetsResponsePartition)),
})

const DescribeShareGroupOffsetsResponseGroup = struct({
  groupId: field('0+', string),
  topics: field('0+', array(DescribeShareGroupOffsetsResponseTopic)),
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string), { default: null }),
})

/** Start offset per partition and, from version 1 on, the lag (KIP-1226). */
export const DescribeShareGroupOffsetsResponse = message({
  name: 'DescribeShareGroupOffsetsResponse',
  apiKey: 90,
  versions: '0-1',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    groups: field('0+', array(DescribeShareGroupOffsetsResponseGroup)),
  },
})
export interface DescribeShareGroupOffsetsResponse
  extends Infer<typeof DescribeShareGroupOffsetsResponse> {}
/**
 * What {@link DescribeShareGroupOffsetsResponse} takes for encoding: fields with a default may be
 * left out.
 */
export type DescribeShareGroupOffsetsResponseInput = InferInput<
  typeof DescribeShareGroupOffsetsResponse
>

/** API 90: reads the start offsets of share groups (KIP-932). */
export const DescribeShareGroupOffsets: Api<
  typeof DescribeShareGroupOffsetsRequest,
  typeof DescribeShareGroupOffsetsResponse
> = api(DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse)
