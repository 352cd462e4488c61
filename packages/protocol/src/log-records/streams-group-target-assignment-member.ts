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
export type StreamsGroupTargetAssignmentMemberKeyInput = InferInput<
  typeof StreamsGroupTargetAssignmentMemberKey
>

const TaskIds = struct({
  subtopologyId: field('0+', string),
  partitions: field('0+', array(int32)),
})

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
export type StreamsGroupTargetAssignmentMemberValueInput = InferInput<
  typeof StreamsGroupTargetAssignmentMemberValue
>
