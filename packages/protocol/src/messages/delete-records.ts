import {
  type Api,
  api,
  array,
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  int64,
  message,
  string,
  struct,
} from '../schema/index.js'

const DeleteRecordsPartition = struct({
  partitionIndex: field('0+', int32),
  /** First offset to keep; -1 deletes up to the high watermark. */
  offset: field('0+', int64),
})

const DeleteRecordsTopic = struct({
  name: field('0+', string),
  partitions: field('0+', array(DeleteRecordsPartition)),
})

/** Deletes the records of partitions before an offset (KIP-107); sent to the leaders. */
export const DeleteRecordsRequest = message({
  name: 'DeleteRecordsRequest',
  apiKey: 21,
  versions: '0-2',
  flexible: '2+',
  shape: {
    topics: field('0+', array(DeleteRecordsTopic)),
    timeoutMs: field('0+', int32),
  },
})
export interface DeleteRecordsRequest extends Infer<typeof DeleteRecordsRequest> {}
/** What {@link DeleteRecordsRequest} takes for encoding: fields with a default may be left out. */
export type DeleteRecordsRequestInput = InferInput<typeof DeleteRecordsRequest>

const DeleteRecordsPartitionResult = struct({
  partitionIndex: field('0+', int32),
  lowWatermark: field('0+', int64),
  errorCode: field('0+', int16),
})

const DeleteRecordsTopicResult = struct({
  name: field('0+', string),
  partitions: field('0+', array(DeleteRecordsPartitionResult)),
})

/** The new start of each log. */
export const DeleteRecordsResponse = message({
  name: 'DeleteRecordsResponse',
  apiKey: 21,
  versions: '0-2',
  flexible: '2+',
  shape: {
    throttleTimeMs: field('0+', int32),
    topics: field('0+', array(DeleteRecordsTopicResult)),
  },
})
export interface DeleteRecordsResponse extends Infer<typeof DeleteRecordsResponse> {}
/** What {@link DeleteRecordsResponse} takes for encoding: fields with a default may be left out. */
export type DeleteRecordsResponseInput = InferInput<typeof DeleteRecordsResponse>

/** API 21: deletes the records of partitions before an offset (KIP-107). */
export const DeleteRecords: Api<typeof DeleteRecordsRequest, typeof DeleteRecordsResponse> = api(
  DeleteRecordsRequest,
  DeleteRecordsResponse,
)
