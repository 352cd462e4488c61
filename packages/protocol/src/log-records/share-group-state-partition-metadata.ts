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

/** Names a share group whose partitions have, or are to get or lose, durable state. */
export const ShareGroupStatePartitionMetadataKey = message({
  name: 'ShareGroupStatePartitionMetadataKey',
  apiKey: 15,
  versions: '0',
  flexible: 'none',
  shape: {
    groupId: field('0+', string),
  },
})
export interface ShareGroupStatePartitionMetadataKey
  extends Infer<typeof ShareGroupStatePartitionMetadataKey> {}
/**
 * What {@link ShareGroupStatePartitionMetadataKey} takes for encoding: fields with a default may be
 * left out.
 */
export type ShareGroupStatePartitionMetadataKeyInput = InferInput<
  typeof ShareGroupStatePartitionMetadataKey
>

const TopicPartitionsInfo = struct({
  topicId: field('0+', uuid),
  topicName: field('0+', string),
  partitions: field('0+', array(int32)),
})

const TopicInfo = struct({
  topicId: field('0+', uuid),
  topicName: field('0+', string),
})

/** Topics whose state is being initialized, is there, or is being deleted. */
export const ShareGroupStatePartitionMetadataValue = message({
  name: 'ShareGroupStatePartitionMetadataValue',
  apiKey: 15,
  versions: '0',
  flexible: '0+',
  shape: {
    initializingTopics: field('0+', array(TopicPartitionsInfo)),
    initializedTopics: field('0+', array(TopicPartitionsInfo)),
    deletingTopics: field('0+', array(TopicInfo)),
  },
})
export interface ShareGroupStatePartitionMetadataValue
  extends Infer<typeof ShareGroupStatePartitionMetadataValue> {}
/**
 * What {@link ShareGroupStatePartitionMetadataValue} takes for encoding: fields with a default may
 * be left out.
 */
export type ShareGroupStatePartitionMetadataValueInput = InferInput<
  typeof ShareGroupStatePartitionMetadataValue
>
