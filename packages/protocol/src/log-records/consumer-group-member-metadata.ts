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

export const ConsumerGroupMemberMetadataKey = message({
  name: 'ConsumerGroupMemberMetadataKey',
  apiKey: 5,
  versions: '0',
  flexible: 'none',
  shape: {
    groupId: field('0+', string),
    memberId: field('0+', string),
  },
})
export interface ConsumerGroupMemberMetadataKey
  extends Infer<typeof ConsumerGroupMemberMetadataKey> {}
export type ConsumerGroupMemberMetadataKeyInput = InferInput<typeof ConsumerGroupMemberMetadataKey>

const ClassicProtocol = struct({
  name: field('0+', string),
  metadata: field('0+', bytes),
})

const ClassicMemberMetadata = struct({
  sessionTimeoutMs: field('0+', int32),
  supportedProtocols: field('0+', array(ClassicProtocol)),
})

export const ConsumerGroupMemberMetadataValue = message({
  name: 'ConsumerGroupMemberMetadataValue',
  apiKey: 5,
  versions: '0',
  flexible: '0+',
  shape: {
    instanceId: field('0+', nullable(string)),
    rackId: field('0+', nullable(string)),
    clientId: field('0+', string),
    clientHost: field('0+', string),
    subscribedTopicNames: field('0+', array(string)),
    subscribedTopicRegex: field('0+', nullable(string)),
    rebalanceTimeoutMs: field('0+', int32, { default: -1 }),
    serverAssignor: field('0+', nullable(string)),
    classicMemberMetadata: field('0+', nullable(ClassicMemberMetadata), { tag: 0 }),
  },
})
export interface ConsumerGroupMemberMetadataValue
  extends Infer<typeof ConsumerGroupMemberMetadataValue> {}
export type ConsumerGroupMemberMetadataValueInput = InferInput<
  typeof ConsumerGroupMemberMetadataValue
>
