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
  nullable,
  string,
  struct,
} from '../schema/index.js'

const AlterableConfig = struct({
  name: field('0+', string),
  value: field('0+', nullable(string)),
})

const AlterConfigsResource = struct({
  resourceType: field('0+', int8),
  resourceName: field('0+', string),
  configs: field('0+', array(AlterableConfig)),
})

/**
 * Replaces all configs of a resource (KIP-133). IncrementalAlterConfigs changes single keys and has
 * superseded it.
 */
export const AlterConfigsRequest = message({
  name: 'AlterConfigsRequest',
  apiKey: 33,
  versions: '0-2',
  flexible: '2+',
  shape: {
    resources: field('0+', array(AlterConfigsResource)),
    validateOnly: field('0+', bool),
  },
})
export interface AlterConfigsRequest extends Infer<typeof AlterConfigsRequest> {}
/** What {@link AlterConfigsRequest} takes for encoding: fields with a default may be left out. */
export type AlterConfigsRequestInput = InferInput<typeof AlterConfigsRequest>

const AlterConfigsResourceResponse = struct({
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string)),
  resourceType: field('0+', int8),
  resourceName: field('0+', string),
})

/** Result per resource. */
export const AlterConfigsResponse = message({
  name: 'AlterConfigsResponse',
  apiKey: 33,
  versions: '0-2',
  flexible: '2+',
  shape: {
    throttleTimeMs: field('0+', int32),
    responses: field('0+', array(AlterConfigsResourceResponse)),
  },
})
export interface AlterConfigsResponse extends Infer<typeof AlterConfigsResponse> {}
/** What {@link AlterConfigsResponse} takes for encoding: fields with a default may be left out. */
export type AlterConfigsResponseInput = InferInput<typeof AlterConfigsResponse>

/** API 33: replaces all configs of a resource (KIP-133). */
export const AlterConfigs: Api<typeof AlterConfigsRequest, typeof AlterConfigsResponse> = api(
  AlterConfigsRequest,
  AlterConfigsResponse,
)
