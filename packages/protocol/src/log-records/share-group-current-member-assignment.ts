import {
  array,
  field,
  type Infer,
  type InferInput,
  int8,
  int32,
  message,
  string,
  struct,
  uuid,
} from '../schema/index.js'

/** Names a member of a share group and its current assignment. */
export const ShareGroupCurrentMemberAssignmentKey = message({
  name: 'ShareGroupCurrentMemberAssignmentKey',
  apiKey: 14,
  versions: '0',
  flexible: 'none',
  shape: {
    groupId: field('0+', string),
    memberId: field('0+', string),
  },
})
export interface ShareGroupCurrentMemberAssignmentKey
  extends Infer<typeof ShareGroupCurrentMemberAssignmentKey> {}
/**
 * What {@link ShareGroupCurrentMemberAssignmentKey} takes for encoding: fields with a default may
 * be left out.
 */
export type ShareGroupCurrentMemberAssignmentKeyInput = InferInput<
  typeof ShareGroupCurrentMemberAssignmentKey
>

const TopicPartitions = struct({
  topicId: field('0+', uuid),
  partitions: field('0+', array(int32)),
})

/** Epochs, state and partitions of the member. */
export const ShareGroupCurrentMemberAssignmentValue = message({
  name: 'ShareGroupCurrentMemberAssignmentValue',
  apiKey: 14,
  versions: '0',
  flexible: '0+',
  shape: {
    memberEpoch: field('0+', int32),
    previousMemberEpoch: field('0+', int32),
    state: field('0+', int8),
    assignedPartitions: field('0+', array(TopicPartitions)),
  },
})
export interface ShareGroupCurrentMemberAssignmentValue
  extends Infer<typeof ShareGroupCurrentMemberAssignmentValue> {}
/**
 * What {@link ShareGroupCurrentMemberAssignmentValue} takes for encoding: fields with a default may
 * be left out.
 */
export type ShareGroupCurrentMemberAssignmentValueInput = InferInput<
  typeof ShareGroupCurrentMemberAssignmentValue
>
