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
} from '../schema/index.js'

export const ApiVersionsRequest = message({
  name: 'ApiVersionsRequest',
  apiKey: 18,
  versions: '0-5',
  flexible: '3+',
  shape: {
    clientSoftwareName: field('3+', string, { ignorable: true }),
    clientSoftwareVersion: field('3+', string, { ignorable: true }),
    clusterId: field('5+', nullable(string), { default: null, ignorable: true }),
    nodeId: field('5+', int32, { default: -1, ignorable: true }),
  },
})
export interface ApiVersionsRequest extends Infer<typeof ApiVersionsRequest> {}
export type ApiVersionsRequestInput = InferInput<typeof ApiVersionsRequest>

const ApiVersion = struct({
  apiKey: field('0+', int16),
  minVersion: field('0+', int16),
  maxVersion: field('0+', int16),
})

const SupportedFeatureKey = struct({
  name: field('0+', string),
  minVersion: field('0+', int16),
  maxVersion: field('0+', int16),
})

const FinalizedFeatureKey = struct({
  name: field('0+', string),
  maxVersionLevel: field('0+', int16),
  minVersionLevel: field('0+', int16),
})

export const ApiVersionsResponse = message({
  name: 'ApiVersionsResponse',
  apiKey: 18,
  versions: '0-5',
  flexible: '3+',
  shape: {
    errorCode: field('0+', int16),
    apiKeys: field('0+', array(ApiVersion)),
    throttleTimeMs: field('1+', int32, { ignorable: true }),
    supportedFeatures: field('3+', array(SupportedFeatureKey), { tag: 0, ignorable: true }),
    finalizedFeaturesEpoch: field('3+', int64, { tag: 1, default: -1n, ignorable: true }),
    finalizedFeatures: field('3+', array(FinalizedFeatureKey), { tag: 2, ignorable: true }),
    zkMigrationReady: field('3+', bool, { tag: 3, default: false, ignorable: true }),
  },
})
export interface ApiVersionsResponse extends Infer<typeof ApiVersionsResponse> {}
export type ApiVersionsResponseInput = InferInput<typeof ApiVersionsResponse>

export const ApiVersions: Api<typeof ApiVersionsRequest, typeof ApiVersionsResponse> = api(
  ApiVersionsRequest,
  ApiVersionsResponse,
)
