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

const AlterShareGroupOffsetsRequestPartition = struct({
  partitionIndex: field('0+', int32),
  startOffset: field('0+', int64),
})

const AlterShareGroupOffsetsRequestTopic = struct({
  topicName: field('0+', string),
  partitions: field('0+', array(AlterShareGroupOffsetsRequestPartition)),
})

/** Sets the start offsets of an empty share group (KIP-932). */
export const AlterShareGroupOffsetsRequest = message({
  name: 'AlterShareGroupOffsetsRequest',
  apiKey: 91,
  versions: '0',
  flexible: '0+',
  shape: {
    groupId: field('0+', string),
    topics: field('0+', array(AlterShareGroupOffsetsRequestTopic)),
  },
})
export interface AlterShareGroupOffsetsRequest
  extends Infer<typeof AlterShareGroupOffsetsRequest> {}
/**
 * What {@link AlterShareGroupOffsetsRequest} takes for encoding: fields with a default may be left
 * out.
 */
export type AlterShareGroupOffsetsRequestInput = InferInput<typeof AlterShareGroupOffsetsRequest>

const AlterShareGroupOffsetsResponsePartition = struct({
  partitionIndex: field('0+', int32),
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string), { default: null }),
})

const AlterShareGroupOffsetsResponseTopic = struct({
  topicName: field('0+', string),
  topicId: field('0+', uuid),
  partitions: field('0+', array(AlterShareGroupOffsetsResponsePartition)),
})

/** Result per partition. */
export const AlterShareGroupOffsetsResponse = message({
  name: 'AlterShareGroupOffsetsResponse',
  apiKey: 91,
  versions: '0',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    errorMessage: field('0+', nullable(string), { default: null }),
    responses: field('0+', array(AlterShareGroupOffsetsResponseTopic)),
  },
})
export interface AlterShareGroupOffsetsResponse
  extends Infer<typeof AlterShareGroupOffsetsResponse> {}
/**
 * What {@link AlterShareGroupOffsetsResponse} takes for encoding: fields with a default may be left
 * out.
 */
export type AlterShareGroupOffsetsResponseInput = InferInput<typeof AlterShareGroupOffsetsResponse>

/** API 91: sets the start offsets of an empty share group (KIP-932). */
export const AlterShareGroupOffsets: Api<
  typeof AlterShareGroupOffsetsRequest,
  typeof AlterShareGroupOffsetsResponse
> = api(AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse)
