import {
  type Api,
  api,
  array,
  field,
  type Infer,
  type InferInput,
  int8,
  int16,
  int32,
  message,
  string,
  struct,
} from '../schema/index.js'

/**
 * Lists resources that have configs of their own (KIP-1142). Version 0, then named
 * ListClientMetricsResources, lists client metrics subscriptions only.
 */
export const ListConfigResourcesRequest = message({
  name: 'ListConfigResourcesRequest',
  apiKey: 74,
  versions: '0-1',
  flexible: '0+',
  shape: {
    /** Empty: all types that the broker supports. */
    resourceTypes: field('1+', array(int8)),
  },
})
export interface ListConfigResourcesRequest extends Infer<typeof ListConfigResourcesRequest> {}
/**
 * What {@link ListConfigResourcesRequest} takes for encoding: fields with a default may be left
 * out.
 */
export type ListConfigResourcesRequestInput = InferInput<typeof ListConfigResourcesRequest>

const ConfigResource = struct({
  resourceName: field('0+', string),
  resourceType: field('1+', int8, { default: 16, ignorable: true }),
})

/** Names and types of resources. */
export const ListConfigResourcesResponse = message({
  name: 'ListConfigResourcesResponse',
  apiKey: 74,
  versions: '0-1',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    configResources: field('0+', array(ConfigResource)),
  },
})
export interface ListConfigResourcesResponse extends Infer<typeof ListConfigResourcesResponse> {}
/**
 * What {@link ListConfigResourcesResponse} takes for encoding: fields with a default may be left
 * out.
 */
export type ListConfigResourcesResponseInput = InferInput<typeof ListConfigResourcesResponse>

/**
 * Version 0 of key 74 under the name it had until Kafka 4.1 (KIP-1000); the bytes are those of
 * ListConfigResourcesRequest v0.
 */
export const ListClientMetricsResourcesRequest = message({
  name: 'ListClientMetricsResourcesRequest',
  apiKey: 74,
  versions: '0',
  flexible: '0+',
  shape: {},
})
export interface ListClientMetricsResourcesRequest
  extends Infer<typeof ListClientMetricsResourcesRequest> {}
/**
 * What {@link ListClientMetricsResourcesRequest} takes for encoding: fields with a default may be
 * left out.
 */
export type ListClientMetricsResourcesRequestInput = InferInput<
  typeof ListClientMetricsResourcesRequest
>

/** Names of client metrics subscriptions; the bytes are those of ListConfigResourcesResponse v0. */
export const ListClientMetricsResourcesResponse = message({
  name: 'ListClientMetricsResourcesResponse',
  apiKey: 74,
  versions: '0',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    clientMetricsResources: field('0+', array(struct({ name: field('0+', string) }))),
  },
})
export interface ListClientMetricsResourcesResponse
  extends Infer<typeof ListClientMetricsResourcesResponse> {}
/**
 * What {@link ListClientMetricsResourcesResponse} takes for encoding: fields with a default may be
 * left out.
 */
export type ListClientMetricsResourcesResponseInput = InferInput<
  typeof ListClientMetricsResourcesResponse
>

/** API 74: lists resources that have configs of their own (KIP-1142). */
export const ListConfigResources: Api<
  typeof ListConfigResourcesRequest,
  typeof ListConfigResourcesResponse
> = api(ListConfigResourcesRequest, ListConfigResourcesResponse)
