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
  /** 2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group. */
  resourceType: field('0+', int8),
  resourceName: field('0+', string),
  /** Null: all keys. */
  configurationKeys: field('0+', nullable(array(string))),
})

/**
 * Reads configs of topics, brokers, loggers, groups or client metrics (KIP-133). Version 1 adds
 * synonyms (KIP-226), 3 types and documentation (KIP-569).
 */
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
/**
 * What {@link DescribeConfigsRequest} takes for encoding: fields with a default may be left out.
 */
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
  /**
   * 1 topic, 2 dynamic broker, 3 dynamic default broker, 4 static broker, 5 default, 6 broker
   * logger, 7 client metrics, 8 group.
   */
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

/** Values with their source; sensitive values are null. */
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
/**
 * What {@link DescribeConfigsResponse} takes for encoding: fields with a default may be left out.
 */
export type DescribeConfigsResponseInput = InferInput<typeof DescribeConfigsResponse>

/** API 32: reads configs of topics, brokers, loggers, groups or client metrics (KIP-133). */
export const DescribeConfigs: Api<typeof DescribeConfigsRequest, typeof DescribeConfigsResponse> =
  api(DescribeConfigsRequest, DescribeConfigsResponse)
