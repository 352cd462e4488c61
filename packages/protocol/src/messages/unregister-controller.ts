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
export type UnregisterControllerRequestInput = InferInput<typeof UnregisterControllerRequest>

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
export type UnregisterControllerResponseInput = InferInput<typeof UnregisterControllerResponse>

export const UnregisterController: Api<
  typeof UnregisterControllerRequest,
  typeof UnregisterControllerResponse
> = api(UnregisterControllerRequest, UnregisterControllerResponse)
