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

/**
 * Asked a ZooKeeper-era controller to move leadership away before a broker stops; removed in Kafka
 * 4.0. Version 0 has a request header of its own, without client id.
 */
export const ControlledShutdownRequest = message({
  name: 'ControlledShutdownRequest',
  apiKey: 7,
  versions: '0-3',
  flexible: '3+',
  shape: {
    brokerId: field('0+', int32),
    brokerEpoch: field('2+', int64, { default: -1n, ignorable: true }),
  },
})
export interface ControlledShutdownRequest extends Infer<typeof ControlledShutdownRequest> {}
/**
 * What {@link ControlledShutdownRequest} takes for encoding: fields with a default may be left out.
 */
export type ControlledShutdownRequestInput = InferInput<typeof ControlledShutdownRequest>

const RemainingPartition = struct({
  topicName: field('0+', string),
  partitionIndex: field('0+', int32),
})

/** Partitions that the broker still leads. */
export const ControlledShutdownResponse = message({
  name: 'ControlledShutdownResponse',
  apiKey: 7,
  versions: '0-3',
  flexible: '3+',
  shape: {
    errorCode: field('0+', int16),
    remainingPartitions: field('0+', array(RemainingPartition)),
  },
})
export interface ControlledShutdownResponse extends Infer<typeof ControlledShutdownResponse> {}
/**
 * What {@link ControlledShutdownResponse} takes for encoding: fields with a default may be left
 * out.
 */
export type ControlledShutdownResponseInput = InferInput<typeof ControlledShutdownResponse>

/** API 7: asked a ZooKeeper-era controller to move leadership away before a broker stops. */
export const ControlledShutdown: Api<
  typeof ControlledShutdownRequest,
  typeof ControlledShutdownResponse
> = api(ControlledShutdownRequest, ControlledShutdownResponse)
