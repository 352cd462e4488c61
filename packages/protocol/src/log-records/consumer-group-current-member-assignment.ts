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

/** Names a member of a consumer group and its current assignment. */
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
/**
 * What {@link ConsumerGroupCurrentMemberAssignmentKey} takes for encoding: fields with a default
 * may be left out.
 */
export type ConsumerGroupCurrentMemberAssignmentKeyInput = InferInput<
  typeof ConsumerGroupCurrentMemberAssignmentKey
>

const TopicPartitions = struct({
  topicId: field('0+', uuid),
  partitions: field('0+', array(int32)),
  assignmentEpochs: field('0+', nullable(array(int32)), { tag: 0 }),
})

/**
 * Where the member is on the way from its old assignment to the target: epochs, state, partitions
 * owned and to be revoked.
 */
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
/**
 * What {@link ConsumerGroupCurrentMemberAssignmentValue} takes for encoding: fields with a default
 * may be left out.
 */
export type ConsumerGroupCurrentMemberAssignmentValueInput = InferInput<
  typeof ConsumerGroupCurrentMemberAssignmentValue
>
