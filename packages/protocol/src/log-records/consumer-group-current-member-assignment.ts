import {
  array,
  field,
  type Infer,
  type InferInput,
  int8,
  int32,
  message,
  nullable,
  string,
  struct,
  uuid,
} from '../schema/index.js'

export const ConsumerGroupCurrentMemberAssignmentKey = message({
  name: 'ConsumerGroupCurrentMemberAssignmentKey',
  apiKey: 8,
  versions: '0',
  flexible: 'none',
  shape: {
    groupId: field('0+', string),
    memberId: field('0+', string),
  },
})
export interface ConsumerGroupCurrentMemberAssignmentKey
  extends Infer<typeof ConsumerGroupCurrentMemberAssignmentKey> {}
export type ConsumerGroupCurrentMemberAssignmentKeyInput = InferInput<
  typeof ConsumerGroupCurrentMemberAssignmentKey
>

const TopicPartitions = struct({
  topicId: field('0+', uuid),
  partitions: field('0+', array(int32)),
  assignmentEpochs: field('0+', nullable(array(int32)), { tag: 0 }),
})

export const ConsumerGroupCurrentMemberAssignmentValue = message({
  name: 'ConsumerGroupCurrentMemberAssignmentValue',
  apiKey: 8,
  versions: '0',
  flexible: '0+',
  shape: {
    memberEpoch: field('0+', int32),
    previousMemberEpoch: field('0+', int32),
    state: field('0+', int8),
    assignedPartitions: field('0+', array(TopicPartitions)),
    partitionsPendingRevocation: field('0+', array(TopicPartitions)),
  },
})
export interface ConsumerGroupCurrentMemberAssignmentValue
  extends Infer<typeof ConsumerGroupCurrentMemberAssignmentValue> {}
export type ConsumerGroupCurrentMemberAssignmentValueInput = InferInput<
  typeof ConsumerGroupCurrentMemberAssignmentValue
>
