import {
  field,
  type Infer,
  type InferInput,
  int32,
  int64,
  message,
  string,
} from '../schema/index.js'

/** Names a consumer group whose target assignment was computed. */
export const ConsumerGroupTargetAssignmentMetadataKey = message({
  name: 'ConsumerGroupTargetAssignmentMetadataKey',
  apiKey: 6,
  versions: '0',
  flexible: 'none',
  shape: {
    groupId: field('0+', string),
  },
})
export interface ConsumerGroupTargetAssignmentMetadataKey
  extends Infer<typeof ConsumerGroupTargetAssignmentMetadataKey> {}
/**
 * What {@link ConsumerGroupTargetAssignmentMetadataKey} takes for encoding: fields with a default
 * may be left out.
 */
export type ConsumerGroupTargetAssignmentMetadataKeyInput = InferInput<
  typeof ConsumerGroupTargetAssignmentMetadataKey
>

/** The group epoch that the target assignment was computed for. */
export const ConsumerGroupTargetAssignmentMetadataValue = message({
  name: 'ConsumerGroupTargetAssignmentMetadataValue',
  apiKey: 6,
  versions: '0',
  flexible: '0+',
  shape: {
    assignmentEpoch: field('0+', int32),
    assignmentTimestamp: field('0+', int64, { tag: 0, default: 0n, ignorable: true }),
  },
})
export interface ConsumerGroupTargetAssignmentMetadataValue
  extends Infer<typeof ConsumerGroupTargetAssignmentMetadataValue> {}
/**
 * What {@link ConsumerGroupTargetAssignmentMetadataValue} takes for encoding: fields with a default
 * may be left out.
 */
export type ConsumerGroupTargetAssignmentMetadataValueInput = InferInput<
  typeof ConsumerGroupTargetAssignmentMetadataValue
>
