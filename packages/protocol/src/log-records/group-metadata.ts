import {
  array,
  bytes,
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

/** Names a classic group in `__consumer_offsets`. */
export const GroupMetadataKey = message({
  name: 'GroupMetadataKey',
  apiKey: 2,
  versions: '0',
  flexible: 'none',
  shape: {
    group: field('0+', string),
  },
})
export interface GroupMetadataKey extends Infer<typeof GroupMetadataKey> {}
/** What {@link GroupMetadataKey} takes for encoding: fields with a default may be left out. */
export type GroupMetadataKeyInput = InferInput<typeof GroupMetadataKey>

const MemberMetadata = struct({
  memberId: field('0+', string),
  groupInstanceId: field('3+', nullable(string), { default: null, ignorable: true }),
  clientId: field('0+', string),
  clientHost: field('0+', string),
  rebalanceTimeout: field('1+', int32, { default: -1, ignorable: true }),
  sessionTimeout: field('0+', int32),
  subscription: field('0+', bytes),
  assignment: field('0+', bytes),
})

/**
 * A classic group as it was when its last rebalance completed: generation, leader, members with
 * subscriptions and assignments.
 */
export const GroupMetadataValue = message({
  name: 'GroupMetadataValue',
  apiKey: 2,
  versions: '0-4',
  flexible: '4+',
  shape: {
    protocolType: field('0+', string),
    generation: field('0+', int32),
    protocol: field('0+', nullable(string)),
    leader: field('0+', nullable(string)),
    currentStateTimestamp: field('2+', int64, { default: -1n, ignorable: true }),
    members: field('0+', array(MemberMetadata)),
  },
})
export interface GroupMetadataValue extends Infer<typeof GroupMetadataValue> {}
/** What {@link GroupMetadataValue} takes for encoding: fields with a default may be left out. */
export type GroupMetadataValueInput = InferInput<typeof GroupMetadataValue>
