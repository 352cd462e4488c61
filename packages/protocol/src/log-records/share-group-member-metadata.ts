import {
  array,
  field,
  type Infer,
  type InferInput,
  message,
  nullable,
  string,
} from '../schema/index.js'

/** Names a member of a share group. */
export const ShareGroupMemberMetadataKey = message({
  name: 'ShareGroupMemberMetadataKey',
  apiKey: 10,
  versions: '0',
  flexible: 'none',
  shape: {
    groupId: field('0+', string),
    memberId: field('0+', string),
  },
})
export interface ShareGroupMemberMetadataKey extends Infer<typeof ShareGroupMemberMetadataKey> {}
/**
 * What {@link ShareGroupMemberMetadataKey} takes for encoding: fields with a default may be left
 * out.
 */
export type ShareGroupMemberMetadataKeyInput = InferInput<typeof ShareGroupMemberMetadataKey>

/** The member's subscription and origin. */
export const ShareGroupMemberMetadataValue = message({
  name: 'ShareGroupMemberMetadataValue',
  apiKey: 10,
  versions: '0',
  flexible: '0+',
  shape: {
    rackId: field('0+', nullable(string)),
    clientId: field('0+', string),
    clientHost: field('0+', string),
    subscribedTopicNames: field('0+', array(string)),
  },
})
export interface ShareGroupMemberMetadataValue
  extends Infer<typeof ShareGroupMemberMetadataValue> {}
/**
 * What {@link ShareGroupMemberMetadataValue} takes for encoding: fields with a default may be left
 * out.
 */
export type ShareGroupMemberMetadataValueInput = InferInput<typeof ShareGroupMemberMetadataValue>
