import {
  array,
  field,
  type Infer,
  type InferInput,
  message,
  nullable,
  string,
} from '../schema/index.js'

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
export type ShareGroupMemberMetadataKeyInput = InferInput<typeof ShareGroupMemberMetadataKey>

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
export type ShareGroupMemberMetadataValueInput = InferInput<typeof ShareGroupMemberMetadataValue>
