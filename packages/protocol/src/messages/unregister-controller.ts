import {
  type Api,
  api,
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  message,
  nullable,
  string,
} from '../schema/index.js'

/** Removes a controller that is gone for good from the cluster's metadata. */
export const UnregisterControllerRequest = message({
  name: 'UnregisterControllerRequest',
  apiKey: 94,
  versions: '0',
  flexible: '0+',
  shape: {
    controllerId: field('0+', int32),
  },
})
export interface UnregisterControllerRequest extends Infer<typeof UnregisterControllerRequest> {}
/**
 * What {@link UnregisterControllerRequest} takes for encoding: fields with a default may be left
 * out.
 */
export type UnregisterControllerRequestInput = InferInput<typeof UnregisterControllerRequest>

/** Whether the controller was removed. */
export const UnregisterControllerResponse = message({
  name: 'UnregisterControllerResponse',
  apiKey: 94,
  versions: '0',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    errorMessage: field('0+', nullable(string)),
  },
})
export interface UnregisterControllerResponse extends Infer<typeof UnregisterControllerResponse> {}
/**
 * What {@link UnregisterControllerResponse} takes for encoding: fields with a default may be left
 * out.
 */
export type UnregisterControllerResponseInput = InferInput<typeof UnregisterControllerResponse>

/** API 94: removes a controller that is gone for good from the cluster's metadata. */
export const UnregisterController: Api<
  typeof UnregisterControllerRequest,
  typeof UnregisterControllerResponse
> = api(UnregisterControllerRequest, UnregisterControllerResponse)
