import {
  array,
  field,
  type Infer,
  type InferInput,
  int32,
  message,
  string,
  struct,
} from '../schema/index.js'

/** Names a member of a Streams group and its target tasks. */
export const StreamsGroupTargetAssignmentMemberKey = message({
  name: 'StreamsGroupTargetAssignmentMemberKey',
  apiKey: 21,
  versions: '0',
  flexible: 'none',
  shape: {
    groupId: field('0+', string),
    memberId: field('0+', string),
  },
})
export interface StreamsGroupTargetAssignmentMemberKey
  extends Infer<typeof StreamsGroupTargetAssignmentMemberKey> {}
/**
 * What {@link StreamsGroupTargetAssignmentMemberKey} takes for encoding: fields with a default may
 * be left out.
 */
export type StreamsGroupTargetAssignmentMemberKeyInput = InferInput<
  typeof StreamsGroupTargetAssignmentMemberKey
>

const TaskIds = struct({
  subtopologyId: field('0+', string),
  partitions: field('0+', array(int32)),
})

/** Active, standby and warm-up tasks the member is to run in the end. */
export const StreamsGroupTargetAssignmentMemberValue = message({
  name: 'StreamsGroupTargetAssignmentMemberValue',
  apiKey: 21,
  versions: '0',
  flexible: '0+',
  shape: {
    activeTasks: field('0+', array(TaskIds)),
    standbyTasks: field('0+', array(TaskIds)),
    warmupTasks: field('0+', array(TaskIds)),
  },
})
export interface StreamsGroupTargetAssignmentMemberValue
  extends Infer<typeof StreamsGroupTargetAssignmentMemberValue> {}
/**
 * What {@link StreamsGroupTargetAssignmentMemberValue} takes for encoding: fields with a default
 * may be left out.
 */
export type StreamsGroupTargetAssignmentMemberValueInput = InferInput<
  typeof StreamsGroupTargetAssignmentMemberValue
>
