import {
  type Api,
  api,
  array,
  bool,
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  int64,
  message,
  nullable,
  string,
  struct,
  uuid,
} from '../schema/index.js'

const OffsetFetchRequestTopic = struct({
  name: field('0+', string),
  partitionIndexes: field('0+', array(int32)),
})

const OffsetFetchRequestTopics = struct({
  name: field('8-9', string, { ignorable: true }),
  topicId: field('10+', uuid, { ignorable: true }),
  partitionIndexes: field('0+', array(int32)),
})

const OffsetFetchRequestGroup = struct({
  groupId: field('0+', string),
  memberId: field('9+', nullable(string), { default: null, ignorable: true }),
  memberEpoch: field('9+', int32, { default: -1, ignorable: true }),
  topics: field('0+', nullable(array(OffsetFetchRequestTopics))),
})

/**
 * Reads committed positions of a group, of several groups from version 8 on (KIP-709). Null topics
 * mean all. Version 7 can insist on positions that no open transaction may change (KIP-447); 9
 * carries member and epoch (KIP-848); 10 topic ids.
 */
export const OffsetFetchRequest = message({
  name: 'OffsetFetchRequest',
  apiKey: 9,
  versions: '0-10',
  flexible: '6+',
  shape: {
    groupId: field('0-7', string),
    topics: field('0-7', nullable(array(OffsetFetchRequestTopic), '2-7')),
    groups: field('8+', array(OffsetFetchRequestGroup)),
    /**
     * Answer UNSTABLE_OFFSET_COMMIT instead of an offset that a pending transaction may replace.
     */
    requireStable: field('7+', bool, { default: false }),
  },
})
export interface OffsetFetchRequest extends Infer<typeof OffsetFetchRequest> {}
/** What {@link OffsetFetchRequest} takes for encoding: fields with a default may be left out. */
export type OffsetFetchRequestInput = InferInput<typeof OffsetFetchRequest>

const OffsetFetchResponsePartition = struct({
  partitionIndex: field('0+', int32),
  committedOffset: field('0+', int64),
  committedLeaderEpoch: field('5-7', int32, { default: -1, ignorable: true }),
  metadata: field('0+', nullable(string)),
  errorCode: field('0+', int16),
})

const OffsetFetchResponseTopic = struct({
  name: field('0+', string),
  partitions: field('0+', array(OffsetFetchResponsePartition)),
})

const OffsetFetchResponsePartitions = struct({
  partitionIndex: field('0+', int32),
  committedOffset: field('0+', int64),
  committedLeaderEpoch: field('0+', int32, { default: -1, ignorable: true }),
  metadata: field('0+', nullable(string)),
  errorCode: field('0+', int16),
})

const OffsetFetchResponseTopics = struct({
  name: field('8-9', string, { ignorable: true }),
  topicId: field('10+', uuid, { ignorable: true }),
  partitions: field('0+', array(OffsetFetchResponsePartitions)),
})

const OffsetFetchResponseGroup = struct({
  groupId: field('0+', string),
  topics: field('0+', array(OffsetFetchResponseTopics)),
  errorCode: field('0+', int16, { default: 0 }),
})

/** Committed positions; offset -1 where nothing was committed. */
export const OffsetFetchResponse = message({
  name: 'OffsetFetchResponse',
  apiKey: 9,
  versions: '0-10',
  flexible: '6+',
  shape: {
    throttleTimeMs: field('3+', int32, { ignorable: true }),
    topics: field('0-7', array(OffsetFetchResponseTopic)),
    errorCode: field('2-7', int16, { default: 0, ignorable: true }),
    groups: field('8+', array(OffsetFetchResponseGroup)),
  },
})
export interface OffsetFetchResponse extends Infer<typeof OffsetFetchResponse> {}
/** What {@link OffsetFetchResponse} takes for encoding: fields with a default may be left out. */
export type OffsetFetchResponseInput = InferInput<typeof OffsetFetchResponse>

/** API 9: reads committed positions of a group, of several groups from version 8 on (KIP-709). */
export const OffsetFetch: Api<typeof OffsetFetchRequest, typeof OffsetFetchResponse> = api(
  OffsetFetchRequest,
  OffsetFetchResponse,
)
