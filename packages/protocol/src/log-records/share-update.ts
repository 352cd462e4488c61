import {
  array,
  field,
  type Infer,
  type InferInput,
  int8,
  int16,
  int32,
  int64,
  message,
  string,
  struct,
  uuid,
} from '../schema/index.js'

/** Names a share partition and a change of its durable state. */
export const ShareUpdateKey = message({
  name: 'ShareUpdateKey',
  apiKey: 1,
  versions: '0',
  flexible: 'none',
  shape: {
    groupId: field('0+', string),
    topicId: field('0+', uuid),
    partition: field('0+', int32),
  },
})
export interface ShareUpdateKey extends Infer<typeof ShareUpdateKey> {}
/** What {@link ShareUpdateKey} takes for encoding: fields with a default may be left out. */
export type ShareUpdateKeyInput = InferInput<typeof ShareUpdateKey>

const StateBatch = struct({
  firstOffset: field('0+', int64),
  lastOffset: field('0+', int64),
  deliveryState: field('0+', int8),
  deliveryCount: field('0+', int16),
})

/** What changed since the snapshot of the same snapshotEpoch. */
export const ShareUpdateValue = message({
  name: 'ShareUpdateValue',
  apiKey: 1,
  versions: '0',
  flexible: '0+',
  shape: {
    snapshotEpoch: field('0+', int32),
    leaderEpoch: field('0+', int32),
    startOffset: field('0+', int64),
    deliveryCompleteCount: field('0+', int32, { tag: 0, default: -1 }),
    stateBatches: field('0+', array(StateBatch)),
  },
})
export interface ShareUpdateValue extends Infer<typeof ShareUpdateValue> {}
/** What {@link ShareUpdateValue} takes for encoding: fields with a default may be left out. */
export type ShareUpdateValueInput = InferInput<typeof ShareUpdateValue>
