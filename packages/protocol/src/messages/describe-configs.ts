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

const DescribeConfigsResource = struct({
  resourceType: field('0+', int8),
  resourceName: field('0+', string),
  configurationKeys: field('0+', nullable(array(string))),
})

export const DescribeConfigsRequest = message({
  name: 'DescribeConfigsRequest',
  apiKey: 32,
  versions: '0-4',
  flexible: '4+',
  shape: {
    resources: field('0+', array(DescribeConfigsResource)),
    includeSynonyms: field('1+', bool, { default: false }),
    includeDocumentation: field('3+', bool, { default: false }),
  },
})
export interface DescribeConfigsRequest extends Infer<typeof DescribeConfigsRequest> {}
export type DescribeConfigsRequestInput = InferInput<typeof DescribeConfigsRequest>

const DescribeConfigsSynonym = struct({
  name: field('0+', string),
  value: field('0+', nullable(string)),
  source: field('0+', int8),
})

const DescribeConfigsResourceResult = struct({
  name: field('0+', string),
  value: field('0+', nullable(string)),
  readOnly: field('0+', bool),
  isDefault: field('0', bool),
  configSource: field('1+', int8, { default: -1, ignorable: true }),
  isSensitive: field('0+', bool),
  synonyms: field('1+', array(DescribeConfigsSynonym), { ignorable: true }),
  configType: field('3+', int8, { default: 0, ignorable: true }),
  documentation: field('3+', nullable(string), { ignorable: true }),
})

const DescribeConfigsResult = struct({
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string)),
  resourceType: field('0+', int8),
  resourceName: field('0+', string),
  configs: field('0+', array(DescribeConfigsResourceResult)),
})

export const DescribeConfigsResponse = message({
  name: 'DescribeConfigsResponse',
  apiKey: 32,
  versions: '0-4',
  flexible: '4+',
  shape: {
    throttleTimeMs: field('0+', int32),
    results: field('0+', array(DescribeConfigsResult)),
  },
})
export interface DescribeConfigsResponse extends Infer<typeof DescribeConfigsResponse> {}
export type DescribeConfigsResponseInput = InferInput<typeof DescribeConfigsResponse>

export const DescribeConfigs: Api<typeof DescribeConfigsRequest, typeof DescribeConfigsResponse> =
  api(DescribeConfigsRequest, DescribeConfigsResponse)
