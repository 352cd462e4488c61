import {
  array,
  field,
  type Infer,
  type InferInput,
  int32,
  message,
  nullable,
  string,
  struct,
  uint16,
} from '../schema/index.js'

/** Names a member of a Streams group. */
export const StreamsGroupMemberMetadataKey = message({
  name: 'StreamsGroupMemberMetadataKey',
  apiKey: 19,
  versions: '0',
  flexible: 'none',
  shape: {
    groupId: field('0+', string),
    memberId: field('0+', string),
  },
})
export interface StreamsGroupMemberMetadataKey
  extends Infer<typeof StreamsGroupMemberMetadataKey> {}
/**
 * What {@link StreamsGroupMemberMetadataKey} takes for encoding: fields with a default may be left
 * out.
 */
export type StreamsGroupMemberMetadataKeyInput = InferInput<typeof StreamsGroupMemberMetadataKey>

const Endpoint = struct({
  host: field('0+', string),
  port: field('0+', uint16),
})

const KeyValue = struct({
  key: field('0+', string),
  value: field('0+', string),
})

/** What a member declared: process, endpoint, tags, topology epoch. */
export const StreamsGroupMemberMetadataValue = message({
  name: 'StreamsGroupMemberMetadataValue',
  apiKey: 19,
  versions: '0',
  flexible: '0+',
  shape: {
    instanceId: field('0+', nullable(string)),
    rackId: field('0+', nullable(string)),
    clientId: field('0+', string),
    clientHost: field('0+', string),
    rebalanceTimeoutMs: field('0+', int32, { default: -1 }),
    topologyEpoch: field('0+', int32),
    processId: field('0+', string),
    userEndpoint: field('0+', nullable(Endpoint), { default: null }),
    clientTags: field('0+', array(KeyValue)),
  },
})
export interface StreamsGroupMemberMetadataValue
  extends Infer<typeof StreamsGroupMemberMetadataValue> {}
/**
 * What {@link StreamsGroupMemberMetadataValue} takes for encoding: fields with a default may be
 * left out.
 */
export type StreamsGroupMemberMetadataValueInput = InferInput<
  typeof StreamsGroupMemberMetadataValue
>
