import {
  array,
  field,
  type Infer,
  type InferInput,
  int8,
  int32,
  message,
  nullable,
  uuid,
} from '../schema/index.js'

/**
 * A partition was created, or stands so in a snapshot. Version 1 adds log directories (KIP-858), 2
 * eligible leader replicas (KIP-966).
 */
export const PartitionRecord = message({
  name: 'PartitionRecord',
  apiKey: 3,
  versions: '0-2',
  flexible: '0+',
  shape: {
    partitionId: field('0+', int32, { default: -1 }),
    topicId: field('0+', uuid),
    replicas: field('0+', array(int32)),
    isr: field('0+', array(int32)),
    removingReplicas: field('0+', array(int32)),
    addingReplicas: field('0+', array(int32)),
    leader: field('0+', int32, { default: -1 }),
    /** 0 recovered, 1 recovering after an unclean election. */
    leaderRecoveryState: field('0+', int8, { tag: 0, default: 0 }),
    leaderEpoch: field('0+', int32, { default: -1 }),
    partitionEpoch: field('0+', int32, { default: -1 }),
    directories: field('1+', array(uuid)),
    eligibleLeaderReplicas: field('2+', nullable(array(int32)), { tag: 1, default: null }),
    lastKnownElr: field('2+', nullable(array(int32)), { tag: 2, default: null }),
  },
})
export interface PartitionRecord extends Infer<typeof PartitionRecord> {}
/** What {@link PartitionRecord} takes for encoding: fields with a default may be left out. */
export type PartitionRecordInput = InferInput<typeof PartitionRecord>
