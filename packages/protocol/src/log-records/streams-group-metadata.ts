import {
  array,
  field,
  type Infer,
  type InferInput,
  int32,
  int64,
  message,
  nullable,
  string,
  struct,
} from '../schema/index.js'

/** Names a Kafka Streams group (KIP-1071). */
export const StreamsGroupMetadataKey = message({
  name: 'StreamsGroupMetadataKey',
  apiKey: 17,
  versions: '0',
  flexible: 'none',
  shape: {
    groupId: field('0+', string),
  },
})
export interface StreamsGroupMetadataKey extends Infer<typeof StreamsGroupMetadataKey> {}
/**
 * What {@link StreamsGroupMetadataKey} takes for encoding: fields with a default may be left out.
 */
export type StreamsGroupMetadataKeyInput = InferInput<typeof StreamsGroupMetadataKey>

const LastAssignmentConfig = struct({
  key: field('0+', string),
  value: field('0+', string),
})

/** The group's epoch, the topology epoch last validated, and what the assignment depended on. */
export const StreamsGroupMetadataValue = message({
  name: 'StreamsGroupMetadataValue',
  apiKey: 17,
  versions: '0',
  flexible: '0+',
  shape: {
    epoch: field('0+', int32),
    metadataHash: field('0+', int64),
    validatedTopologyEpoch: field('0+', int32, { tag: 0, default: -1 }),
    lastAssignmentConfigs: field('0+', nullable(array(LastAssignmentConfig)), { tag: 1 }),
    storedDescriptionTopologyEpoch: field('0+', int32, { tag: 2, default: -1 }),
    failedDescriptionTopologyEpoch: field('0+', int32, { tag: 3, default: -1 }),
  },
})
export interface StreamsGroupMetadataValue extends Infer<typeof StreamsGroupMetadataValue> {}
/**
 * What {@link StreamsGroupMetadataValue} takes for encoding: fields with a default may be left out.
 */
export type StreamsGroupMetadataValueInput = InferInput<typeof StreamsGroupMetadataValue>
