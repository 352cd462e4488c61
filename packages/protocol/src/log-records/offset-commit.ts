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
export type OffsetCommitKeyInput = InferInput<typeof OffsetCommitKey>

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
export type OffsetCommitValueInput = InferInput<typeof OffsetCommitValue>
