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
 * What changed of a partition: null (or -2 for the leader) leaves a field as it was. Each change of
 * leader or ISR raises the partition epoch, each of the leader the leader epoch too.
 */
export const PartitionChangeRecord = message({
  name: 'PartitionChangeRecord',
  apiKey: 5,
  versions: '0-2',
  flexible: '0+',
  shape: {
    partitionId: field('0+', int32, { default: -1 }),
    topicId: field('0+', uuid),
    isr: field('0+', nullable(array(int32)), { tag: 0, default: null }),
    /** -1 no leader, -2 unchanged. */
    leader: field('0+', int32, { tag: 1, default: -2 }),
    replicas: field('0+', nullable(array(int32)), { tag: 2, default: null }),
    removingReplicas: field('0+', nullable(array(int32)), { tag: 3, default: null }),
    addingReplicas: field('0+', nullable(array(int32)), { tag: 4, default: null }),
    leaderRecoveryState: field('0+', int8, { tag: 5, default: -1 }),
    directories: field('1+', nullable(array(uuid)), { tag: 8, default: null }),
    eligibleLeaderReplicas: field('2+', nullable(array(int32)), { tag: 6, default: null }),
    lastKnownElr: field('2+', nullable(array(int32)), { tag: 7, default: null }),
  },
})
export interface PartitionChangeRecord extends Infer<typeof PartitionChangeRecord> {}
/** What {@link PartitionChangeRecord} takes for encoding: fields with a default may be left out. */
export type PartitionChangeRecordInput = InferInput<typeof PartitionChangeRecord>
