import {
  field,
  type Infer,
  type InferInput,
  int32,
  int64,
  message,
  string,
} from '../schema/index.js'

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
export type ConsumerGroupTargetAssignmentMetadataKeyInput = InferInput<
  typeof ConsumerGroupTargetAssignmentMetadataKey
>

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
export type ConsumerGroupTargetAssignmentMetadataValueInput = InferInput<
  typeof ConsumerGroupTargetAssignmentMetadataValue
>
