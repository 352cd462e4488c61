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

/** Names a member of a share group and its target assignment. */
export const ShareGroupTargetAssignmentMemberKey = message({
  name: 'ShareGroupTargetAssignmentMemberKey',
  apiKey: 13,
  versions: '0',
  flexible: 'none',
  shape: {
    groupId: field('0+', string),
    memberId: field('0+', string),
  },
})
export interface ShareGroupTargetAssignmentMemberKey
  extends Infer<typeof ShareGroupTargetAssignmentMemberKey> {}
/**
 * What {@link ShareGroupTargetAssignmentMemberKey} takes for encoding: fields with a default may be
 * left out.
 */
export type ShareGroupTargetAssignmentMemberKeyInput = InferInput<
  typeof ShareGroupTargetAssignmentMemberKey
>

const TopicPartition = struct({
  topicId: field('0+', uuid),
  partitions: field('0+', array(int32)),
})

/** Partitions that the member is to read. */
export const ShareGroupTargetAssignmentMemberValue = message({
  name: 'ShareGroupTargetAssignmentMemberValue',
  apiKey: 13,
  versions: '0',
  flexible: '0+',
  shape: {
    topicPartitions: field('0+', array(TopicPartition)),
  },
})
export interface ShareGroupTargetAssignmentMemberValue
  extends Infer<typeof ShareGroupTargetAssignmentMemberValue> {}
/**
 * What {@link ShareGroupTargetAssignmentMemberValue} takes for encoding: fields with a default may
 * be left out.
 */
export type ShareGroupTargetAssignmentMemberValueInput = InferInput<
  typeof ShareGroupTargetAssignmentMemberValue
>
