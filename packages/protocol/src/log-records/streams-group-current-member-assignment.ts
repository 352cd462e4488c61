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
} from '../schema/index.js'

/** Names a member of a Streams group and its current tasks. */
export const StreamsGroupCurrentMemberAssignmentKey = message({
  name: 'StreamsGroupCurrentMemberAssignmentKey',
  apiKey: 22,
  versions: '0',
  flexible: 'none',
  shape: {
    groupId: field('0+', string),
    memberId: field('0+', string),
  },
})
export interface StreamsGroupCurrentMemberAssignmentKey
  extends Infer<typeof StreamsGroupCurrentMemberAssignmentKey> {}
/**
 * What {@link StreamsGroupCurrentMemberAssignmentKey} takes for encoding: fields with a default may
 * be left out.
 */
export type StreamsGroupCurrentMemberAssignmentKeyInput = InferInput<
  typeof StreamsGroupCurrentMemberAssignmentKey
>

const TaskIds = struct({
  subtopologyId: field('0+', string),
  partitions: field('0+', array(int32)),
  assignmentEpochs: field('0+', nullable(array(int32)), { tag: 0 }),
})

/**
 * Where the member is on the way to its target: epochs, state, tasks it runs and tasks it is to
 * give up.
 */
export const StreamsGroupCurrentMemberAssignmentValue = message({
  name: 'StreamsGroupCurrentMemberAssignmentValue',
  apiKey: 22,
  versions: '0',
  flexible: '0+',
  shape: {
    memberEpoch: field('0+', int32),
    previousMemberEpoch: field('0+', int32),
    state: field('0+', int8),
    activeTasks: field('0+', array(TaskIds)),
    standbyTasks: field('0+', array(TaskIds)),
    warmupTasks: field('0+', array(TaskIds)),
    activeTasksPendingRevocation: field('0+', array(TaskIds)),
    standbyTasksPendingRevocation: field('0+', array(TaskIds)),
    warmupTasksPendingRevocation: field('0+', array(TaskIds)),
  },
})
export interface StreamsGroupCurrentMemberAssignmentValue
  extends Infer<typeof StreamsGroupCurrentMemberAssignmentValue> {}
/**
 * What {@link StreamsGroupCurrentMemberAssignmentValue} takes for encoding: fields with a default
 * may be left out.
 */
export type StreamsGroupCurrentMemberAssignmentValueInput = InferInput<
  typeof StreamsGroupCurrentMemberAssignmentValue
>
