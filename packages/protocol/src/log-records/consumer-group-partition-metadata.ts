import {
  array,
  field,
  type Infer,
  type InferInput,
  int32,
  message,
  string,
  struct,
  uuid,
} from '../schema/index.js'

/** Names a group whose topics' metadata is kept; superseded by the metadata hash. */
export const ConsumerGroupPartitionMetadataKey = message({
  name: 'ConsumerGroupPartitionMetadataKey',
  apiKey: 4,
  versions: '0',
  flexible: 'none',
  shape: {
    groupId: field('0+', string),
  },
})
export interface ConsumerGroupPartitionMetadataKey
  extends Infer<typeof ConsumerGroupPartitionMetadataKey> {}
/**
 * What {@link ConsumerGroupPartitionMetadataKey} takes for encoding: fields with a default may be
 * left out.
 */
export type ConsumerGroupPartitionMetadataKeyInput = InferInput<
  typeof ConsumerGroupPartitionMetadataKey
>

const PartitionMetadata = struct({
  partition: field('0+', int32),
  racks: field('0+', array(string)),
})

const TopicMetadata = struct({
  topicId: field('0+', uuid),
  topicName: field('0+', string),
  numPartitions: field('0+', int32),
  partitionMetadata: field('0+', array(PartitionMetadata)),
})

/**
 * Topics a group subscribes to as they were at the last group epoch; superseded by the metadata
 * hash.
 */
export const ConsumerGroupPartitionMetadataValue = message({
  name: 'ConsumerGroupPartitionMetadataValue',
  apiKey: 4,
  versions: '0',
  flexible: '0+',
  shape: {
    topics: field('0+', array(TopicMetadata)),
  },
})
export interface ConsumerGroupPartitionMetadataValue
  extends Infer<typeof ConsumerGroupPartitionMetadataValue> {}
/**
 * What {@link ConsumerGroupPartitionMetadataValue} takes for encoding: fields with a default may be
 * left out.
 */
export type ConsumerGroupPartitionMetadataValueInput = InferInput<
  typeof ConsumerGroupPartitionMetadataValue
>
