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
  offset: field('0+', int64),
})

const DeleteRecordsTopic = struct({
  name: field('0+', string),
  partitions: field('0+', array(DeleteRecordsPartition)),
})

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
export type DeleteRecordsResponseInput = InferInput<typeof DeleteRecordsResponse>

export const DeleteRecords: Api<typeof DeleteRecordsRequest, typeof DeleteRecordsResponse> = api(
  DeleteRecordsRequest,
  DeleteRecordsResponse,
)
