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

/**
 * Names a share partition and the start of its durable state in `__share_group_state` (KIP-932).
 */
export const ShareSnapshotKey = message({
  name: 'ShareSnapshotKey',
  apiKey: 0,
  versions: '0',
  flexible: 'none',
  shape: {
    groupId: field('0+', string),
    topicId: field('0+', uuid),
    partition: field('0+', int32),
  },
})
export interface ShareSnapshotKey extends Infer<typeof ShareSnapshotKey> {}
/** What {@link ShareSnapshotKey} takes for encoding: fields with a default may be left out. */
export type ShareSnapshotKeyInput = InferInput<typeof ShareSnapshotKey>

const StateBatch = struct({
  firstOffset: field('0+', int64),
  lastOffset: field('0+', int64),
  deliveryState: field('0+', int8),
  deliveryCount: field('0+', int16),
})

/** The whole durable state of a share partition. */
export const ShareSnapshotValue = message({
  name: 'ShareSnapshotValue',
  apiKey: 0,
  versions: '0',
  flexible: '0+',
  shape: {
    snapshotEpoch: field('0+', int32),
    stateEpoch: field('0+', int32),
    leaderEpoch: field('0+', int32),
    startOffset: field('0+', int64),
    deliveryCompleteCount: field('0+', int32, { tag: 0, default: -1 }),
    createTimestamp: field('0+', int64),
    writeTimestamp: field('0+', int64),
    stateBatches: field('0+', array(StateBatch)),
  },
})
export interface ShareSnapshotValue extends Infer<typeof ShareSnapshotValue> {}
/** What {@link ShareSnapshotValue} takes for encoding: fields with a default may be left out. */
export type ShareSnapshotValueInput = InferInput<typeof ShareSnapshotValue>
