import {
  field,
  type Infer,
  type InferInput,
  int32,
  int64,
  message,
  string,
} from '../schema/index.js'

/** Names a group of the new consumer protocol (KIP-848). */
export const ConsumerGroupMetadataKey = message({
  name: 'ConsumerGroupMetadataKey',
  apiKey: 3,
  versions: '0',
  flexible: 'none',
  shape: {
    groupId: field('0+', string),
  },
})
export interface ConsumerGroupMetadataKey extends Infer<typeof ConsumerGroupMetadataKey> {}
/**
 * What {@link ConsumerGroupMetadataKey} takes for encoding: fields with a default may be left out.
 */
export type ConsumerGroupMetadataKeyInput = InferInput<typeof ConsumerGroupMetadataKey>

/** The group's epoch, and a hash of the topics it depends on. */
export const ConsumerGroupMetadataValue = message({
  name: 'ConsumerGroupMetadataValue',
  apiKey: 3,
  versions: '0',
  flexible: '0+',
  shape: {
    epoch: field('0+', int32),
    metadataHash: field('0+', int64, { tag: 0, default: 0n }),
  },
})
export interface ConsumerGroupMetadataValue extends Infer<typeof ConsumerGroupMetadataValue> {}
/**
 * What {@link ConsumerGroupMetadataValue} takes for encoding: fields with a default may be left
 * out.
 */
export type ConsumerGroupMetadataValueInput = InferInput<typeof ConsumerGroupMetadataValue>
