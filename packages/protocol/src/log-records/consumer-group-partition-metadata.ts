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
export type ConsumerGroupPartitionMetadataValueInput = InferInput<
  typeof ConsumerGroupPartitionMetadataValue
>
