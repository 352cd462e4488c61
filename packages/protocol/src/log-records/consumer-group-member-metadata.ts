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

/** Names a member of a consumer group. */
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
/**
 * What {@link ConsumerGroupMemberMetadataKey} takes for encoding: fields with a default may be left
 * out.
 */
export type ConsumerGroupMemberMetadataKeyInput = InferInput<typeof ConsumerGroupMemberMetadataKey>

const ClassicProtocol = struct({
  name: field('0+', string),
  metadata: field('0+', bytes),
})

const ClassicMemberMetadata = struct({
  sessionTimeoutMs: field('0+', int32),
  supportedProtocols: field('0+', array(ClassicProtocol)),
})

/** What a member declared when it joined: subscription, rack, timeouts, assignor. */
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
    /** Set for a member that speaks the classic protocol inside a new group, during migration. */
    classicMemberMetadata: field('0+', nullable(ClassicMemberMetadata), { tag: 0 }),
  },
})
export interface ConsumerGroupMemberMetadataValue
  extends Infer<typeof ConsumerGroupMemberMetadataValue> {}
/**
 * What {@link ConsumerGroupMemberMetadataValue} takes for encoding: fields with a default may be
 * left out.
 */
export type ConsumerGroupMemberMetadataValueInput = InferInput<
  typeof ConsumerGroupMemberMetadataValue
>
