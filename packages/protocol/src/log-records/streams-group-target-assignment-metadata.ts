import {
  field,
  type Infer,
  type InferInput,
  int32,
  int64,
  message,
  string,
} from '../schema/index.js'

/** Names a Streams group whose target assignment was computed. */
export const StreamsGroupTargetAssignmentMetadataKey = message({
  name: 'StreamsGroupTargetAssignmentMetadataKey',
  apiKey: 20,
  versions: '0',
  flexible: 'none',
  shape: {
    groupId: field('0+', string),
  },
})
export interface StreamsGroupTargetAssignmentMetadataKey
  extends Infer<typeof StreamsGroupTargetAssignmentMetadataKey> {}
/**
 * What {@link StreamsGroupTargetAssignmentMetadataKey} takes for encoding: fields with a default
 * may be left out.
 */
export type StreamsGroupTargetAssignmentMetadataKeyInput = InferInput<
  typeof StreamsGroupTargetAssignmentMetadataKey
>

/** The group epoch that the target assignment was computed for. */
export const StreamsGroupTargetAssignmentMetadataValue = message({
  name: 'StreamsGroupTargetAssignmentMetadataValue',
  apiKey: 20,
  versions: '0',
  flexible: '0+',
  shape: {
    assignmentEpoch: field('0+', int32),
    assignmentTimestamp: field('0+', int64, { tag: 0, default: 0n, ignorable: true }),
  },
})
export interface StreamsGroupTargetAssignmentMetadataValue
  extends Infer<typeof StreamsGroupTargetAssignmentMetadataValue> {}
/**
 * What {@link StreamsGroupTargetAssignmentMetadataValue} takes for encoding: fields with a default
 * may be left out.
 */
export type StreamsGroupTargetAssignmentMetadataValueInput = InferInput<
  typeof StreamsGroupTargetAssignmentMetadataValue
>
