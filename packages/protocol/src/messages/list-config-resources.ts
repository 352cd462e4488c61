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

export const ListConfigResourcesRequest = message({
  name: 'ListConfigResourcesRequest',
  apiKey: 74,
  versions: '0-1',
  flexible: '0+',
  shape: {
    resourceTypes: field('1+', array(int8)),
  },
})
export interface ListConfigResourcesRequest extends Infer<typeof ListConfigResourcesRequest> {}
export type ListConfigResourcesRequestInput = InferInput<typeof ListConfigResourcesRequest>

const ConfigResource = struct({
  resourceName: field('0+', string),
  resourceType: field('1+', int8, { default: 16, ignorable: true }),
})

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
export type ListConfigResourcesResponseInput = InferInput<typeof ListConfigResourcesResponse>

export const ListClientMetricsResourcesRequest = message({
  name: 'ListClientMetricsResourcesRequest',
  apiKey: 74,
  versions: '0',
  flexible: '0+',
  shape: {},
})
export interface ListClientMetricsResourcesRequest
  extends Infer<typeof ListClientMetricsResourcesRequest> {}
export type ListClientMetricsResourcesRequestInput = InferInput<
  typeof ListClientMetricsResourcesRequest
>

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
export type ListClientMetricsResourcesResponseInput = InferInput<
  typeof ListClientMetricsResourcesResponse
>

export const ListConfigResources: Api<
  typeof ListConfigResourcesRequest,
  typeof ListConfigResourcesResponse
> = api(ListConfigResourcesRequest, ListConfigResourcesResponse)
