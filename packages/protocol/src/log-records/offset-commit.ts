import {
  field,
  type Infer,
  type InferInput,
  int32,
  int64,
  message,
  string,
  uuid,
} from '../schema/index.js'

/** Names group, topic and partition of a committed position in `__consumer_offsets`. */
export const OffsetCommitKey = message({
  name: 'OffsetCommitKey',
  apiKey: 1,
  versions: '0',
  flexible: 'none',
  shape: {
    group: field('0+', string),
    topic: field('0+', string),
    partition: field('0+', int32),
  },
})
export interface OffsetCommitKey extends Infer<typeof OffsetCommitKey> {}
/** What {@link OffsetCommitKey} takes for encoding: fields with a default may be left out. */
export type OffsetCommitKeyInput = InferInput<typeof OffsetCommitKey>

/**
 * A committed position. Only version 1 has an expiry of its own (retention of the request); 4 adds
 * the topic's id (KIP-848).
 */
export const OffsetCommitValue = message({
  name: 'OffsetCommitValue',
  apiKey: 1,
  versions: '0-4',
  flexible: '4+',
  shape: {
    offset: field('0+', int64),
    leaderEpoch: field('3+', int32, { default: -1, ignorable: true }),
    metadata: field('0+', string),
    commitTimestamp: field('0+', int64),
    expireTimestamp: field('1', int64, { default: -1n, ignorable: true }),
    topicId: field('4+', uuid, { tag: 0, ignorable: true }),
  },
})
export interface OffsetCommitValue extends Infer<typeof OffsetCommitValue> {}
/** What {@link OffsetCommitValue} takes for encoding: fields with a default may be left out. */
export type OffsetCommitValueInput = InferInput<typeof OffsetCommitValue>
