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

const OffsetDeleteRequestTopic = struct({
  name: field('0+', string),
  partitions: field('0+', array(struct({ partitionIndex: field('0+', int32) }))),
})

/**
 * Deletes committed positions of topics that a group no longer subscribes to (KIP-496); admin only.
 * Never flexible.
 */
export const OffsetDeleteRequest = message({
  name: 'OffsetDeleteRequest',
  apiKey: 47,
  versions: '0',
  flexible: 'none',
  shape: {
    groupId: field('0+', string),
    topics: field('0+', array(OffsetDeleteRequestTopic)),
  },
})
export interface OffsetDeleteRequest extends Infer<typeof OffsetDeleteRequest> {}
/** What {@link OffsetDeleteRequest} takes for encoding: fields with a default may be left out. */
export type OffsetDeleteRequestInput = InferInput<typeof OffsetDeleteRequest>

const OffsetDeleteResponsePartition = struct({
  partitionIndex: field('0+', int32),
  errorCode: field('0+', int16),
})

const OffsetDeleteResponseTopic = struct({
  name: field('0+', string),
  partitions: field('0+', array(OffsetDeleteResponsePartition)),
})

/** Result per partition; GROUP_SUBSCRIBED_TO_TOPIC for those still in use. */
export const OffsetDeleteResponse = message({
  name: 'OffsetDeleteResponse',
  apiKey: 47,
  versions: '0',
  flexible: 'none',
  shape: {
    errorCode: field('0+', int16),
    throttleTimeMs: field('0+', int32, { ignorable: true }),
    topics: field('0+', array(OffsetDeleteResponseTopic)),
  },
})
export interface OffsetDeleteResponse extends Infer<typeof OffsetDeleteResponse> {}
/** What {@link OffsetDeleteResponse} takes for encoding: fields with a default may be left out. */
export type OffsetDeleteResponseInput = InferInput<typeof OffsetDeleteResponse>

/** API 47: deletes committed positions of topics that a group no longer subscribes to (KIP-496). */
export const OffsetDelete: Api<typeof OffsetDeleteRequest, typeof OffsetDeleteResponse> = api(
  OffsetDeleteRequest,
  OffsetDeleteResponse,
)
