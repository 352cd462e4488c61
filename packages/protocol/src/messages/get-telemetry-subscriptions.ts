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
  message,
  string,
  uuid,
} from '../schema/index.js'

export const GetTelemetrySubscriptionsRequest = message({
  name: 'GetTelemetrySubscriptionsRequest',
  apiKey: 71,
  versions: '0',
  flexible: '0+',
  shape: {
    clientInstanceId: field('0+', uuid),
  },
})
export interface GetTelemetrySubscriptionsRequest
  extends Infer<typeof GetTelemetrySubscriptionsRequest> {}
export type GetTelemetrySubscriptionsRequestInput = InferInput<
  typeof GetTelemetrySubscriptionsRequest
>

export const GetTelemetrySubscriptionsResponse = message({
  name: 'GetTelemetrySubscriptionsResponse',
  apiKey: 71,
  versions: '0',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    clientInstanceId: field('0+', uuid),
    subscriptionId: field('0+', int32),
    acceptedCompressionTypes: field('0+', array(int8)),
    pushIntervalMs: field('0+', int32),
    telemetryMaxBytes: field('0+', int32),
    deltaTemporality: field('0+', bool),
    requestedMetrics: field('0+', array(string)),
  },
})
export interface GetTelemetrySubscriptionsResponse
  extends Infer<typeof GetTelemetrySubscriptionsResponse> {}
export type GetTelemetrySubscriptionsResponseInput = InferInput<
  typeof GetTelemetrySubscriptionsResponse
>

export const GetTelemetrySubscriptions: Api<
  typeof GetTelemetrySubscriptionsRequest,
  typeof GetTelemetrySubscriptionsResponse
> = api(GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse)
