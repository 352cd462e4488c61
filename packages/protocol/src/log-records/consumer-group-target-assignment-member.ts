import {
  array,
  field,
  type Infer,
  type InferInput,
  int32,
  message,
  string,
  struct,
  uuid,
} from '../schema/index.js'

/** Names a member of a consumer group and its target assignment. */
export const ConsumerGroupTargetAssignmentMemberKey = message({
  name: 'ConsumerGroupTargetAssignmentMemberKey',
  apiKey: 7,
  versions: '0',
  flexible: 'none',
  shape: {
    groupId: field('0+', string),
    memberId: field('0+', string),
  },
})
export interface ConsumerGroupTargetAssignmentMemberKey
  extends Infer<typeof ConsumerGroupTargetAssignmentMemberKey> {}
/**
 * What {@link ConsumerGroupTargetAssignmentMemberKey} takes for encoding: fields with a default may
 * be left out.
 */
export type ConsumerGroupTargetAssignmentMemberKeyInput = InferInput<
  typeof ConsumerGroupTargetAssignmentMemberKey
>

const TopicPartition = struct({
  topicId: field('0+', uuid),
  partitions: field('0+', array(int32)),
})

/** Partitions that the member is to own in the end. */
export const ConsumerGroupTargetAssignmentMemberValue = message({
  name: 'ConsumerGroupTargetAssignmentMemberValue',
  apiKey: 7,
  versions: '0',
  flexible: '0+',
  shape: {
    topicPartitions: field('0+', array(TopicPartition)),
  },
})
export interface ConsumerGroupTargetAssignmentMemberValue
  extends Infer<typeof ConsumerGroupTargetAssignmentMemberValue> {}
/**
 * What {@link ConsumerGroupTargetAssignmentMemberValue} takes for encoding: fields with a default
 * may be left out.
 */
export type ConsumerGroupTargetAssignmentMemberValueInput = InferInput<
  typeof ConsumerGroupTargetAssignmentMemberValue
>
