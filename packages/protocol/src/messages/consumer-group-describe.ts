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
export type ConsumerGroupDescribeResponseInput = InferInput<typeof ConsumerGroupDescribeResponse>

export const ConsumerGroupDescribe: Api<
  typeof ConsumerGroupDescribeRequest,
  typeof ConsumerGroupDescribeResponse
> = api(ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse)
