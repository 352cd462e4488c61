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

const DescribableLogDirTopic = struct({
  topic: field('0+', string),
  partitions: field('0+', array(int32)),
})

/**
 * Asks a broker for its log directories and the size of replicas in them (KIP-113). Version 4 adds
 * disk space (KIP-827).
 */
export const DescribeLogDirsRequest = message({
  name: 'DescribeLogDirsRequest',
  apiKey: 35,
  versions: '0-5',
  flexible: '2+',
  shape: {
    topics: field('0+', nullable(array(DescribableLogDirTopic))),
  },
})
export interface DescribeLogDirsRequest extends Infer<typeof DescribeLogDirsRequest> {}
/**
 * What {@link DescribeLogDirsRequest} takes for encoding: fields with a default may be left out.
 */
export type DescribeLogDirsRequestInput = InferInput<typeof DescribeLogDirsRequest>

const DescribeLogDirsPartition = struct({
  partitionIndex: field('0+', int32),
  partitionSize: field('0+', int64),
  offsetLag: field('0+', int64),
  /** The replica is a copy on its way to this directory. */
  isFutureKey: field('0+', bool),
})

const DescribeLogDirsTopic = struct({
  name: field('0+', string),
  partitions: field('0+', array(DescribeLogDirsPartition)),
})

const DescribeLogDirsResult = struct({
  errorCode: field('0+', int16),
  logDir: field('0+', string),
  topics: field('0+', array(DescribeLogDirsTopic)),
  totalBytes: field('4+', int64, { default: -1n, ignorable: true }),
  usableBytes: field('4+', int64, { default: -1n, ignorable: true }),
  isCordoned: field('5+', bool, { default: false, ignorable: true }),
})

/**
 * Directories with their replicas. Version 5 says which are cordoned, i.e. get no new replicas
 * (KIP-1066).
 */
export const DescribeLogDirsResponse = message({
  name: 'DescribeLogDirsResponse',
  apiKey: 35,
  versions: '0-5',
  flexible: '2+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('3+', int16, { ignorable: true }),
    results: field('0+', array(DescribeLogDirsResult)),
  },
})
export interface DescribeLogDirsResponse extends Infer<typeof DescribeLogDirsResponse> {}
/**
 * What {@link DescribeLogDirsResponse} takes for encoding: fields with a default may be left out.
 */
export type DescribeLogDirsResponseInput = InferInput<typeof DescribeLogDirsResponse>

/** API 35: asks a broker for its log directories and the size of replicas in them (KIP-113). */
export const DescribeLogDirs: Api<typeof DescribeLogDirsRequest, typeof DescribeLogDirsResponse> =
  api(DescribeLogDirsRequest, DescribeLogDirsResponse)
