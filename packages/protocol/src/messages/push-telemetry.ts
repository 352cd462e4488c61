import {
  type Api,
  api,
  bool,
  bytes,
  field,
  type Infer,
  type InferInput,
  int8,
  int16,
  int32,
  message,
  uuid,
} from '../schema/index.js'

/** Pushes client metrics in the OpenTelemetry format (KIP-714). */
export const PushTelemetryRequest = message({
  name: 'PushTelemetryRequest',
  apiKey: 72,
  versions: '0',
  flexible: '0+',
  shape: {
    clientInstanceId: field('0+', uuid),
    subscriptionId: field('0+', int32),
    terminating: field('0+', bool),
    compressionType: field('0+', int8),
    metrics: field('0+', bytes),
  },
})
export interface PushTelemetryRequest extends Infer<typeof PushTelemetryRequest> {}
/** What {@link PushTelemetryRequest} takes for encoding: fields with a default may be left out. */
export type PushTelemetryRequestInput = InferInput<typeof PushTelemetryRequest>

/** Whether the metrics were taken; the throttle time must be kept. */
export const PushTelemetryResponse = message({
  name: 'PushTelemetryResponse',
  apiKey: 72,
  versions: '0',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
  },
})
export interface PushTelemetryResponse extends Infer<typeof PushTelemetryResponse> {}
/** What {@link PushTelemetryResponse} takes for encoding: fields with a default may be left out. */
export type PushTelemetryResponseInput = InferInput<typeof PushTelemetryResponse>

/** API 72: pushes client metrics in the OpenTelemetry format (KIP-714). */
export const PushTelemetry: Api<typeof PushTelemetryRequest, typeof PushTelemetryResponse> = api(
  PushTelemetryRequest,
  PushTelemetryResponse,
)
