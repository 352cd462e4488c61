import {
  field,
  type Infer,
  type InferInput,
  int32,
  int64,
  message,
  string,
} from '../schema/index.js'

/** Names a share group (KIP-932). */
export const ShareGroupMetadataKey = message({
  name: 'ShareGroupMetadataKey',
  apiKey: 11,
  versions: '0',
  flexible: 'none',
  shape: {
    groupId: field('0+', string),
  },
})
export interface ShareGroupMetadataKey extends Infer<typeof ShareGroupMetadataKey> {}
/** What {@link ShareGroupMetadataKey} takes for encoding: fields with a default may be left out. */
export type ShareGroupMetadataKeyInput = InferInput<typeof ShareGroupMetadataKey>

/** The share group's epoch, and a hash of the topics it depends on. */
export const ShareGroupMetadataValue = message({
  name: 'ShareGroupMetadataValue',
  apiKey: 11,
  versions: '0',
  flexible: '0+',
  shape: {
    epoch: field('0+', int32),
    metadataHash: field('0+', int64),
  },
})
export interface ShareGroupMetadataValue extends Infer<typeof ShareGroupMetadataValue> {}
/**
 * What {@link ShareGroupMetadataValue} takes for encoding: fields with a default may be left out.
 */
export type ShareGroupMetadataValueInput = InferInput<typeof ShareGroupMetadataValue>
