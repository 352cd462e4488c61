import {
  field,
  type Infer,
  type InferInput,
  int32,
  int64,
  message,
  string,
} from '../schema/index.js'

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
export type LegacyOffsetCommitKeyInput = InferInput<typeof LegacyOffsetCommitKey>

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
export type LegacyOffsetCommitValueInput = InferInput<typeof LegacyOffsetCommitValue>
