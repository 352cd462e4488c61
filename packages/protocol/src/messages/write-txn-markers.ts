import {
  type Api,
  api,
  array,
  bool,
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
} from '../schema/index.js'

const WritableTxnMarkerTopic = struct({
  name: field('0+', string),
  partitionIndexes: field('0+', array(int32)),
})

const WritableTxnMarker = struct({
  producerId: field('0+', int64),
  producerEpoch: field('0+', int16),
  /** True commits, false aborts. */
  transactionResult: field('0+', bool),
  topics: field('0+', array(WritableTxnMarkerTopic)),
  coordinatorEpoch: field('0+', int32),
  transactionVersion: field('2+', int8, { default: 0, ignorable: true }),
})

/**
 * Writes commit or abort markers into partitions; sent by the transaction coordinator to leaders.
 * Version 2 tells the transaction version (KIP-1228).
 */
export const WriteTxnMarkersRequest = message({
  name: 'WriteTxnMarkersRequest',
  apiKey: 27,
  versions: '0-2',
  flexible: '1+',
  shape: {
    markers: field('0+', array(WritableTxnMarker)),
  },
})
export interface WriteTxnMarkersRequest extends Infer<typeof WriteTxnMarkersRequest> {}
/**
 * What {@link WriteTxnMarkersRequest} takes for encoding: fields with a default may be left out.
 */
export type WriteTxnMarkersRequestInput = InferInput<typeof WriteTxnMarkersRequest>

const WritableTxnMarkerPartitionResult = struct({
  partitionIndex: field('0+', int32),
  errorCode: field('0+', int16),
})

const WritableTxnMarkerTopicResult = struct({
  name: field('0+', string),
  partitions: field('0+', array(WritableTxnMarkerPartitionResult)),
})

const WritableTxnMarkerResult = struct({
  producerId: field('0+', int64),
  topics: field('0+', array(WritableTxnMarkerTopicResult)),
})

/** Result per producer and partition. */
export const WriteTxnMarkersResponse = message({
  name: 'WriteTxnMarkersResponse',
  apiKey: 27,
  versions: '0-2',
  flexible: '1+',
  shape: {
    markers: field('0+', array(WritableTxnMarkerResult)),
  },
})
export interface WriteTxnMarkersResponse extends Infer<typeof WriteTxnMarkersResponse> {}
/**
 * What {@link WriteTxnMarkersResponse} takes for encoding: fields with a default may be left out.
 */
export type WriteTxnMarkersResponseInput = InferInput<typeof WriteTxnMarkersResponse>

/** API 27: writes commit or abort markers into partitions. */
export const WriteTxnMarkers: Api<typeof WriteTxnMarkersRequest, typeof WriteTxnMarkersResponse> =
  api(WriteTxnMarkersRequest, WriteTxnMarkersResponse)
