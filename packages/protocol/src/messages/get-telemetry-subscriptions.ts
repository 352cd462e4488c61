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

/** Asks which client metrics the cluster wants (KIP-714). */
export const GetTelemetrySubscriptionsRequest = message({
  name: 'GetTelemetrySubscriptionsRequest',
  apiKey: 71,
  versions: '0',
  flexible: '0+',
  shape: {
    /** The zero uuid on first contact; the answer assigns one. */
    clientInstanceId: field('0+', uuid),
  },
})
export interface GetTelemetrySubscriptionsRequest
  extends Infer<typeof GetTelemetrySubscriptionsRequest> {}
/**
 * What {@link GetTelemetrySubscriptionsRequest} takes for encoding: fields with a default may be
 * left out.
 */
export type GetTelemetrySubscriptionsRequestInput = InferInput<
  typeof GetTelemetrySubscriptionsRequest
>

/** Metrics to push, how often, compressed how. */
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
    /** Name prefixes; an empty string means all, an empty list none. */
    requestedMetrics: field('0+', array(string)),
  },
})
export interface GetTelemetrySubscriptionsResponse
  extends Infer<typeof GetTelemetrySubscriptionsResponse> {}
/**
 * What {@link GetTelemetrySubscriptionsResponse} takes for encoding: fields with a default may be
 * left out.
 */
export type GetTelemetrySubscriptionsResponseInput = InferInput<
  typeof GetTelemetrySubscriptionsResponse
>

/** API 71: asks which client metrics the cluster wants (KIP-714). */
export const GetTelemetrySubscriptions: Api<
  typeof GetTelemetrySubscriptionsRequest,
  typeof GetTelemetrySubscriptionsResponse
> = api(GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse)
