import {
  field,
  type Infer,
  type InferInput,
  int32,
  int64,
  message,
  string,
} from '../schema/index.js'

/**
 * A committed position in the oldest form of `__consumer_offsets`, of before Kafka 0.9; still read,
 * never written.
 */
export const LegacyOffsetCommitKey = message({
  name: 'LegacyOffsetCommitKey',
  apiKey: 0,
  versions: '0',
  flexible: 'none',
  shape: {
    group: field('0+', string),
    topic: field('0+', string),
    partition: field('0+', int32),
  },
})
export interface LegacyOffsetCommitKey extends Infer<typeof LegacyOffsetCommitKey> {}
/** What {@link LegacyOffsetCommitKey} takes for encoding: fields with a default may be left out. */
export type LegacyOffsetCommitKeyInput = InferInput<typeof LegacyOffsetCommitKey>

/** The position that goes with LegacyOffsetCommitKey. */
export const LegacyOffsetCommitValue = message({
  name: 'LegacyOffsetCommitValue',
  apiKey: 0,
  versions: '0',
  flexible: 'none',
  shape: {
    offset: field('0+', int64),
    metadata: field('0+', string),
    commitTimestamp: field('0+', int64),
  },
})
export interface LegacyOffsetCommitValue extends Infer<typeof LegacyOffsetCommitValue> {}
/**
 * What {@link LegacyOffsetCommitValue} takes for encoding: fields with a default may be left out.
 */
export type LegacyOffsetCommitValueInput = InferInput<typeof LegacyOffsetCommitValue>
