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
export type DescribeLogDirsRequestInput = InferInput<typeof DescribeLogDirsRequest>

const DescribeLogDirsPartition = struct({
  partitionIndex: field('0+', int32),
  partitionSize: field('0+', int64),
  offsetLag: field('0+', int64),
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
export type DescribeLogDirsResponseInput = InferInput<typeof DescribeLogDirsResponse>

export const DescribeLogDirs: Api<typeof DescribeLogDirsRequest, typeof DescribeLogDirsResponse> =
  api(DescribeLogDirsRequest, DescribeLogDirsResponse)
