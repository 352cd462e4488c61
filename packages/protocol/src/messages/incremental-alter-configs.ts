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
  /** 0 set, 1 delete, 2 append, 3 subtract; the last two for lists. */
  configOperation: field('0+', int8),
  value: field('0+', nullable(string)),
})

const AlterConfigsResource = struct({
  resourceType: field('0+', int8),
  resourceName: field('0+', string),
  configs: field('0+', array(AlterableConfig)),
})

/** Sets, deletes, appends to or subtracts from single configs (KIP-339). */
export const IncrementalAlterConfigsRequest = message({
  name: 'IncrementalAlterConfigsRequest',
  apiKey: 44,
  versions: '0-1',
  flexible: '1+',
  shape: {
    resources: field('0+', array(AlterConfigsResource)),
    validateOnly: field('0+', bool),
  },
})
export interface IncrementalAlterConfigsRequest
  extends Infer<typeof IncrementalAlterConfigsRequest> {}
/**
 * What {@link IncrementalAlterConfigsRequest} takes for encoding: fields with a default may be left
 * out.
 */
export type IncrementalAlterConfigsRequestInput = InferInput<typeof IncrementalAlterConfigsRequest>

const AlterConfigsResourceResponse = struct({
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string)),
  resourceType: field('0+', int8),
  resourceName: field('0+', string),
})

/** Result per resource. */
export const IncrementalAlterConfigsResponse = message({
  name: 'IncrementalAlterConfigsResponse',
  apiKey: 44,
  versions: '0-1',
  flexible: '1+',
  shape: {
    throttleTimeMs: field('0+', int32),
    responses: field('0+', array(AlterConfigsResourceResponse)),
  },
})
export interface IncrementalAlterConfigsResponse
  extends Infer<typeof IncrementalAlterConfigsResponse> {}
/**
 * What {@link IncrementalAlterConfigsResponse} takes for encoding: fields with a default may be
 * left out.
 */
export type IncrementalAlterConfigsResponseInput = InferInput<
  typeof IncrementalAlterConfigsResponse
>

/** API 44: sets, deletes, appends to or subtracts from single configs (KIP-339). */
export const IncrementalAlterConfigs: Api<
  typeof IncrementalAlterConfigsRequest,
  typeof IncrementalAlterConfigsResponse
> = api(IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse)
