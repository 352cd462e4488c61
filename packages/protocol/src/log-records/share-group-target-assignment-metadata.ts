import {
  field,
  type Infer,
  type InferInput,
  int32,
  int64,
  message,
  string,
} from '../schema/index.js'

/** Names a share group whose target assignment was computed. */
export const ShareGroupTargetAssignmentMetadataKey = message({
  name: 'ShareGroupTargetAssignmentMetadataKey',
  apiKey: 12,
  versions: '0',
  flexible: 'none',
  shape: {
    groupId: field('0+', string),
  },
})
export interface ShareGroupTargetAssignmentMetadataKey
  extends Infer<typeof ShareGroupTargetAssignmentMetadataKey> {}
/**
 * What {@link ShareGroupTargetAssignmentMetadataKey} takes for encoding: fields with a default may
 * be left out.
 */
export type ShareGroupTargetAssignmentMetadataKeyInput = InferInput<
  typeof ShareGroupTargetAssignmentMetadataKey
>

/** The group epoch that the target assignment was computed for. */
export const ShareGroupTargetAssignmentMetadataValue = message({
  name: 'ShareGroupTargetAssignmentMetadataValue',
  apiKey: 12,
  versions: '0',
  flexible: '0+',
  shape: {
    assignmentEpoch: field('0+', int32),
    assignmentTimestamp: field('0+', int64, { tag: 0, default: 0n, ignorable: true }),
  },
})
export interface ShareGroupTargetAssignmentMetadataValue
  extends Infer<typeof ShareGroupTargetAssignmentMetadataValue> {}
/**
 * What {@link ShareGroupTargetAssignmentMetadataValue} takes for encoding: fields with a default
 * may be left out.
 */
export type ShareGroupTargetAssignmentMetadataValueInput = InferInput<
  typeof ShareGroupTargetAssignmentMetadataValue
>
