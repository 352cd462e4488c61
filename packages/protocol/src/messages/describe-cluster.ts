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

/**
 * Describes brokers, or controllers when asked at a controller (KIP-700, KIP-919). Version 2 can
 * show fenced brokers (KIP-1073).
 */
export const DescribeClusterRequest = message({
  name: 'DescribeClusterRequest',
  apiKey: 60,
  versions: '0-2',
  flexible: '0+',
  shape: {
    includeClusterAuthorizedOperations: field('0+', bool),
    /** 1 brokers, 2 controllers. */
    endpointType: field('1+', int8, { default: 1 }),
    includeFencedBrokers: field('2+', bool),
  },
})
export interface DescribeClusterRequest extends Infer<typeof DescribeClusterRequest> {}
/**
 * What {@link DescribeClusterRequest} takes for encoding: fields with a default may be left out.
 */
export type DescribeClusterRequestInput = InferInput<typeof DescribeClusterRequest>

const DescribeClusterBroker = struct({
  brokerId: field('0+', int32),
  host: field('0+', string),
  port: field('0+', int32),
  rack: field('0+', nullable(string), { default: null }),
  isFenced: field('2+', bool),
})

/** Addresses, the controller, and what the caller may do. */
export const DescribeClusterResponse = message({
  name: 'DescribeClusterResponse',
  apiKey: 60,
  versions: '0-2',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    errorMessage: field('0+', nullable(string), { default: null }),
    endpointType: field('1+', int8, { default: 1 }),
    clusterId: field('0+', string),
    controllerId: field('0+', int32, { default: -1 }),
    brokers: field('0+', array(DescribeClusterBroker)),
    clusterAuthorizedOperations: field('0+', int32, { default: -2147483648 }),
  },
})
export interface DescribeClusterResponse extends Infer<typeof DescribeClusterResponse> {}
/**
 * What {@link DescribeClusterResponse} takes for encoding: fields with a default may be left out.
 */
export type DescribeClusterResponseInput = InferInput<typeof DescribeClusterResponse>

/** API 60: describes brokers, or controllers when asked at a controller (KIP-700, KIP-919). */
export const DescribeCluster: Api<typeof DescribeClusterRequest, typeof DescribeClusterResponse> =
  api(DescribeClusterRequest, DescribeClusterResponse)
