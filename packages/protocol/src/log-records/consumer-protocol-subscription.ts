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

/**
 * A consumer's subscription inside JoinGroup, after an int16 version. Version 1 adds owned
 * partitions for cooperative rebalancing (KIP-429), 2 the generation they come from (KIP-792), 3
 * the rack (KIP-881).
 */
export const ConsumerProtocolSubscription = message({
  name: 'ConsumerProtocolSubscription',
  versions: '0-3',
  flexible: 'none',
  shape: {
    topics: field('0+', array(string)),
    /** What the assignor itself wants to pass on; the sticky one keeps its last assignment here. */
    userData: field('0+', nullable(bytes), { default: null }),
    ownedPartitions: field('1+', array(TopicPartition), { ignorable: true }),
    generationId: field('2+', int32, { default: -1, ignorable: true }),
    rackId: field('3+', nullable(string), { default: null, ignorable: true }),
  },
})
export interface ConsumerProtocolSubscription extends Infer<typeof ConsumerProtocolSubscription> {}
/**
 * What {@link ConsumerProtocolSubscription} takes for encoding: fields with a default may be left
 * out.
 */
export type ConsumerProtocolSubscriptionInput = InferInput<typeof ConsumerProtocolSubscription>
