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

/**
 * Asks which versions of which APIs a broker speaks; the first request on every connection
 * (KIP-35). Version 3 names the client software (KIP-511); 5 names the cluster and node the client
 * means to reach (KIP-1242).
 */
export const ApiVersionsRequest = message({
  name: 'ApiVersionsRequest',
  apiKey: 18,
  versions: '0-5',
  flexible: '3+',
  shape: {
    /** Must match `[a-zA-Z0-9]([a-zA-Z0-9\-.]*[a-zA-Z0-9])?`, as must the version. */
    clientSoftwareName: field('3+', string, { ignorable: true }),
    clientSoftwareVersion: field('3+', string, { ignorable: true }),
    clusterId: field('5+', nullable(string), { default: null, ignorable: true }),
    nodeId: field('5+', int32, { default: -1, ignorable: true }),
  },
})
export interface ApiVersionsRequest extends Infer<typeof ApiVersionsRequest> {}
/** What {@link ApiVersionsRequest} takes for encoding: fields with a default may be left out. */
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

/**
 * Ranges of versions by API key and, from version 3 on, features of the cluster (KIP-584). A broker
 * that lacks the request's version answers in version 0 with error 35, so its header never changes.
 */
export const ApiVersionsResponse = message({
  name: 'ApiVersionsResponse',
  apiKey: 18,
  versions: '0-5',
  flexible: '3+',
  shape: {
    errorCode: field('0+', int16),
    apiKeys: field('0+', array(ApiVersion)),
    throttleTimeMs: field('1+', int32, { ignorable: true }),
    /** Feature levels this broker could run. */
    supportedFeatures: field('3+', array(SupportedFeatureKey), { tag: 0, ignorable: true }),
    finalizedFeaturesEpoch: field('3+', int64, { tag: 1, default: -1n, ignorable: true }),
    /** Feature levels the cluster runs, valid at finalizedFeaturesEpoch. */
    finalizedFeatures: field('3+', array(FinalizedFeatureKey), { tag: 2, ignorable: true }),
    zkMigrationReady: field('3+', bool, { tag: 3, default: false, ignorable: true }),
  },
})
export interface ApiVersionsResponse extends Infer<typeof ApiVersionsResponse> {}
/** What {@link ApiVersionsResponse} takes for encoding: fields with a default may be left out. */
export type ApiVersionsResponseInput = InferInput<typeof ApiVersionsResponse>

/** API 18: asks which versions of which APIs a broker speaks. */
export const ApiVersions: Api<typeof ApiVersionsRequest, typeof ApiVersionsResponse> = api(
  ApiVersionsRequest,
  ApiVersionsResponse,
)
