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

/** Describes share groups (KIP-932); admin only. */
export const ShareGroupDescribeRequest = message({
  name: 'ShareGroupDescribeRequest',
  apiKey: 77,
  versions: '1',
  flexible: '0+',
  shape: {
    groupIds: field('0+', array(string)),
    includeAuthorizedOperations: field('0+', bool),
  },
})
export interface ShareGroupDescribeRequest extends Infer<typeof ShareGroupDescribeRequest> {}
/**
 * What {@link ShareGroupDescribeRequest} takes for encoding: fields with a default may be left out.
 */
export type ShareGroupDescribeRequestInput = InferInput<typeof ShareGroupDescribeRequest>

const TopicPartitions = struct({
  topicId: field('0+', uuid),
  topicName: field('0+', string),
  partitions: field('0+', array(int32)),
})

const Assignment = struct({
  topicPartitions: field('0+', array(TopicPartitions)),
})

const Member = struct({
  memberId: field('0+', string),
  rackId: field('0+', nullable(string), { default: null }),
  memberEpoch: field('0+', int32),
  clientId: field('0+', string),
  clientHost: field('0+', string),
  subscribedTopicNames: field('0+', array(string)),
  assignment: field('0+', Assignment),
})

const DescribedGroup = struct({
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string), { default: null }),
  groupId: field('0+', string),
  groupState: field('0+', string),
  groupEpoch: field('0+', int32),
  assignmentEpoch: field('0+', int32),
  assignorName: field('0+', string),
  members: field('0+', array(Member)),
  authorizedOperations: field('0+', int32, { default: -2147483648 }),
})

/** State, epochs and members of share groups. */
export const ShareGroupDescribeResponse = message({
  name: 'ShareGroupDescribeResponse',
  apiKey: 77,
  versions: '1',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    groups: field('0+', array(DescribedGroup)),
  },
})
export interface ShareGroupDescribeResponse extends Infer<typeof ShareGroupDescribeResponse> {}
/**
 * What {@link ShareGroupDescribeResponse} takes for encoding: fields with a default may be left
 * out.
 */
export type ShareGroupDescribeResponseInput = InferInput<typeof ShareGroupDescribeResponse>

/** API 77: describes share groups (KIP-932). */
export const ShareGroupDescribe: Api<
  typeof ShareGroupDescribeRequest,
  typeof ShareGroupDescribeResponse
> = api(ShareGroupDescribeRequest, ShareGroupDescribeResponse)
