import {
  type Api,
  api,
  array,
  bool,
  field,
  type Infer,
  type InferInput,
  int8,
  int16,
  int32,
  message,
  nullable,
  string,
  struct,
  uuid,
} from '../schema/index.js'

/** Describes groups of the new consumer protocol (KIP-848); admin only. */
export const ConsumerGroupDescribeRequest = message({
  name: 'ConsumerGroupDescribeRequest',
  apiKey: 69,
  versions: '0-1',
  flexible: '0+',
  shape: {
    groupIds: field('0+', array(string)),
    includeAuthorizedOperations: field('0+', bool),
  },
})
export interface ConsumerGroupDescribeRequest extends Infer<typeof ConsumerGroupDescribeRequest> {}
/**
 * What {@link ConsumerGroupDescribeRequest} takes for encoding: fields with a default may be left
 * out.
 */
export type ConsumerGroupDescribeRequestInput = InferInput<typeof ConsumerGroupDescribeRequest>

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
  instanceId: field('0+', nullable(string), { default: null }),
  rackId: field('0+', nullable(string), { default: null }),
  memberEpoch: field('0+', int32),
  clientId: field('0+', string),
  clientHost: field('0+', string),
  subscribedTopicNames: field('0+', array(string)),
  subscribedTopicRegex: field('0+', nullable(string), { default: null }),
  assignment: field('0+', Assignment),
  targetAssignment: field('0+', Assignment),
  memberType: field('1+', int8, { default: -1, ignorable: true }),
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

/**
 * Epochs, members, their current and target assignments. Version 1 tells classic members of a
 * migrating group apart (KIP-1099).
 */
export const ConsumerGroupDescribeResponse = message({
  name: 'ConsumerGroupDescribeResponse',
  apiKey: 69,
  versions: '0-1',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    groups: field('0+', array(DescribedGroup)),
  },
})
export interface ConsumerGroupDescribeResponse
  extends Infer<typeof ConsumerGroupDescribeResponse> {}
/**
 * What {@link ConsumerGroupDescribeResponse} takes for encoding: fields with a default may be left
 * out.
 */
export type ConsumerGroupDescribeResponseInput = InferInput<typeof ConsumerGroupDescribeResponse>

/** API 69: describes groups of the new consumer protocol (KIP-848). */
export const ConsumerGroupDescribe: Api<
  typeof ConsumerGroupDescribeRequest,
  typeof ConsumerGroupDescribeResponse
> = api(ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse)
