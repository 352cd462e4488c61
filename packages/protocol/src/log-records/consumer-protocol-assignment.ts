import {
  array,
  bytes,
  field,
  type Infer,
  type InferInput,
  int32,
  message,
  nullable,
  string,
  struct,
} from '../schema/index.js'

const TopicPartition = struct({
  topic: field('0+', string),
  partitions: field('0+', array(int32)),
})

/** A consumer's partitions inside SyncGroup, after an int16 version. */
export const ConsumerProtocolAssignment = message({
  name: 'ConsumerProtocolAssignment',
  versions: '0-3',
  flexible: 'none',
  shape: {
    assignedPartitions: field('0+', array(TopicPartition)),
    userData: field('0+', nullable(bytes), { default: null }),
  },
})
export interface ConsumerProtocolAssignment extends Infer<typeof ConsumerProtocolAssignment> {}
/**
 * What {@link ConsumerProtocolAssignment} takes for encoding: fields with a default may be left
 * out.
 */
export type ConsumerProtocolAssignmentInput = InferInput<typeof ConsumerProtocolAssignment>
